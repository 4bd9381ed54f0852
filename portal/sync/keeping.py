"""What becomes of one of Buildium's records beside ours: new, adopted, merged with what is unsent, or old news.

Nothing is asked and nothing committed here: `portal.sync.pull` does that, a page at a time.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func

from portal.buildium.limiter import Lane
from portal.database import now
from portal.extensions import db
from portal.sync.bodies import (
    Values,
    assign,
    hash_of,
    incoming,
    merged,
    not_ours,
    ours,
    set_if_new,
    snapshot_of,
    still_ours,
    theirs,
)
from portal.sync.conflicts import attributed, conflict_words, describe, renewed
from portal.sync.matching import PARENT, REVIEW, may_be_ours
from portal.sync.models import SyncStatus
from portal.sync.page import Outcome, Page, named_in
from portal.sync.resource import Body
from portal.sync.states import Event, State, after
from portal.sync.unsettled import is_being_created

REOPENED = {State.MISSING: Event.BACK, State.BLOCKED: Event.RELEASED}


def keep(page: Page, body: Body) -> Outcome:
    row, record = page.rows.get(page.key(body)), page.records.get(page.key(body))
    if page.deferred and page.deferred & named_in(page.resource, body):
        page.for_review[body["Id"]] = PARENT
        return Outcome.REVIEW
    if row is None or record is None:
        return keep_new(page, body, record)
    if row.sync_status == State.SYNCING or is_old(page, row):
        return Outcome.BUSY
    if row.buildium_id is None:
        return keep_adopted(page, row, record, body)
    # What only a look at the single record tells is as it was, where a listing doesn't say it.
    before = row.remote_snapshot or {}
    body = {**{key: before[key] for key in page.resource.more if key in before}, **body}
    found = hash_of(page.resource, body)
    if row.remote_hash == found and row.sync_status != State.MISSING:
        return Outcome.UNCHANGED
    return keep_changed(page, row, record, body, found)


def is_old(page: Page, row: SyncStatus) -> bool:
    """Whether a push, or a pull that asked later, has told more while the answer was under way: as news, it would
    undo a person's edit."""
    return page.asked_at is not None and row.remote_seen_at is not None and row.remote_seen_at > page.asked_at


def keep_new(page: Page, body: Body, record: Any) -> Outcome:
    kind = page.resource
    if record is not None and kind.pushed:
        row = SyncStatus(entity_type=kind.name, entity_id=str(record.id), local_version=1)
        row.record_name, row.lane = str(record)[:255], Lane.BULK.value
        return keep_adopted(page, row, record, body)
    if record is None and may_be_ours(page, body):
        page.for_review[body["Id"]] = REVIEW
        return Outcome.REVIEW
    if record is None and is_being_created(page, body):
        return Outcome.BUSY
    record = kind.model() if record is None else record
    assign(kind, record, body, theirs(kind, body), page.ids)
    setattr(record, kind.id_column, body["Id"])
    db.session.add(record)
    page.arrivals.append((record, body))
    return Outcome.CREATED


def keep_adopted(page: Page, row: SyncStatus, record: Any, body: Body) -> Outcome:
    """A record whose Buildium id the sync has never seen with it: nothing was ever agreed on. Both sides keep what they
    say, and where they say something different, a person decides."""
    row.buildium_id, row.remote_snapshot = body["Id"], {"Id": body["Id"]}
    row.sync_status, row.next_attempt_at = State.PENDING.value, func.clock_timestamp()
    row.error_message = row.cause = None
    db.session.add(row)
    outcome = keep_changed(page, row, record, body, hash_of(page.resource, body))
    if outcome is Outcome.UPDATED and not still_ours(page.resource, record, row.remote_snapshot or {}, body):
        row.sync_status, row.synced_version, row.last_synced_at = State.SYNCED.value, row.local_version, now()
        row.next_attempt_at = None
    return outcome


def agreed_row(page: Page, record: Any, body: Body) -> dict[str, Any]:
    """The outbox row of a record that came from Buildium: both sides agree from the start."""
    kind = page.resource
    return {
        "entity_type": kind.name,
        "entity_id": str(record.id),
        "buildium_id": body["Id"],
        "record_name": str(record)[:255],
        "sync_status": State.SYNCED.value,
        "synced_version": 1,
        "remote_snapshot": snapshot_of(kind, body),
        "remote_hash": hash_of(kind, body),
        "remote_seen_at": page.asked_at,
        "last_synced_at": now(),
    }


def relate(page: Page) -> None:
    """References among the records of one kind: the parent may have come on the same page."""
    for item in page.resource.fields:
        if item.name and item.refers_to == page.resource.name:
            arrived = {getattr(record, page.resource.id_column): record for record, _ in page.arrivals}
            wanted = {item.extract(body) for body in page.bodies} - {None}
            page.ids.load(item.refers_to, remote_ids=wanted)
            for body in page.bodies:
                record = page.records.get(page.key(body)) or arrived.get(body["Id"])
                created = page.outcomes[body["Id"]] is Outcome.CREATED
                if record is not None and (created or item.remote in page.taken.get(body["Id"], ())):
                    set_if_new(record, item.name, incoming(item, item.extract(body), page.ids))


def keep_changed(page: Page, row: SyncStatus, record: Any, body: Body, found: str) -> Outcome:
    """Take what only Buildium changed; where both sides changed the same field, a person decides."""
    kind = page.resource
    mine = ours(kind, record, page.ids)
    merge = merged(kind, row.remote_snapshot, mine, body)
    answer = theirs(kind, body)
    clean = row.sync_status in (State.SYNCED, State.MISSING) and row.synced_version == row.local_version
    taken: Values = answer if clean else {key: answer[key] for key in (merge.incoming | not_ours(kind)) & answer.keys()}
    taken |= {key: value for key, value in merge.values.items() if key in merge.incoming and not clean}
    assign(kind, record, body, taken, page.ids)
    page.taken[body["Id"]] = frozenset(taken)
    row.remote_snapshot = snapshot_of(kind, body, before=row.remote_snapshot)
    row.remote_hash, row.record_name = found, str(record)[:255]
    row.remote_seen_at = func.clock_timestamp()
    if row.sync_status == State.HELD:
        row.next_attempt_at = func.clock_timestamp()  # in shadow mode it is worked out anew
    if merge.conflicts and not clean:
        both = {**describe(kind, merge), **renewed(kind, row.conflict or {}, mine, answer)}
        row.conflict = attributed(kind, record, both, row.conflict)
        row.sync_status, row.cause = State.CONFLICT.value, "conflict"
        row.error_message = conflict_words(row.conflict)
        return Outcome.CONFLICT
    if clean:
        row.sync_status, row.last_synced_at = State.SYNCED.value, func.clock_timestamp()
        row.error_message = row.cause = None
    elif (state := State(row.sync_status)) in REOPENED:
        # Edited here while it was gone there, or kept back for what Buildium said until now: that is still to be sent.
        row.sync_status, row.next_attempt_at = after(REOPENED[state], state).value, func.clock_timestamp()
        row.error_message = row.error_fields = row.cause = row.blocked_on = None
        row.retries = 0
    return Outcome.UPDATED
