"""One record's values on both sides, field by field: what was agreed last, what stands here, what would be sent."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.extensions import db
from portal.operations.words import shown
from portal.sync.bodies import Values, create_body, disguised, merged, ours, secret_remotes, theirs, update_body
from portal.sync.current import current_sync
from portal.sync.identities import Identities
from portal.sync.merge import equal
from portal.sync.models import SyncStatus
from portal.sync.places import place_of
from portal.sync.resource import Direction, Field, Resource, at
from portal.vault import Sealed
from portal.web.record_sync import MARKS, Mark

HIDDEN = "•••"


@dataclass(frozen=True)
class Row:
    """One field. `sent` is what the next request would carry, None where it carries nothing; `changes` tells that it
    would change something in Buildium. `here_too` is False for Buildium's values that the portal doesn't show."""

    label: str
    base: str
    ours: str
    theirs: str
    sent: str | None
    mark: Mark | None
    changes: bool
    in_conflict: bool
    here_too: bool


def table(row: SyncStatus) -> list[Row]:
    """Fields that are empty on both sides are left out; all of them are where the record is gone here.

    Raises SealedError where an encrypted value can't be read.
    """
    resource = current_sync().resources.by_name.get(row.entity_type)
    record = db.session.get(resource.model, row.entity_id) if resource else None
    if resource is None or record is None:
        return []
    ids = Identities()
    resource = place_of(resource, record, ids)
    values = ours(resource, record, ids)
    seen = theirs(resource, row.remote_snapshot or {})
    body, changed = request_of(resource, row, values)
    hidden = secrets(resource)
    lines = [
        line(item, row, values, seen, body, item.remote in changed, item.remote in hidden)
        for item in resource.fields
        if item.remote
    ]
    return [each for each in lines if each.base or each.ours or each.theirs or each.changes or each.in_conflict]


def request_of(resource: Resource, row: SyncStatus, values: Values) -> tuple[dict[str, Any], set[str]]:
    """The body that the next push would send if Buildium still holds what it held last, and the places it changes."""
    if not resource.pushed:
        return {}, set()
    if row.buildium_id is None:
        body = create_body(resource, values)
        return body, {item.remote for item in resource.fields if at(body, item.remote) is not None}
    merge = merged(resource, row.remote_snapshot, values, row.remote_snapshot or {})
    return update_body(resource, merge.values), merge.outgoing


def line(
    item: Field, row: SyncStatus, values: Values, seen: Values, body: dict[str, Any], changes: bool, hidden: bool
) -> Row:
    conflict: Mapping[str, Any] = (row.conflict or {}).get(item.remote) or {}
    last = conflict.get("base") if conflict else seen.get(item.remote)
    mine = values.get(item.remote) if item.name else None
    if item.name and item.direction is Direction.PULL:
        mine = seen.get(item.remote)
    # A switch goes by a request of its own instead of the body.
    sent = mine if item.direction is Direction.SWITCH and changes else at(body, item.remote)
    show = veiled if hidden else shown
    return Row(
        label=item.words,
        base=show(last),
        ours=show(mine),
        theirs=show(seen.get(item.remote)),
        sent=None if sent is None else show(sent),
        mark=MARKS.get(item.direction.value),
        changes=changes and not (hidden and equal(disguised(sent), seen.get(item.remote))),
        in_conflict=bool(conflict),
        here_too=item.name is not None,
    )


def veiled(value: Any) -> str:
    return HIDDEN if value not in (None, "", []) else ""


def secrets(resource: Resource) -> set[str]:
    """The places whose value no page of the dashboard shows: what Buildium keeps secret, and what we encrypt."""
    sealed = {
        item.remote
        for item in resource.fields
        if item.name and isinstance(inspect.getattr_static(resource.model, item.name, None), Sealed)
    }
    return secret_remotes(resource) | sealed
