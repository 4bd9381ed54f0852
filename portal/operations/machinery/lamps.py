"""The lamps of the overview: each says in words whether a part of the sync works, and what to do where it doesn't."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import func, select

from portal.database import now
from portal.extensions import db
from portal.operations.machinery.stuck import everything
from portal.operations.machinery.workers import Workforce
from portal.operations.moments import clock, lasting, relative
from portal.operations.words import kind
from portal.sync.breaker import OPEN
from portal.sync.models import ApiCall, BuildiumConnection, SyncSchedule, SyncStatus
from portal.sync.states import WORK
from portal.web.formats import plural
from portal.webhooks.gaps import Refusals, Silence, has_missed, has_refused, refusals, silences
from portal.webhooks.models import WebhookEvent
from portal.webhooks.process import OPEN as WAITING

QUIET = timedelta(days=1)  # a company's Buildium says something every working day
SLOW, STUCK = timedelta(minutes=1), timedelta(minutes=10)
SWITCHED_OFF = (
    "Open Buildium’s Settings → Developer tools → Webhooks and switch the subscription on again. Reading what changed"
    " once an hour covers the gap meanwhile."
)
REFUSED = (
    "Either somebody else sends them, or the secret was changed in Buildium: then put the new one first in"
    " BUILDIUM_WEBHOOK_SECRETS. Buildium switches a webhook off after twenty refusals."
)
SHORTEST_GRACE, LONGEST_GRACE = timedelta(seconds=30), timedelta(hours=1)


@dataclass(frozen=True)
class Lamp:
    """`tone` is good, wait, bad or off; `detail` says what it means or what to do."""

    name: str
    tone: str
    words: str
    detail: str = ""
    url: str = ""


@dataclass(frozen=True)
class Signs:
    """What the lamps are read from."""

    connection: BuildiumConnection | None
    last_call: datetime | None
    oldest_due: datetime | None
    next_try: datetime | None
    last_event: datetime | None
    oldest_event: datetime | None
    silences: Sequence[Silence] = ()
    refusals: Refusals | None = None


def signs() -> Signs:
    """Two queries, each part of which reads one entry of an index; two more where webhooks are in trouble."""
    work = SyncStatus.sync_status.in_(sorted(state.value for state in WORK))
    due = select(func.min(SyncStatus.next_attempt_at)).where(work, SyncStatus.next_attempt_at <= func.now())
    coming = select(func.min(SyncStatus.next_attempt_at)).where(work, SyncStatus.next_attempt_at > func.now())
    oldest = select(func.min(WebhookEvent.created_at)).where(WebhookEvent.state.in_(WAITING))
    last = select(func.max(WebhookEvent.created_at))
    answered = select(func.max(ApiCall.created_at)).where(ApiCall.created_at > func.now() - QUIET)
    parts = (each.scalar_subquery() for each in (answered, due, coming, last, oldest))
    moments: Sequence[Any] = db.session.execute(select(*parts, has_missed(), has_refused())).one()
    answered_at, due_at, coming_at, last_at, oldest_at, unannounced, refused = moments
    return Signs(
        db.session.scalar(select(BuildiumConnection)),
        answered_at,
        due_at,
        coming_at,
        last_at,
        oldest_at,
        silences() if unannounced else (),
        refusals(last_at) if refused else None,
    )


def lamps(found: Signs, workforce: Workforce | None, schedule: Sequence[SyncSchedule]) -> list[Lamp]:
    return [
        connection_lamp(found.connection, found.last_call),
        workers_lamp(workforce),
        unsent_lamp(found.oldest_due),
        webhook_lamp(found),
        stuck_lamp(),
        schedule_lamp(schedule),
    ]


def connection_lamp(connection: BuildiumConnection | None, last_call: datetime | None) -> Lamp:
    name, url = "Buildium", url_for("operations.api_log")
    if connection is None or (connection.state != OPEN and last_call is None):
        return Lamp(name, "off", "Not asked lately", "The next call to Buildium will show whether the key works.", url)
    if connection.state != OPEN:
        account = f" Account: {connection.account_name}." if connection.account_name else ""
        return Lamp(name, "good", "The key works", f"Last call {relative(last_call)}.{account}", url)
    since = f"Nothing is sent or fetched since {clock(connection.opened_at)}. " if connection.opened_at else ""
    again = f" Asked again {relative(connection.next_probe_at)}." if connection.next_probe_at else ""
    detail = f"{since}Nothing is lost: it goes on by itself.{again}"
    return Lamp(name, "bad", connection.reason or "Refused", detail, url)


def workers_lamp(workforce: Workforce | None) -> Lamp:
    name, url = "Workers", url_for("operations.queues")
    if workforce is None:
        words = "The queue (Redis) doesn’t answer"
        return Lamp(name, "bad", words, "Saves are kept and sent once it is back. Start Redis again.", url)
    idle = workforce.idle_lanes
    if len(idle) == len(workforce.lanes):
        words = "No worker is running"
        return Lamp(name, "bad", words, "Nothing is sent until one is started: “portal worker --lane people”.", url)
    if idle:
        words = f"No worker for: {', '.join(lane.words.lower() for lane in idle)}"
        return Lamp(name, "bad", words, f"Start one: “portal worker --lane {idle[0].name}”.", url)
    running = sum(worker.health != "dead" for worker in workforce.workers)
    stale = sum(worker.health == "stale" for worker in workforce.workers)
    if stale:
        return Lamp(name, "wait", f"{stale} of {running} gave no sign of life lately", "It may be stuck.", url)
    return Lamp(name, "good", f"{running} running", "", url)


def unsent_lamp(oldest_due: datetime | None) -> Lamp:
    name, url = "Oldest unsent change", url_for("operations.records", state="pending")
    if oldest_due is None:
        return Lamp(name, "good", "Nothing is overdue", "", url)
    age = now() - oldest_due
    tone = "bad" if age > STUCK else "wait" if age > SLOW else "good"
    detail = "" if tone == "good" else "Either much is being sent, or the workers or Buildium don’t keep up."
    return Lamp(name, tone, f"Due for {lasting(age)}", detail, url)


def webhook_lamp(found: Signs) -> Lamp:
    name, url, last, oldest = "Webhooks", url_for("operations.webhooks"), found.last_event, found.oldest_event
    if found.refusals:
        words = f"{found.refusals.number:,} were refused, and none was accepted since: {found.refusals.reason}"
        return Lamp(name, "bad", words, REFUSED, url)
    if found.silences:
        number = sum(each.number for each in found.silences)
        kinds = ", ".join(kind(each.entity_type) for each in found.silences)
        words = f"Buildium says nothing any more, but {plural(number, 'change')} were found there ({kinds})"
        return Lamp(name, "bad", words, SWITCHED_OFF, url_for("operations.drift", state="missed"))
    if oldest is not None and now() - oldest > SLOW:
        words = f"Events wait since {clock(oldest)}"
        waiting = url_for("operations.webhooks", state="received")
        return Lamp(name, "wait", words, "They are handled in order as soon as a worker is free.", waiting)
    if last is None:
        return Lamp(name, "off", "None has arrived yet", "In Buildium, add a webhook to this portal’s address.", url)
    if now() - last > QUIET:
        words = f"None since {clock(last)}"
        detail = "Buildium may have suspended the subscription: check it there. Polling covers the gap meanwhile."
        return Lamp(name, "wait", words, detail, url)
    return Lamp(name, "good", f"Last one {relative(last)}", "", url)


def stuck_lamp() -> Lamp:
    name, url = "Stuck", url_for("operations.queues", _anchor="stuck")
    lasting_ones = [each for each in everything() if each.number]
    late = [each for each in lasting_ones if each.is_late]
    if not lasting_ones:
        return Lamp(name, "good", "Nothing is stuck", "", url)
    worst = (late or lasting_ones)[0]
    words = f"{worst.stuck.title}: {worst.count}"
    within = f"It should go on by itself within {lasting(worst.stuck.within)}"
    return Lamp(name, "bad" if late else "wait", words, f"{within}, and hasn’t." if late else f"{within}.", url)


def schedule_lamp(schedule: Sequence[SyncSchedule]) -> Lamp:
    name, url = "Schedule", url_for("operations.queues", _anchor="schedule")
    health = [task_health(task) for task in schedule]
    if not schedule:
        return Lamp(name, "off", "The scheduler has never run", "Start it: “portal scheduler”.", url)
    if all(each == "down" for each in health):
        return Lamp(name, "bad", "The scheduler is not running", "Start it: “portal scheduler”.", url)
    troubled = [task.name for task, each in zip(schedule, health, strict=True) if each in ("down", "failed")]
    if troubled:
        return Lamp(name, "bad", f"In trouble: {', '.join(troubled)}", "", url)
    if "late" in health:
        return Lamp(name, "wait", "Some tasks are late", "", url)
    return Lamp(name, "good", "On time", "", url)


def task_health(task: SyncSchedule) -> str:
    """new (not due yet), up, late (due, within its grace), down (due for longer), or failed the last time."""
    if task.next_due_at is None:
        return "new"
    overdue = now() - task.next_due_at
    grace = min(max(SHORTEST_GRACE, timedelta(seconds=task.interval_seconds / 4)), LONGEST_GRACE)
    if overdue > grace:
        return "down"
    if task.last_error:
        return "failed"
    if overdue > timedelta(seconds=5):
        return "late"
    return "up" if task.last_started_at else "new"


def tasks() -> Sequence[SyncSchedule]:
    return db.session.scalars(select(SyncSchedule).order_by(SyncSchedule.interval_seconds, SyncSchedule.name)).all()
