"""What in the sync waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Row, Select, func, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute

from portal.extensions import db
from portal.operations.alerts.models import AlertCause
from portal.operations.counts import records_by_state
from portal.operations.issues.models import Issue
from portal.operations.issues.states import IssueState, state_now
from portal.operations.records.mine import NEEDY, is_mine
from portal.sync.adoption_models import Adoption
from portal.sync.models import SyncPause, SyncSchedule, SyncStatus
from portal.sync.pauses import PAUSED
from portal.sync.states import State
from portal.web.record_sync import Attention
from portal.webhooks.gaps import silences
from portal.webhooks.models import EventState, WebhookEvent

COUNT_TO = 999
# The clock begins some task every two seconds.
STOPPED = func.max(SyncSchedule.last_started_at) < func.now() - timedelta(minutes=5)
WORST_FIRST = (
    (State.FAILED, "refused by Buildium", "bad"),
    (State.CONFLICT, "changed on both sides", "bad"),
    (State.MISSING, "gone in Buildium", "bad"),
    (State.BLOCKED, "can’t be sent yet", "wait"),
)
AMBIGUOUS = (SyncStatus.sync_status == State.UNCERTAIN.value, SyncStatus.cause == "several candidates")
LOST = (SyncStatus.sync_status == State.UNCERTAIN.value, SyncStatus.cause == "not found after a lost answer")
FOR_REVIEW = (Adoption.state == "review",)
DEAD = (WebhookEvent.state == EventState.DEAD.value,)


def attention() -> Sequence[Attention]:
    """Every list that isn't empty and needs somebody, what this person has changed first, then worst first. Two
    queries."""
    return full_lists(numbers())


def attention_and_pauses() -> Sequence[Attention]:
    """The same for the first page, and before it what keeps more than one record waiting: parts that don't work, as the
    clock has seen them within the last minute, runs that stopped, and pauses, which somebody may have forgotten."""
    found = numbers()
    stopped_ones = url_for("operations.issues", state=IssueState.OPEN.value, cause="run failed")
    held_up = [Attention(title, number, url) for title, number, url in found.parts or ()]
    held_up.append(Attention("Imports and comparisons that stopped", found.stopped, stopped_ones))
    held_up.append(Attention("Pauses that hold the sync back", found.paused, url_for("operations.index"), "wait"))
    return [*(each for each in held_up if each.count), *full_lists(found)]


def numbers() -> Row[Any]:
    """How long the lists are that aren't told apart by a state alone, and what holds the sync up. One query."""
    mine = whole(SyncStatus.id, is_mine()).scalar_subquery().label("mine")
    return db.session.execute(ALWAYS_ASKED.add_columns(mine)).one()


def full_lists(numbers: Row[Any]) -> Sequence[Attention]:
    counts = records_by_state()
    found = [
        Attention(f"Records {words}", counts.get(state, 0), url_for("operations.records", state=state.value), tone)
        for state, words, tone in WORST_FIRST
    ]
    several = url_for("operations.records", state=State.UNCERTAIN.value, cause="several candidates")
    nowhere = url_for("operations.records", state=State.UNCERTAIN.value, cause="not found after a lost answer")
    found.insert(3, Attention("Records that could be several in Buildium", numbers.ambiguous, several))
    found.insert(4, Attention("Records that were sent and not found in Buildium", numbers.lost, nowhere))
    found.insert(
        5, Attention("Webhooks given up", numbers.dead, url_for("operations.webhooks", state=EventState.DEAD.value))
    )
    beside = url_for("operations.matches", state="review")
    found.insert(3, Attention("Rows that may be in Buildium already", numbers.for_review, beside))
    own = url_for("operations.records", mine="yes")
    found.insert(0, Attention("Records you changed that need somebody", numbers.mine, own))
    silent = sum(each.number for each in silences())
    unheard = url_for("operations.drift", state="missed")
    found.append(Attention("Changes that Buildium’s webhooks didn’t announce", silent, unheard))
    return [each for each in found if each.count]


def number_waiting() -> str:
    """For the navigation, on every page: the number of what needs a person, empty for none. One query, which looks
    at no more than a thousand entries of an index."""
    number = sum(db.session.execute(WAITING).one())
    return "" if not number else f"{COUNT_TO}+" if number > COUNT_TO else str(number)


def whole(key: InstrumentedAttribute[object], *where: ColumnElement[bool]) -> Select[Any]:
    return select(func.count()).select_from(key.class_).where(*where)


def few(key: InstrumentedAttribute[object], *where: ColumnElement[bool]) -> Select[Any]:
    rows: Select[Any] = select(literal_column("1")).select_from(key.class_).where(*where).limit(COUNT_TO + 1)
    return select(func.count()).select_from(rows.subquery())


BROKEN = func.json_agg(func.json_build_array(AlertCause.title, AlertCause.number, AlertCause.url))
STOPPED_RUNS = (Issue.cause == "run failed", state_now == IssueState.OPEN.value)
ALWAYS_ASKED = select(
    whole(SyncStatus.id, *AMBIGUOUS).scalar_subquery().label("ambiguous"),
    whole(SyncStatus.id, *LOST).scalar_subquery().label("lost"),
    whole(WebhookEvent.id, *DEAD).scalar_subquery().label("dead"),
    whole(Adoption.id, *FOR_REVIEW).scalar_subquery().label("for_review"),
    select(BROKEN).where(AlertCause.is_open, AlertCause.is_part).scalar_subquery().label("parts"),
    whole(Issue.id, *STOPPED_RUNS).scalar_subquery().label("stopped"),
    whole(SyncPause.id, SyncPause.mode == PAUSED).scalar_subquery().label("paused"),
)
LISTS = (
    few(SyncStatus.id, NEEDY),
    few(SyncStatus.id, *AMBIGUOUS),
    few(SyncStatus.id, *LOST),
    few(WebhookEvent.id, *DEAD),
    few(Adoption.id, *FOR_REVIEW),
    # Parts that don't work, as the clock has seen them within the last minute; and the clock itself.
    few(AlertCause.cause, AlertCause.is_open.is_(True), AlertCause.is_part.is_(True)),
    select(func.count()).select_from(select(literal_column("1")).select_from(SyncSchedule).having(STOPPED).subquery()),
)
# Built once: to build it takes longer than to send it, and every page does.
WAITING = select(*(each.scalar_subquery() for each in LISTS))
