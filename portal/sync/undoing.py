"""Taking a decision back within a time: what it replaced returns, as an ordinary edit that is sent like any other.

A value of ours that gave way comes back here and is sent. A value of Buildium's that gave way comes back here too, and
is sent back where ours had reached Buildium already. What was decided counts as what both sides agreed on last, so that
the push says the right thing whether the decision has reached Buildium, has not, or nobody knows; and what Buildium has
changed meanwhile makes a new conflict instead of being overwritten.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from flask import current_app
from sqlalchemy import select

from portal.acting import actor
from portal.audit import AuditEntry
from portal.config import Settings
from portal.database import now
from portal.extensions import db
from portal.sync.authors import THEIR_DOORS
from portal.sync.bodies import assign, disguised, ours, set_if_new
from portal.sync.current import current_sync
from portal.sync.decision_models import SyncDecision
from portal.sync.decisions import OURS, THEIRS, agree_on, is_plain, latest_of, record_of
from portal.sync.identities import Identities
from portal.sync.merge import equal
from portal.sync.models import SyncStatus
from portal.sync.outbox import lane_now, queue, wake
from portal.sync.paths import at
from portal.sync.resource import Field, Resource
from portal.sync.states import State, TransitionError

NOT_KEPT = "Buildium’s value isn’t kept here, so it can’t come back"


def undo(decision: SyncDecision) -> None:
    """Put back what the decision replaced. Raises TransitionError, with the reason in words, where that can't be done.
    Commits, and sends."""
    undone(decision)
    db.session.commit()
    wake(decision.entity_type, decision.entity_id, lane_now())


def undone(decision: SyncDecision) -> None:
    """What `undo` does, without committing and waking."""
    mine = select(SyncStatus).where(SyncStatus.id == decision.status_id).with_for_update()
    row = db.session.scalar(mine.execution_options(populate_existing=True))
    db.session.refresh(decision)
    if reason := why_not(decision, row):
        raise TransitionError(reason)
    assert row is not None
    resource, record = record_of(row)
    if reason := moved_on(decision, row, resource, record):
        raise TransitionError(reason)
    put_back(decision, row, resource, record)
    who = actor()
    decision.undone_at, decision.undone_by = now(), who.name if who else "Nobody"
    decision.undone_by_id = who.user_id if who else None
    decision.undone_words = said_of(decision)


def why_not(decision: SyncDecision, row: SyncStatus | None) -> str:
    """Why it can't be undone, in a sentence, as far as that can be said without the record; empty where it can."""
    if decision.undone_at is not None:
        return f"{decision.undone_by} has undone it already."
    if undo_until(decision) < now():
        return f"It was decided more than {undo_hours()} hours ago. Edit the record instead."
    if row is None:
        return "The record no longer exists here."
    if not any(comes_back(each) for each in decision.fields.values()):
        return f"{NOT_KEPT}. Enter it by hand."
    return since(decision, row)


def since(decision: SyncDecision, row: SyncStatus) -> str:
    """What has happened to the record since then that an undoing would overwrite."""
    last = db.session.scalar(latest_of(row.id))
    if last is not None and last.id != decision.id:
        return f"{last.decided_by} has decided a later conflict of this record."
    if row.local_version != decision.local_version:
        return f"{last_saved(decision, row)} Edit the record instead."
    if row.sync_status == State.CONFLICT:
        return "It was changed on both sides again: decide that."
    if row.sync_status == State.MISSING:
        return "The record is gone in Buildium."
    return ""


def undo_hours() -> int:
    return cast(Settings, current_app.extensions["settings"]).undo_hours


def undo_until(decision: SyncDecision) -> datetime:
    return decision.decided_at + timedelta(hours=undo_hours())


def last_saved(decision: SyncDecision, row: SyncStatus) -> str:
    table = current_sync().resource(row.entity_type).model.__tablename__
    mine = (AuditEntry.table_name == table, AuditEntry.row_id == row.entity_id, AuditEntry.at > decision.decided_at)
    by_people = AuditEntry.door.notin_(THEIR_DOORS) | AuditEntry.door.is_(None)
    newest = select(AuditEntry.actor_name).where(*mine, by_people).order_by(AuditEntry.id.desc()).limit(1)
    return f"{db.session.scalar(newest) or 'Somebody'} has saved the record since."


