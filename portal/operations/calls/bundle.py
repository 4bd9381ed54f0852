"""What to send to somebody who is asked for help about one failure: the record's standing, its values on both sides,
the calls and webhooks about it. Secrets were left out of the log when it was written, and are veiled here."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from portal.database import now
from portal.operations.records import fields
from portal.operations.records.about import calls_about, events_about
from portal.operations.words import cause_of, state_words
from portal.sync.models import ApiCall, SyncStatus
from portal.vault import SealedError

MOST = 50
STANDING = (
    "entity_type", "entity_id", "buildium_id", "record_name", "sync_status", "cause", "error_message", "error_fields",
    "attempts", "next_attempt_at", "local_version", "synced_version", "last_synced_at", "remote_seen_at", "candidates",
)  # fmt: skip
CALL = (
    "id", "created_at", "method", "endpoint", "response_status", "duration_ms", "attempt", "lane", "error_class",
    "error_message", "job_id", "webhook_event_id", "run_id", "trace_id", "request_data", "response_data",
)  # fmt: skip
EVENT = (
    "id", "created_at", "event_type", "state", "reason", "error_message", "deliveries", "retry_count",
    "next_attempt_at",
)  # fmt: skip


def bundle_of_record(row: SyncStatus) -> dict[str, Any]:
    """The newest calls and webhooks about the record, besides how it stands."""
    calls, webhooks = calls_about(row, MOST, whole=True), events_about(row, MOST)
    return head() | {"record": standing(row), "calls": listed(calls, CALL), "webhooks": listed(webhooks, EVENT)}


def bundle_of_call(call: ApiCall, row: SyncStatus | None) -> dict[str, Any]:
    """The call first; where it was made for a record, all that is known of that."""
    about = bundle_of_record(row) if row else head()
    return {"asked_about": listed([call], CALL)[0]} | about


def head() -> dict[str, Any]:
    return {"portal": version("portal"), "made_at": now().isoformat()}


def standing(row: SyncStatus) -> dict[str, Any]:
    cause = cause_of(row.sync_status, row.cause)
    words = {"state": state_words(row.sync_status), "title": cause.title, "what_to_do": cause.todo}
    return words | {name: getattr(row, name) for name in STANDING} | {"fields": values(row)}


def values(row: SyncStatus) -> list[dict[str, Any]] | str:
    try:
        table = fields.table(row)
    except SealedError as error:
        return str(error)
    names = ("label", "base", "ours", "theirs", "sent", "changes", "in_conflict")
    return [{name: getattr(each, name) for name in names} for each in table]


def listed(found: Sequence[Any], names: Sequence[str]) -> list[dict[str, Any]]:
    return [{name: getattr(each, name) for name in names} for each in found]
