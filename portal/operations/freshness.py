"""How records stand against Buildium, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import has_request_context, url_for
from sqlalchemy import ARRAY, Text, any_, bindparam, select

from portal.database import now
from portal.extensions import db
from portal.operations.causes.catalogue import slug
from portal.operations.moments import clock, relative
from portal.operations.places import errors, fix_url
from portal.operations.words import TONES, cause_of, state_words
from portal.sync.breaker import OPEN
from portal.sync.models import BuildiumConnection, SyncStatus
from portal.sync.pauses import SHADOW
from portal.sync.states import State
from portal.web.access import Permission, may
from portal.web.record_sync import Freshness

LONGEST = 90
# Where nobody looks any more, by the cause.
UNKNOWN = {
    "several candidates": "Which record in Buildium?",
    "not found after a lost answer": "Is it in Buildium? Nothing was found there",
}
# For lists, where a whole sentence in each row would hide the rest.
BRIEF = {
    State.PENDING: "Waiting", State.BLOCKED: "Can’t be sent", State.SYNCING: "Sending", State.SYNCED: "Matches",
    State.FAILED: "Refused", State.UNCERTAIN: "Unknown", State.CONFLICT: "Conflict", State.MISSING: "Gone there",
    State.HELD: "Paused",
}  # fmt: skip
UNTAKEN = timedelta(seconds=60)  # due for so long without a worker taking it

COLUMNS = (
    SyncStatus.id, SyncStatus.entity_type, SyncStatus.entity_id, SyncStatus.sync_status, SyncStatus.error_message,
    SyncStatus.error_fields, SyncStatus.attempts, SyncStatus.next_attempt_at, SyncStatus.last_synced_at,
    SyncStatus.cause,
)  # fmt: skip


# Built once: to build a statement takes longer than to send it.
PAUSED = select(BuildiumConnection.reason).where(BuildiumConnection.state == OPEN).scalar_subquery()
IS_OPEN = select(BuildiumConnection.state == OPEN).scalar_subquery()
STATES = select(*COLUMNS, PAUSED.label("why_open"), IS_OPEN.label("is_open")).where(
    SyncStatus.entity_type == bindparam("entity_type"),
    SyncStatus.entity_id == any_(bindparam("ids", type_=ARRAY(Text))),
)


def freshness(entity_type: str, ids: Sequence[str]) -> Mapping[str, Freshness]:
    """By local id; a record without an outbox row is left out. One query."""
    rows = db.session.execute(STATES, {"entity_type": entity_type, "ids": list(ids)})
    return {row.entity_id: of(row) for row in rows}


def of(row: Any) -> Freshness:
    """`row` has COLUMNS, and is_open and why_open about the connection."""
    state = row.sync_status
    if state == State.SYNCED:
        return Freshness(state, words(row), TONES[state], brief=BRIEF[state])
    fix = None if state in (State.SYNCING, State.PENDING) else fix_url(row, state)
    return Freshness(state, words(row), TONES[state], detail(row), fix, BRIEF[state], help_url(row.cause))


def help_url(cause: str | None) -> str | None:
    """The page that explains the cause, for those who may see it."""
    if not (cause and has_request_context() and may(Permission.VIEW_SYNC)):
        return None
    return url_for("operations.help", name=slug(cause))


def words(row: Any) -> str:
    if row.sync_status == State.SYNCED:
        return f"Matches Buildium as of {clock(row.last_synced_at)}" if row.last_synced_at else "Matches Buildium"
    if row.sync_status == State.PENDING:
        return "Saved here, waiting to be sent again" if row.cause else "Saved here, waiting to send"
    if row.sync_status == State.UNCERTAIN:
        return UNKNOWN.get(row.cause, "Outcome unknown: looking in Buildium")
    if row.sync_status in (State.BLOCKED, State.FAILED):
        return f"{state_words(row.sync_status)}: {short(reason(row))}"
    if row.sync_status == State.HELD and row.cause == SHADOW:
        return "Saved here, not sent: shadow mode"
    return state_words(row.sync_status)


def reason(row: Any) -> str:
    return row.error_message or cause_of(row.sync_status, row.cause).title


def reason_in_list(row: Any) -> str:
    """The fields that Buildium complains about, rather than the sentence it says of each refusal."""
    named = errors(row) if row.sync_status == State.FAILED else []
    return " ".join(f"{label}: {message}" if label else message for label, message, _ in named) or reason(row)


def short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def detail(row: Any) -> str:
    if row.sync_status in (State.SYNCED, State.SYNCING):
        return ""
    if row.sync_status == State.PENDING:
        return waiting(row)
    cause = cause_of(row.sync_status, row.cause)
    return " ".join([*(f"{words.rstrip('.')}." for words in complaints(row) or [cause.title]), cause.todo])


def complaints(row: Any) -> list[str]:
    """What was found or Buildium said, with the fields that it names; a block already says them in its sentence."""
    said = [row.error_message] if row.error_message else []
    if row.sync_status != State.FAILED:
        return said
    return said + [f"{label}: {message}" for label, message, _ in errors(row)]


def waiting(row: Any) -> str:
    """What a row that is to be sent waits for."""
    if row.is_open:
        return f"The connection to Buildium is paused: {row.why_open or 'no reason was given'}"
    if row.next_attempt_at is None:
        return ""
    if row.next_attempt_at > now():
        last = f" Last time: {row.error_message}" if row.error_message else ""
        return f"Attempt {row.attempts + 1} at {clock(row.next_attempt_at)}, {relative(row.next_attempt_at)}.{last}"
    if now() - row.next_attempt_at > UNTAKEN:
        return f"It was due {relative(row.next_attempt_at)} and no worker has taken it. Is one running?"
    return ""
