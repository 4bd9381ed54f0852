"""One page of Buildium's records beside ours, read with as many queries for a thousand records as for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import selectinload

from portal.extensions import db
from portal.sync.current import current_sync
from portal.sync.identities import Identities
from portal.sync.matching import Undecided
from portal.sync.models import SyncStatus
from portal.sync.resource import Body, Field, Resource, at

# A person who saves holds the record and waits for its outbox row, which a pull has first. Whoever waits for a second
# (PostgreSQL's deadlock_timeout) may be ended, and that must never be the person.
GIVE_WAY = text("set local lock_timeout = '400ms'")

Key = tuple[int, int | None]


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    BUSY = "busy"  # a push of it is under way, or it was sent or fetched since Buildium was asked: look again
    MISSING = "missing"
    FOREIGN = "foreign"  # not a record of ours to keep
    REFUSED = "refused"  # our tables can't hold it
    REVIEW = "review"  # it may be a row of ours, or its parent may: a person says so first


# The strongest last: where one record of Buildium's is several here, the most telling outcome stands for all.
WEIGHT = (
    *(Outcome.FOREIGN, Outcome.MISSING, Outcome.UNCHANGED, Outcome.UPDATED, Outcome.CREATED),
    Outcome.REVIEW,
    *(Outcome.CONFLICT, Outcome.REFUSED, Outcome.BUSY),
)


@dataclass
class Page:
    """One page of Buildium's records with what we have of them."""

    resource: Resource
    bodies: Sequence[Body]
    asked_at: datetime | None = None  # see `asked_now`; None where nothing is kept of the page
    ids: Identities = field(default_factory=Identities)
    rows: dict[Key, SyncStatus] = field(default_factory=dict)
    records: dict[Key, Any] = field(default_factory=dict)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    arrivals: list[tuple[Any, Body]] = field(default_factory=list)
    taken: dict[int, frozenset[str]] = field(default_factory=dict)  # where Buildium's value became ours
    unsettled: list[tuple[Resource, Body]] | None = None  # creates of ours that may have been made; None: not asked yet
    undecided: Undecided | None = None  # rows of ours that were here first; None: not asked yet
    deferred: set[tuple[str, int]] = field(default_factory=set)  # parents that aren't imported because of a review
    for_review: dict[int, str] = field(default_factory=dict)  # what of the page isn't imported, and why
    parents: list[Any] = field(default_factory=list)  # held, so that the session's weak identity map keeps them

    def key(self, body: Body) -> Key:
        """What tells a record from others of its kind: inside a parent, Buildium's id alone may stand for several."""
        nested = self.resource.nested
        return body["Id"], body.get(nested.key) if nested else None


def load(page: Page) -> None:
    """Two or three queries for a page of any size, and one for each relationship that the mapping touches. From then
    on, until the commit, nothing is waited for as long as by others."""
    kind, wanted = page.resource, [body["Id"] for body in page.bodies]
    mine = (SyncStatus.entity_type == kind.name, SyncStatus.buildium_id.in_(wanted))
    # Locked in one order, so that two pulls can't wait for each other, and no push settles in between.
    locked = select(SyncStatus).where(*mine).order_by(SyncStatus.id).with_for_update()
    rows = db.session.scalars(locked.execution_options(populate_existing=True)).all()
    column = getattr(kind.model, kind.id_column)
    options = [selectinload(getattr(kind.model, name)) for name in kind.loads]
    if kind.named_after:
        parent = current_sync().resource(kind.named_after)
        page.parents = list(
            db.session.scalars(select(parent.model).where(parent.model.id.in_(page.ids.known(parent.name))))
        )
    records = db.session.scalars(select(kind.model).where(column.in_(wanted)).options(*options)).all()
    held = {row.entity_id: row for row in rows}
    if unnamed := [str(record.id) for record in records if str(record.id) not in held]:
        # Their rows, where there are any, don't know which of Buildium's records they are.
        mine = (SyncStatus.entity_type == kind.name, SyncStatus.entity_id.in_(unnamed))
        unknown = select(SyncStatus).where(*mine).order_by(SyncStatus.id).with_for_update()
        held |= {row.entity_id: row for row in db.session.scalars(unknown.execution_options(populate_existing=True))}
    db.session.execute(GIVE_WAY)
    for record in records:
        key = key_of(page, record)
        page.records[key] = record
        if str(record.id) in held:
            page.rows[key] = held[str(record.id)]


def key_of(page: Page, record: Any) -> Key:
    kind = page.resource
    nested = kind.nested
    parent = page.ids.remote(nested.resource, getattr(record, nested.attribute)) if nested else None
    return getattr(record, kind.id_column), parent


def references(page: Page) -> dict[str, set[int]]:
    """The Buildium ids that the page's records and their parts name, by resource."""
    found: dict[str, set[int]] = {}
    for item in page.resource.fields:
        values = [item.extract(body) for body in page.bodies]
        if item.items:
            for each in item.items.fields:
                note_ids(found, each, [at(part, each.remote) for parts in values for part in parts])
        else:
            note_ids(found, item, values)
    found.get(page.resource.name, set()).difference_update(body["Id"] for body in page.bodies)
    return found


def named_in(resource: Resource, body: Body) -> set[tuple[str, int]]:
    """The records (resource, Buildium id) that one record names."""
    return {(name, each) for name, ids in references(Page(resource, [body])).items() for each in ids}


def note_ids(found: dict[str, set[int]], item: Field, values: Sequence[Any]) -> None:
    if item.refers_to:
        flat = [each for value in values for each in (value if isinstance(value, list) else [value])]
        found.setdefault(item.refers_to, set()).update(each for each in flat if isinstance(each, int))


def expanded(resource: Resource, bodies: Sequence[Body]) -> list[Body]:
    found = [each for body in bodies for each in (resource.expand(body) if resource.expand else [body])]
    key = resource.nested.key if resource.nested else ""
    return list({(each["Id"], each.get(key)): each for each in found if isinstance(each.get("Id"), int)}.values())


def names_strangers(item: Field, body: Body, ids: Identities) -> bool:
    """Whether a list of parts in the answer refers to records that we don't have."""
    named = [(each.refers_to, at(part, each.remote)) for each in references_in(item) for part in item.extract(body)]
    return any(isinstance(number, int) and ids.local(name, number) is None for name, number in named)


def references_in(item: Field) -> list[Field]:
    return [each for each in item.items.fields if each.refers_to] if item.items else []
