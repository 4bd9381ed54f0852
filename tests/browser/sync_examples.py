"""What people have done at the dashboard, and what waits for them there: rows as the portal itself would leave them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from portal.database import now
from portal.extensions import db
from portal.operations.alerts.models import Alert, AlertCause
from portal.operations.issues.models import Retry, RetryItem
from portal.operations.models import Act
from portal.sync.adoption_models import Adoption, Match
from portal.sync.decision_models import BatchRow, DecisionBatch, SyncDecision
from portal.sync.models import SyncStatus
from portal.webhooks.models import Replay

SIDES = {"base": "Before", "ours": "Ours here", "theirs": "Theirs there"}
BY = "Pat Manager"


def dashboard(failed: UUID, unlinked: UUID) -> dict[str, Any]:
    """Ids of an issue, a retry, a replay, an alert, decisions and a match. `failed` is the outbox row of a
    record that Buildium refused, `unlinked` a record without a Buildium id. As the machine; commits."""
    row = db.session.get_one(SyncStatus, failed)
    ids = {**again(row), **decided(row), **matched(unlinked)}
    ids["issue"] = row.issue_id
    ids["alert"] = told(Alert(
        kind="problem", cause="issues", channel="email", recipients="pat@example.com", state="failed", attempts=3,
        subject="1 record was refused by Buildium", body="One record was refused.\nOpen the issue.",
        url="/sync/issues", error_message="The mail server didn’t answer.",
    ))  # fmt: skip
    told(AlertCause(cause="shown", title="Something to silence", url="/sync", number=3, is_open=True, opened_at=now()))
    db.session.commit()
    return ids


def told(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return getattr(row, "id", None)


def again(row: SyncStatus) -> dict[str, Any]:
    """A retry whose canary failed, and a replay that was done."""
    act = told(Act(actor_name=BY, kind="retry", words="Sent again: refused", asked=1, queued=1, finished_at=now()))
    ended = {"requested_by": BY, "finished_at": now(), "started_at": now()}
    retry = told(Retry(
        act_id=act, issue_id=row.issue_id, words="Sent again: refused", state="stopped", canary="failed",
        stopped_because="The first one failed again for the same cause.", asked=1, **ended,
    ))  # fmt: skip
    told(RetryItem(retry_id=retry, place=1, row_kind="record", row_id=row.id, state="failed", issue_id=row.issue_id))
    replay = Replay(filter={"state": "dead"}, words="Given up", state="done", total=2, queued=1, skipped=1, **ended)
    return {"retry": retry, "replay": told(replay)}


def decided(row: SyncStatus) -> dict[str, Any]:
    fields = {"Name": {"label": "Name", "field": "name", "side": "ours", "secret": False, **SIDES}}
    made = told(SyncDecision(
        status_id=row.id, entity_type=row.entity_type, entity_id=row.entity_id, record_name=row.record_name,
        local_version=row.local_version, fields=fields, decided_by=BY,
    ))  # fmt: skip
    batch = told(DecisionBatch(
        act="decide", decision_id=made, entity_type=row.entity_type, scope="fields", choices={"Name": "ours"},
        state="done", found=1, total=1, requested_by=BY, started_at=now(), finished_at=now(),
    ))  # fmt: skip
    told(BatchRow(
        batch_id=batch, status_id=row.id, record_name=row.record_name, local_version=row.local_version,
        outcome="skipped", reason="It was decided meanwhile.",
    ))  # fmt: skip
    return {"decision": made, "decision_batch": batch}


def matched(unlinked: UUID) -> dict[str, Any]:
    adoption = told(Adoption(entity_type="property", entity_id=str(unlinked), record_name="Blocked", state="review"))
    body = {"Id": 990_001, "Name": "Blocked", "Address": {"AddressLine1": "1 Other Street", "City": "Troy"}}
    evidence = [{"words": "same name", "same": True}, {"words": "same address", "same": True}]
    facts = {"buildium_id": 990_001, "body": body, "evidence": evidence, "is_strong": True}
    told(Match(adoption_id=adoption, entity_type="property", **facts))
    return {"adoption": adoption}
