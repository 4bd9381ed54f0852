"""What a run finds changed in Buildium, written down as evidence: which record, which fields, ours and theirs.

A page is looked at before it is kept, because afterwards there is no difference left to show.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select

from portal.extensions import db
from portal.sync.bodies import hash_of, is_fingerprint, outgoing, snapshot_of, theirs
from portal.sync.drift_models import Announcement, Drift, Finding
from portal.sync.identities import Identities
from portal.sync.merge import equal
from portal.sync.models import SyncRun, SyncStatus
from portal.sync.page import Outcome, expanded
from portal.sync.resource import Body, Direction, Field, Resource
from portal.sync.states import State

# Events arrive seconds to a few minutes after the change (MAPPING §8.1).
TOLERANCE = timedelta(minutes=10)
MOST = 1000  # findings of one run that are kept; all of them are counted
FINDINGS = {Outcome.CREATED: Finding.NEW, Outcome.UPDATED: Finding.CHANGED, Outcome.CONFLICT: Finding.CONFLICT}
HIDDEN = "•••"
FRACTION = re.compile(r"(\.\d{6})\d+")
OPERATIONS = {Finding.NEW: "Created", Finding.GONE: "Deleted"}

Facts = dict[str, Any]


def differences(resource: Resource, bodies: Sequence[Body]) -> dict[int, Facts]:
    """What these records of Buildium's say that we don't know yet, by Buildium id. Reads only; ends its transaction."""
    found: dict[int, Facts] = {}
    kinds = resource.kinds
    for each in (resource,) if kinds is None else map(resource.of_kind, kinds.paths):
        mine = bodies if kinds is None else [body for body in bodies if body.get(kinds.key) == each.tag[kinds.key]]
        new = news(each, expanded(each, mine))
        known = rows_of(each, [body["Id"] for body in new])
        for body in new:
            found[body["Id"]] = facts_of(each, body, row_of(each, body, known.get(body["Id"], [])))
    db.session.rollback()
    return found


def news(resource: Resource, bodies: Sequence[Body]) -> list[Body]:
    """Those that aren't as we saw them last. Of one that is known its hash tells, without its snapshot being read."""
    ours_to_keep = [body for body in bodies if resource.accepts is None or resource.accepts(body)]
    mine = (SyncStatus.entity_type == resource.name, SyncStatus.buildium_id.in_([body["Id"] for body in ours_to_keep]))
    there = SyncStatus.sync_status != State.MISSING.value
    rows = db.session.execute(select(SyncStatus.buildium_id, SyncStatus.remote_hash).where(*mine, there))
    seen = {(row.buildium_id, row.remote_hash) for row in rows}
    return [body for body in ours_to_keep if (body["Id"], hash_of(resource, body)) not in seen]


def rows_of(resource: Resource, numbers: Iterable[int]) -> dict[int, list[SyncStatus]]:
    mine = (SyncStatus.entity_type == resource.name, SyncStatus.buildium_id.in_(list(numbers)))
    found: dict[int, list[SyncStatus]] = {}
    for row in db.session.scalars(select(SyncStatus).where(*mine)):
        found.setdefault(row.buildium_id or 0, []).append(row)
    return found


def row_of(resource: Resource, body: Body, rows: Sequence[SyncStatus]) -> SyncStatus | None:
    """The row of this very record: one payment of several bills is several here, told apart by the bill."""
    if resource.nested and len(rows) > 1:
        key = resource.nested.key
        return next((row for row in rows if (row.remote_snapshot or {}).get(key) == body.get(key)), None)
    return next(iter(rows), None)


def facts_of(resource: Resource, body: Body, row: SyncStatus | None) -> Facts:
    """The columns of a finding about a record, known by `row`, that Buildium has as `body`."""
    moment = moment_of(body.get("CreatedDateTime" if row is None else "LastUpdatedDateTime"))
    if row is None:
        return {"changed_at": moment, "known_at": None, "fields": None, "was_missing": False}
    return {
        "changed_at": moment,
        "known_at": row.remote_seen_at,
        "fields": changed_fields(resource, body, row) if row.remote_snapshot is not None else None,
        "was_missing": row.sync_status == State.MISSING,
    }


