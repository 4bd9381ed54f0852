"""Once a day, at a stated hour where the portal is: how the sync stands, in one message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from flask import url_for
from sqlalchemy import func, select

from portal.database import now
from portal.extensions import db
from portal.operations.alerts.causes import Cause
from portal.operations.alerts.messages import link, say, settings
from portal.operations.alerts.models import AlertKind
from portal.operations.counts import ALL, records_by_state
from portal.operations.words import call_title, state_words
from portal.sync.models import ApiCall, SyncRun
from portal.sync.states import State
from portal.web.formats import here, number, plural

DAY = timedelta(days=1)
# A clock that was stopped at the hour still sends it within the next few; a whole day late it would only confuse.
LATEST_HOURS = 6
SLOWEST = 3
SLOW = 1000  # milliseconds, as the index of slow calls has it
STATES = (State.PENDING, State.FAILED, State.CONFLICT, State.BLOCKED, State.UNCERTAIN, State.MISSING, State.HELD)


def say_if_due(found: Sequence[Cause]) -> None:
    """Write today's digest down, once. Does not commit."""
    local, hour = here(now()), settings().alerting.digest_hour
    if hour is None or not hour <= local.hour < hour + LATEST_HOURS:
        return
    things = f"{plural(len(found), 'thing')} need{'s' if len(found) == 1 else ''} a person"
    subject = f"Sync with Buildium today: {things if found else 'nothing needs a person'}"
    once = f"digest:{local.date().isoformat()}"
    say(AlertKind.DIGEST, subject, "\n\n".join(paragraphs(found)), url_for("operations.index"), once=once)


def paragraphs(found: Sequence[Cause]) -> Iterator[str]:
    if found:
        yield "\n".join(["Needs a person:", *(f"- {words(each)} {link(each.url)}" for each in found)])
    yield "\n".join(["Records:", *records()])
    yield "\n".join(["Differences to Buildium, last 24 hours:", f"- {drift()}"])
    yield "\n".join(
        ["Slowest calls to Buildium, last 24 hours:", *(slowest() or ["- None took longer than a second."])]
    )


def words(cause: Cause) -> str:
    return f"{cause.title}." if cause.is_part else f"{cause.title}: {number(cause.number)}."


def records() -> list[str]:
    counts = records_by_state()
    good, total = counts.get(State.SYNCED, 0), counts.get(ALL, 0)
    listed = [f"- {state_words(state)}: {number(counts[state])}" for state in STATES if counts.get(state)]
    return [f"- {number(good)} of {number(total)} match Buildium", *listed]


def drift() -> str:
    """What comparisons of whole listings found that no webhook had told."""
    lately = (SyncRun.created_at > now() - DAY, SyncRun.kind.in_(("full", "incremental", "owners")))
    totals = select(func.coalesce(func.sum(SyncRun.updated), 0), func.coalesce(func.sum(SyncRun.missing), 0))
    updated, missing = db.session.execute(totals.where(*lately)).one()
    if not updated and not missing:
        return "None were found."
    return f"{plural(updated, 'record')} had changed there and {'was' if updated == 1 else 'were'} brought here; " + (
        f"{plural(missing, 'record')} {'was' if missing == 1 else 'were'} gone there."
    )


def slowest() -> list[str]:
    lately = (ApiCall.created_at > now() - DAY, ApiCall.duration_ms >= SLOW)
    rows = select(ApiCall.id, ApiCall.method, ApiCall.endpoint, ApiCall.response_status, ApiCall.duration_ms)
    top = db.session.execute(rows.where(*lately).order_by(ApiCall.duration_ms.desc()).limit(SLOWEST))
    return [
        f"- {row.duration_ms / 1000:.1f} s: {call_title(row.method, row.endpoint, row.response_status)}"
        f" {link(url_for('operations.call', call_id=row.id))}"
        for row in top
    ]
