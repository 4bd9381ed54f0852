"""A person's decision about a conflict: which side's value stays, field by field. Each is kept, so that it can be taken
back, and made for similar records."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from portal.acting import actor
from portal.buildium.limiter import Lane
from portal.database import sqlstate_of
from portal.extensions import db
from portal.sync.authors import changed_by
from portal.sync.bodies import Values, assign, disguised, ours, secret_remotes, theirs
from portal.sync.conflicts import attributed, digest, renewed
from portal.sync.current import current_sync
from portal.sync.decision_models import SyncDecision
from portal.sync.identities import Identities
from portal.sync.merge import equal
from portal.sync.models import SyncStatus
from portal.sync.outbox import from_buildium, wake
from portal.sync.resolve import to_send
from portal.sync.resource import Field, Resource, put
from portal.sync.states import State, TransitionError

OURS, THEIRS = "ours", "theirs"
CHANGED = "The conflict has changed meanwhile{}. Look at it again."
LOCK_NOT_AVAILABLE = "55P03"


class BusyError(TransitionError):
    """Somebody is saving the record at this very moment: the same may work a moment later."""


def decide(row: SyncStatus, choices: Mapping[str, str], seen: str | None = None) -> SyncDecision:
    """End a conflict: per field (its place in a request) “ours” or “theirs”; `seen` is the digest of what was shown.
    The row is locked. Raises TransitionError where a choice is missing, nothing is in conflict, or a side has changed
    since it was shown; then nothing is decided. Commits, and sends what is ours."""
    try:
        decision = decided(row, choices, seen)
    except TransitionError:
        # The conflict may have been brought up to date.
        db.session.commit()
        raise
    db.session.commit()
    wake(row.entity_type, row.entity_id, Lane.PEOPLE)
    return decision


def decided(
    row: SyncStatus,
    choices: Mapping[str, str],
    seen: str | None,
    *,
    batch_id: UUID | None = None,
    lane: Lane = Lane.PEOPLE,
) -> SyncDecision:
    """What `decide` does, without committing and waking."""
    if row.sync_status != State.CONFLICT:
        raise TransitionError(over(row))
    resource, record = record_of(row)
    if is_outdated(row, resource, record) and seen != digest(row.conflict):
        raise TransitionError(CHANGED.format(f": {saved_by(resource, record, row)}"))
    if set(choices) != set(row.conflict or {}) or seen not in (None, digest(row.conflict)):
        raise TransitionError(CHANGED.format(": Buildium says something else now"))
    decision = written_down(row, resource, record, choices)
    decision.batch_id = batch_id
    take_sides(row, resource, record, choices)
    row.conflict = None
    row.record_name = str(record)[:255]
    to_send(row, lane=lane)
    return decision


def over(row: SyncStatus) -> str:
    """Why there is nothing to decide."""
    last = db.session.scalar(latest_of(row.id))
    if last is not None and last.undone_at is None and row.sync_status != State.CONFLICT:
        return CHANGED.format(f": {last.decided_by} has decided it")
    return CHANGED.format("")


def latest_of(row_id: UUID) -> Any:
    """The newest decision about an outbox row."""
    mine = select(SyncDecision).where(SyncDecision.status_id == row_id)
    return mine.order_by(SyncDecision.decided_at.desc(), SyncDecision.id.desc()).limit(1)


def record_of(row: SyncStatus) -> tuple[Resource, Any]:
    """The record of a locked row, locked as well and as it is now. Raises TransitionError where it is gone.

    A save locks the record first and then its row: to wait for it here would be to wait for each other.
    """
    resource = current_sync().resource(row.entity_type)
    options: dict[str, Any] = {"populate_existing": True, "with_for_update": {"nowait": True, "of": resource.model}}
    try:
        with db.session.begin_nested():
            record = db.session.get(resource.model, row.entity_id, **options)
    except OperationalError as error:
        if sqlstate_of(error) != LOCK_NOT_AVAILABLE:
            raise
        raise BusyError("Somebody is saving this record at this very moment. Try it again.") from error
    if record is None:
        raise TransitionError("The record no longer exists here.")
    return resource, record


def is_outdated(row: SyncStatus, resource: Resource, record: Any) -> bool:
    """Whether somebody has saved the record since its conflict was written down, which is brought up to date then."""
    known = row.conflict or {}
    fresh = renewed(resource, known, ours(resource, record, Identities()), theirs(resource, row.remote_snapshot or {}))
    if all(equal(fresh[place]["ours"], known[place]["ours"]) for place in known):
        return False
    row.conflict = attributed(resource, record, fresh, known)
    return True


def saved_by(resource: Resource, record: Any, row: SyncStatus) -> str:
    last = max(
        changed_by(resource, record, row.conflict or {}).values(), key=lambda each: each["changed_at"], default={}
    )
    return f"{last.get('changed_by') or 'somebody'} has saved the record here"


def written_down(row: SyncStatus, resource: Resource, record: Any, choices: Mapping[str, str]) -> SyncDecision:
    """The decision with all three values of each field. Of secrets it holds fingerprints, and ours sealed where it is
    given up; Buildium's aren't known here before the push that follows."""
    mine, answer = ours(resource, record, Identities()), theirs(resource, row.remote_snapshot or {})
    secret = secret_remotes(resource)
    fields = {}
    for item in resource.fields:
        if item.remote in choices:
            known = (row.conflict or {})[item.remote]
            facts = facts_of(item, record, mine, answer, item.remote in secret)
            fields[item.remote] = {**known, **facts, "side": choices[item.remote]}
    given_up = {place: mine[place] for place in secret & choices.keys() if choices[place] == THEIRS and mine[place]}
    who = actor()
    decision = SyncDecision(
        id=uuid4(), status_id=row.id, entity_type=row.entity_type, entity_id=row.entity_id,
        record_name=str(record)[:255], local_version=row.local_version, fields=fields,
        decided_by_id=who.user_id if who else None, decided_by=who.name if who else "Nobody",
    )  # fmt: skip
    decision.secrets = json.dumps(given_up) if given_up else None
    db.session.add(decision)
    return decision


def facts_of(item: Field, record: Any, mine: Values, answer: Values, hidden: bool) -> dict[str, Any]:
    values = (mine.get(item.remote), answer.get(item.remote))
    our_value, their_value = (disguised(each) if hidden else each for each in values)
    facts = {"ours": our_value, "theirs": their_value, "secret": hidden}
    # A parent that isn't in Buildium yet has no id there to remember it by.
    local = getattr(record, item.name or "", None) if item.refers_to and not item.many else None
    return facts | ({"local": str(local)} if local is not None else {})


def take_sides(row: SyncStatus, resource: Resource, record: Any, choices: Mapping[str, str]) -> None:
    """Write Buildium's values onto the record where they were chosen; the push brings what is ours."""
    answer, secret = theirs(resource, row.remote_snapshot or {}), secret_remotes(resource)
    given_way = {place for place, side in choices.items() if side == THEIRS}
    give_way(row, resource, record, given_way & secret)
    with from_buildium(db.session):
        chosen = {place: answer.get(place) for place in given_way - secret}
        assign(resource, record, row.remote_snapshot or {}, chosen, Identities())


def give_way(row: SyncStatus, resource: Resource, record: Any, places: set[str]) -> None:
    """Of a secret we have seen only a fingerprint: the push that follows takes Buildium's, once ours counts as what
    both sides agreed on last."""
    mine = ours(resource, record, Identities())
    agree_on(row, resource, {place: disguised(mine[place]) for place in places})


def agree_on(row: SyncStatus, resource: Resource, values: Mapping[str, Any]) -> None:
    """Let these values (place → value) count as what both sides agreed on last, where an answer holds them plainly."""
    agreed = deepcopy(row.remote_snapshot or {})
    for item in resource.fields:
        if item.remote in values and is_plain(item):
            put(agreed, str(item.read or item.remote), values[item.remote])
    row.remote_snapshot = agreed


def is_plain(item: Field) -> bool:
    """Whether an answer says the value in the spelling of a request, at one place."""
    return not (callable(item.read) or item.items or item.many)