def comes_back(each: dict[str, Any]) -> bool:
    return not (each.get("secret") and each["side"] == OURS)


def moved_on(decision: SyncDecision, row: SyncStatus, resource: Resource, record: Any) -> str:
    """Whether Buildium has moved one of the values since, which an undoing would overwrite."""
    mine = ours(resource, record, Identities())
    for item in resource.fields:
        each = decision.fields.get(item.remote)
        if each and not stands(item, each, mine.get(item.remote)):
            return f"Buildium has changed “{each['label']}” since. Edit the record instead."
        if each and not is_plain(item) and row.cause == "retrying":
            return "It is being sent. Undo it when Buildium has answered."
    return ""


def stands(item: Field, each: dict[str, Any], mine: Any) -> bool:
    """Whether our record still says what was decided."""
    if each.get("secret"):
        # Buildium's arrives with the push.
        return any(equal(disguised(mine), each[side]) for side in {OURS, each["side"]})
    if item.items:
        key = key_of(item)
        return equal(*(sorted_parts(parts, key) for parts in (mine, each[each["side"]])))
    return equal(mine, each[each["side"]])


def key_of(item: Field) -> str:
    """The place of a part's identity: a new one gets it from Buildium."""
    items = item.items
    return next((field.remote for field in items.fields if items.key and field.name == items.key), "") if items else ""


def sorted_parts(parts: Sequence[dict[str, Any]] | None, key: str) -> list[str]:
    unkeyed = ({name: value for name, value in part.items() if name != key} for part in parts or ())
    return sorted(json.dumps(part, sort_keys=True, default=str) for part in unkeyed)


def put_back(decision: SyncDecision, row: SyncStatus, resource: Resource, record: Any) -> None:
    """Write what gave way onto the record, as an edit: its row gets a new version, and is sent."""
    secrets = json.loads(decision.secrets or "{}")
    fields = [
        item for item in resource.fields if comes_back(decision.fields.get(item.remote, {"side": OURS, "secret": 1}))
    ]
    agree_on(
        row,
        resource,
        {item.remote: decision.fields[item.remote][decision.fields[item.remote]["side"]] for item in fields},
    )
    values = {item.remote: given_up(item, decision.fields[item.remote], secrets, row) for item in fields}
    # What follows from Buildium's answer comes with the next one.
    assign(replace(resource, derive=None), record, {}, values, Identities())
    for item in fields:
        each = decision.fields[item.remote]
        if each["side"] == THEIRS and "local" in each:
            parent = db.session.get(current_sync().resource(item.refers_to).model, each["local"])
            set_if_new(record, item.name or "", parent.id if parent else None)
    version = row.local_version
    db.session.flush()
    db.session.refresh(row)
    if row.local_version == version:
        queue(db.session, resource, record)
        db.session.refresh(row)
    row.record_name = str(record)[:255]


def given_up(item: Field, each: dict[str, Any], secrets: dict[str, Any], row: SyncStatus) -> Any:
    """The value that the decision replaced."""
    if each.get("secret"):
        return secrets.get(item.remote)
    value = each[OURS if each["side"] == THEIRS else THEIRS]
    if not item.items:
        return value
    # A part that Buildium no longer has comes back as a new one.
    key, there = key_of(item), {at(part, key_of(item)) for part in item.extract(row.remote_snapshot or {})}
    return [part if at(part, key) in there else {k: v for k, v in part.items() if k != key} for part in value or ()]


def said_of(decision: SyncDecision) -> str:
    words = []
    for each in decision.fields.values():
        if not comes_back(each):
            words.append(f"{each['label']} stays ours: {NOT_KEPT}.")
        else:
            words.append(f"{each['label']} is {'ours' if each['side'] == THEIRS else 'Buildium’s'} again.")
    return " ".join(words)