def changed_fields(resource: Resource, body: Body, row: SyncStatus) -> list[dict[str, Any]]:
    """Every field that Buildium says otherwise than when we saw it last: what it was, ours now, and theirs."""
    record = db.session.get(resource.model, row.entity_id)
    before = row.remote_snapshot or {}
    body = {**{key: before[key] for key in resource.more if key in before}, **body}
    known, there = theirs(resource, before), theirs(resource, snapshot_of(resource, body))
    return [
        {
            "label": item.words,
            "field": item.name,
            "known": plain(known[item.remote]),
            "ours": plain(our_value(resource, item, record, known[item.remote])),
            "theirs": plain(there[item.remote]),
        }
        for item in resource.fields
        if item.remote in there and not equal(known[item.remote], there[item.remote])
    ]


def our_value(resource: Resource, item: Field, record: Any, known: Any) -> Any:
    """What our record says there now; what it was, where that is Buildium's alone to say. A secret is never opened."""
    if item.name is None or item.direction is Direction.PULL or record is None:
        return known
    if item.remote.rpartition(".")[2] in resource.secrets:
        return HIDDEN
    return outgoing(item, item.of(record), Identities())


def plain(value: Any) -> Any:
    """As it can be stored, and secrets, of which there are fingerprints, as hidden."""
    return json.loads(json.dumps(HIDDEN if is_fingerprint(value) else value, default=str))


def write_down(
    run: SyncRun, resource: Resource, found: Mapping[int, Facts], outcomes: Mapping[int, Outcome], read_at: datetime
) -> None:
    """Keep what has come of the differences as findings of the run. Does not commit.

    One that somebody else has brought here in between was no drift: there the outcome says that it is unchanged.
    """
    findings = {}
    for number, facts in found.items():
        finding = FINDINGS.get(outcomes.get(number, Outcome.FOREIGN))
        if finding is Finding.CHANGED and facts["was_missing"]:
            finding = Finding.BACK
        # The same values under another hash: the portal reads more of a record than it did then.
        if finding is not None and (finding is not Finding.CHANGED or facts["fields"]):
            findings[number] = (finding, facts)
    add(run, resource, findings, read_at)


def write_gone(run: SyncRun, resource: Resource, numbers: Iterable[int], read_at: datetime) -> None:
    """Keep that these records are gone. Does not commit."""
    nothing: Facts = {"changed_at": None, "known_at": None, "fields": None}
    add(run, resource, dict.fromkeys(numbers, (Finding.GONE, nothing)), read_at)


def add(run: SyncRun, resource: Resource, findings: Mapping[int, tuple[Finding, Facts]], read_at: datetime) -> None:
    if not findings or not has_baseline(run):
        return
    left = MOST - (db.session.scalar(select(func.count()).where(Drift.run_id == run.id)) or 0)
    rows = rows_of(resource, findings)
    kept = [
        {
            "run_id": run.id,
            **columns_of(resource, finding, facts, read_at),
            **columns_of_row(number, row_of(resource, {}, rows.get(number, [])[:1])),
        }
        for number, (finding, facts) in list(findings.items())[: max(left, 0)]
    ]
    if kept:
        db.session.execute(insert(Drift), kept)


def columns_of(resource: Resource, finding: Finding, facts: Facts, read_at: datetime) -> dict[str, Any]:
    """What is found, and until when a webhook may tell of it."""
    expected = next(iter(resource.events), None)
    return {
        "entity_type": resource.name,
        "finding": finding.value,
        "fields": facts["fields"],
        "changed_at": facts["changed_at"],
        "known_at": facts["known_at"],
        "read_at": read_at,
        "announcement": (Announcement.AWAITED if expected else Announcement.NONE).value,
        "judged_after": (facts["changed_at"] or read_at) + TOLERANCE if expected else None,
        "event_name": f"{expected}.{OPERATIONS.get(finding, 'Updated')}" if expected else None,
    }


def columns_of_row(number: int, row: SyncStatus | None) -> dict[str, Any]:
    """Which record of ours it is, by now."""
    return {
        "buildium_id": number,
        "entity_id": row.entity_id if row else None,
        "record_name": row.record_name if row else None,
    }


def has_baseline(run: SyncRun) -> bool:
    """Whether all records of this kind were read before: at a first import everything is new and nothing drifted."""
    before = (SyncRun.entity_type == run.entity_type, SyncRun.state == "done", SyncRun.id != run.id)
    return db.session.scalar(select(SyncRun.id).where(*before).limit(1)) is not None


def moment_of(value: Any) -> datetime | None:
    """Buildium's time; None where the record doesn't say it."""
    try:
        found = datetime.fromisoformat(FRACTION.sub(r"\1", value)) if isinstance(value, str) else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found
