"""What a person can do about a record that needs one: send it again, decide a conflict, settle an unknown outcome."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from sqlalchemy import func

from portal.buildium.limiter import Lane
from portal.extensions import db
from portal.sync.bodies import assign, disguised, ours, secret_remotes, theirs
from portal.sync.conflicts import digest, renewed
from portal.sync.current import current_sync
from portal.sync.identities import Identities
from portal.sync.merge import equal
from portal.sync.models import SyncStatus
from portal.sync.outbox import from_buildium, wake
from portal.sync.resource import Resource, put
from portal.sync.states import Event, State, TransitionError, after

OURS, THEIRS = "ours", "theirs"
CHANGED = "The conflict has changed meanwhile. Look at it again."


def retry(row: SyncStatus) -> None:
    """Send the record again, as if it had just been saved. Raises TransitionError where that means nothing. Commits.

    A conflict isn't settled by trying again: it has to be decided.
    """
    if row.sync_status == State.CONFLICT:
        raise TransitionError("This record was changed on both sides: choose which values stay.")
    to_send(row)
    db.session.commit()
    wake(row.entity_type, row.entity_id, Lane.PEOPLE)


def decide(row: SyncStatus, choices: Mapping[str, str], seen: str | None = None) -> None:
    """End a conflict: per field (its place in a request) “ours” or “theirs”; `seen` is the digest of what was shown.
    Raises TransitionError where a choice is missing, nothing is in conflict, or a side has changed since it was shown.
    Commits, and sends what is ours."""
    if row.sync_status != State.CONFLICT or set(choices) != set(row.conflict or {}):
        raise TransitionError(CHANGED)
    resource = current_sync().resource(row.entity_type)
    record = db.session.get_one(resource.model, row.entity_id)
    if is_outdated(row, resource, record) or seen not in (None, digest(row.conflict)):
        db.session.commit()
        raise TransitionError(CHANGED)
    answer = theirs(resource, row.remote_snapshot or {})
    secret = secret_remotes(resource)
    chosen = {key: answer.get(key) for key, side in choices.items() if side == THEIRS and key not in secret}
    give_way(row, resource, record, {key for key, side in choices.items() if side == THEIRS and key in secret})
    with from_buildium(db.session):
        assign(resource, record, row.remote_snapshot or {}, chosen, Identities())
    row.conflict = None
    row.record_name = str(record)[:255]
    to_send(row)
    db.session.commit()
    wake(row.entity_type, row.entity_id, Lane.PEOPLE)


def is_outdated(row: SyncStatus, resource: Resource, record: Any) -> bool:
    """Whether somebody has saved the record since its conflict was written down, which is brought up to date then."""
    known = row.conflict or {}
    fresh = renewed(resource, known, ours(resource, record, Identities()), theirs(resource, row.remote_snapshot or {}))
    if all(equal(fresh[place]["ours"], known[place]["ours"]) for place in known):
        return False
    row.conflict = fresh
    return True


def give_way(row: SyncStatus, resource: Resource, record: Any, places: set[str]) -> None:
    """Of a secret we have seen only a fingerprint: the push that follows takes Buildium's, once ours counts as what
    both sides agreed on last."""
    mine, agreed = ours(resource, record, Identities()), deepcopy(row.remote_snapshot or {})
    for item in resource.fields:
        if item.remote in places and not callable(item.read):
            put(agreed, item.read or item.remote, disguised(mine[item.remote]))
    row.remote_snapshot = agreed


def link_to(row: SyncStatus, buildium_id: int) -> None:
    """Say which of the candidates an uncertain create has made. Raises TransitionError for any other id. Commits."""
    known = [each["Id"] for each in row.candidates or []]
    if buildium_id not in known:
        raise TransitionError("That record is no candidate for this one.")
    belong(row, buildium_id)
    to_send(row, Event.LINKED)
    db.session.commit()
    wake(row.entity_type, row.entity_id, Lane.PEOPLE)


def create_anew(row: SyncStatus) -> None:
    """Make a new record in Buildium: none of the candidates is this one, or it is gone there. Raises TransitionError
    where neither is so. Commits."""
    if row.sync_status == State.UNCERTAIN and not row.candidates and row.next_attempt_at is not None:
        raise TransitionError("The outcome of this create isn't known yet.")
    to_send(row, Event.ANEW)
    belong(row, None)
    db.session.commit()
    wake(row.entity_type, row.entity_id, Lane.PEOPLE)


def belong(row: SyncStatus, buildium_id: int | None) -> None:
    """Tie the record and its row to a record in Buildium, or to none. What was seen there so far means nothing then."""
    resource = current_sync().resource(row.entity_type)
    record = db.session.get_one(resource.model, row.entity_id)
    with from_buildium(db.session):
        setattr(record, resource.id_column, buildium_id)
    row.buildium_id, row.remote_snapshot, row.remote_hash = buildium_id, None, None


def to_send(row: SyncStatus, event: Event = Event.RETRIED) -> None:
    """What `event` leads to, due now, with everything forgotten that was said about the last attempt."""
    row.sync_status = after(event, State(row.sync_status)).value
    row.attempts, row.next_attempt_at, row.lane = 0, func.clock_timestamp(), Lane.PEOPLE.value
    row.error_message = row.error_fields = row.cause = row.candidates = None
    if event in (Event.LINKED, Event.ANEW):
        # Only then it is known what became of a create; to try again is to look for it first.
        row.last_post_attempt_at = row.last_post_body = None
