"""Rows of the sync for tests, written directly as if the sync had left them so."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import select, update

from portal.acting import Actor, Door
from portal.database import now
from portal.entities.owners.model import Owner
from portal.entities.properties.model import Property
from portal.extensions import db
from portal.sync.models import ApiCall, BuildiumConnection, SyncRun, SyncSchedule, SyncStatus
from portal.sync.states import State
from portal.webhooks.models import EventState, WebhookEvent
from tests.people import speaking_as

Row = TypeVar("Row")

MACHINE = Actor.machine(Door.COMMAND)
_numbers = count(1000)

# What each state leaves in a row.
LEFT: dict[str, dict[str, Any]] = {
    State.PENDING: {},
    State.SYNCING: {},
    State.SYNCED: {"buildium_id": 0, "remote_snapshot": {}, "last_synced_at": None},
    State.BLOCKED: {
        "cause": "missing data",
        "error_message": "Name is missing; Buildium requires it.",
        "error_fields": [{"field": "name", "message": "Name is missing; Buildium requires it."}],
    },
    State.FAILED: {
        "cause": "refused 422",
        "attempts": 1,
        "error_message": "Buildium can't take this.",
        "error_fields": [{"field": "Address.PostalCode", "message": "Not a postal code."}],
    },
    State.UNCERTAIN: {
        "cause": "several candidates",
        "candidates": [{"Id": 71, "Name": "Elm Court"}, {"Id": 72, "Name": "Elm Court"}],
        "error_message": "2 records in Buildium could be this one.",
    },
    State.CONFLICT: {
        "cause": "conflict",
        "buildium_id": 0,
        "remote_snapshot": {"Name": "Their name", "YearBuilt": 1950},
        "conflict": {
            "Name": {"label": "Name", "field": "name", "base": "Old", "ours": "Elm Court", "theirs": "Their name"},
            "YearBuilt": {"label": "Year built", "field": "year_built", "base": 1900, "ours": 1940, "theirs": 1950},
        },
        "error_message": "Changed here and in Buildium: Name, Year built.",
    },
    State.MISSING: {"cause": "missing", "buildium_id": 0, "error_message": "Buildium has no such record any more."},
    State.HELD: {},
}


def write(*rows: Any) -> None:
    """Commit them; they come back loaded and apart from the session, so that a test can read them whoever acts."""
    with speaking_as(MACHINE):
        db.session.add_all(rows)
        db.session.commit()
        for row in rows:
            db.session.refresh(row)
            db.session.expunge(row)


def again(row: Row) -> Row:
    """The row as it is now."""
    with speaking_as(MACHINE):
        found = db.session.get_one(type(row), row.id)  # type: ignore[attr-defined]
        db.session.refresh(found)
        db.session.expunge(found)
    return found


def status(state: str = State.PENDING, entity_type: str = "property", **values: Any) -> SyncStatus:
    """A committed outbox row without a record behind it."""
    number = next(_numbers)
    left = LEFT[state].copy()
    if "buildium_id" in left:
        left["buildium_id"] = number
    facts = {"entity_id": str(uuid4()), "record_name": f"Elm Court {number}", "next_attempt_at": now()}
    row = SyncStatus(entity_type=entity_type, sync_status=str(state), **{**facts, **left, **values})
    write(row)
    return row


def status_of_property(state: str, **values: Any) -> SyncStatus:
    """A committed property, and its outbox row in that state."""
    left = LEFT[state].copy()
    if "buildium_id" in left:
        left["buildium_id"] = next(_numbers)
    with speaking_as(MACHINE):
        record = Property(name="Elm Court", year_built=1940, address_line1="1 Elm St", country="UnitedStates")
        db.session.add(record)
        db.session.commit()
        row = db.session.scalars(select(SyncStatus).where(SyncStatus.entity_id == str(record.id))).one()
        for name, value in {"sync_status": str(state), **left, **values}.items():
            setattr(row, name, value)
        db.session.commit()
        db.session.refresh(row)
        db.session.expunge(row)
    return row


def status_of_owner(tax_id: str) -> SyncStatus:
    """A committed owner with that tax id, and its outbox row."""
    with speaking_as(MACHINE):
        owner = Owner(first_name="Ada", last_name="Lee", tax_payer_id=tax_id, tax_payer_type="SSN")
        db.session.add(owner)
        db.session.commit()
        row = db.session.scalars(select(SyncStatus).where(SyncStatus.entity_id == str(owner.id))).one()
        db.session.expunge(row)
    return row


def open_breaker(reason: str) -> None:
    with speaking_as(MACHINE):
        values = {"state": "open", "reason": reason, "opened_at": now()}
        db.session.execute(update(BuildiumConnection).values(values))
        db.session.commit()


def event(state: str = EventState.PROCESSED, **values: Any) -> WebhookEvent:
    number = next(_numbers)
    facts = {
        "event_id": f"{number:064x}",
        "event_type": "Rental.Updated",
        "event_data": {"EventName": "Rental.Updated", "PropertyId": number, "AccountId": 1},
        "entity_type": "property",
        "buildium_entity_id": number,
        "raw_body": b"{}",
    }
    row = WebhookEvent(state=str(state), **{**facts, **values})
    write(row)
    return row


def call(status_code: int | None = 200, **values: Any) -> ApiCall:
    facts: dict[str, Any] = {
        "endpoint": "/v1/rentals/7",
        "method": "PUT",
        "operation": "PUT /v1/rentals/{id}",
        "response_status": status_code,
        "duration_ms": 143,
        "request_data": {"Name": "Elm Court"},
        "response_data": {"Id": 7, "Name": "Elm Court"},
    }
    row = ApiCall(**{**facts, **values})
    write(row)
    return row


def run(state: str = "done", **values: Any) -> SyncRun:
    facts: dict[str, Any] = {"kind": "full", "entity_type": "property", "requested_by": "schedule", "seen": 40}
    facts |= values
    row = SyncRun(state=state, **{"done": facts["seen"], **facts})
    write(row)
    return row


def task(name: str = "sweep", seconds: int = 2, overdue: float = -1, **values: Any) -> SyncSchedule:
    """A task of the schedule that is due since `overdue` seconds."""
    due = now() - timedelta(seconds=overdue)
    row = SyncSchedule(name=name, interval_seconds=seconds, last_started_at=now(), next_due_at=due, **values)
    write(row)
    return row
