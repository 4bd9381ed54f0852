"""What a person can do about a record that needs one: send it again, settle an unknown outcome, create it anew."""

from __future__ import annotations

from sqlalchemy import func

from portal.buildium.limiter import Lane
from portal.extensions import db
from portal.sync.current import current_sync
from portal.sync.models import SyncStatus
from portal.sync.outbox import from_buildium, wake
from portal.sync.states import Event, State, TransitionError, after

ENOUGH = 3  # so often a person may try again what fails for one cause, before something has to be changed


def retry(row: SyncStatus) -> None:
    """Send the record again, as if it had just been saved. Raises TransitionError where that means nothing. Commits.

    A conflict isn't settled by trying again: it has to be decided.
    """
    if row.sync_status == State.CONFLICT:
        raise TransitionError("This record was changed on both sides: choose which values stay.")
    to_send(row)
    db.session.commit()
    wake(row.entity_type, row.entity_id, Lane.PEOPLE)


def retry_later(row: SyncStatus) -> None:
    """As `retry`, but behind what people wait for. Raises TransitionError. Does not commit, and wakes nobody."""
    if row.sync_status == State.CONFLICT:
        raise TransitionError("This record was changed on both sides: choose which values stay.")
    to_send(row, lane=Lane.BULK)


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


def to_send(row: SyncStatus, event: Event = Event.RETRIED, lane: Lane = Lane.PEOPLE) -> None:
    """What `event` leads to, due now, with everything forgotten that was said about the last attempt."""
    if event is Event.RETRIED:
        # How often a person has tried again what failed for one cause; an edit or a success begins anew.
        row.retries = row.retries + 1 if row.issue_id and row.retried_issue_id == row.issue_id else 1
        row.retried_issue_id = row.issue_id
    row.sync_status = after(event, State(row.sync_status)).value
    row.attempts, row.next_attempt_at, row.lane = 0, func.clock_timestamp(), lane.value
    row.error_message = row.error_fields = row.cause = row.candidates = None
    if event in (Event.LINKED, Event.ANEW):
        # Only then it is known what became of a create; to try again is to look for it first.
        row.last_post_attempt_at = row.last_post_body = None
