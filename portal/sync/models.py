"""The tables of the sync: the outbox, the log, the runs, and what is switched off."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, SmallInteger, String, Text, false, func, literal_column, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base, Moment, str20, str50


class SyncStatus(Base):
    """The outbox: one row per local record, written in the transaction of the record's own change."""

    __tablename__ = "buildium_sync_status"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    entity_type: Mapped[str50]
    # TEXT, because the key of a lease is a BIGINT.
    entity_id: Mapped[str] = mapped_column(Text)
    buildium_id: Mapped[int | None]
    last_synced_at: Mapped[Moment | None]
    sync_status: Mapped[str20] = mapped_column(server_default="pending")
    error_message: Mapped[str | None] = mapped_column(Text)
    # The version that was saved here last, and the one that Buildium has.
    local_version: Mapped[int] = mapped_column(server_default="1")
    synced_version: Mapped[int | None]
    # The last body seen at Buildium: the base of every merge.
    remote_snapshot: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    remote_hash: Mapped[str | None] = mapped_column(String(64))
    remote_seen_at: Mapped[Moment | None]
    # Its last change in Buildium, as it was known when what lies inside it (a task's history) was last listed.
    listed_for: Mapped[Moment | None]
    queued_at: Mapped[Moment | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_attempt_at: Mapped[Moment | None]
    lane: Mapped[str] = mapped_column(String(10), server_default="people")
    lease_token: Mapped[UUID | None]
    leased_until: Mapped[Moment | None]
    # Written before a POST, so that one with an unknown outcome can be looked up afterwards.
    last_post_attempt_at: Mapped[Moment | None]
    last_post_fingerprint: Mapped[str | None] = mapped_column(String(64))
    # What it said, secrets disguised: the record may be edited before its create has been found again.
    last_post_body: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    lookups: Mapped[int] = mapped_column(server_default="0")
    cause: Mapped[str | None] = mapped_column(String(60))
    error_fields: Mapped[Any | None] = mapped_column(JSONB)
    # "property:<id>" of the parent that has no Buildium id yet; its sync releases this row.
    blocked_on: Mapped[str | None] = mapped_column(Text)
    conflict: Mapped[Any | None] = mapped_column(JSONB)
    candidates: Mapped[Any | None] = mapped_column(JSONB)
    # What people call the record, for lists of any entity; searched as lower(record_name) LIKE.
    record_name: Mapped[str | None] = mapped_column(Text)
    # What it failed for and when: kept by the database, as is how often it was sent again by hand without being edited.
    issue_id: Mapped[UUID | None]
    failed_at: Mapped[Moment | None]
    retries: Mapped[int] = mapped_column(server_default="0")
    retried_issue_id: Mapped[UUID | None]
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now())

    __table_args__ = (
        CheckConstraint(
            "sync_status in ('pending', 'blocked', 'syncing', 'synced', 'failed', 'uncertain', 'conflict', 'missing',"
            " 'held')",
            name="sync_status",
        ),
        CheckConstraint("lane in ('people', 'bulk')", name="lane"),
        Index("idx_buildium_sync_entity", "entity_type", "entity_id", unique=True),
        # One check that pays several bills has one id in Buildium and several rows here (MAPPING §4.12).
        Index(
            "buildium_sync_status_entity_type_buildium_id_key",
            *("entity_type", "buildium_id"),
            unique=True,
            postgresql_where=text("entity_type <> 'bill_payment' and buildium_id is not null"),
        ),
        # For searches over all types: the unique one leaves bill payments out.
        Index("buildium_sync_status_buildium_id_idx", "buildium_id", postgresql_where=text("buildium_id is not null")),
        # Lists go downwards by time and id: rows of one statement share their time, and must not be sorted again.
        Index("idx_buildium_sync_status", "sync_status", text("updated_at desc"), text("id desc")),
        Index("buildium_sync_status_updated_at_idx", text("updated_at desc"), text("id desc")),
        Index("buildium_sync_status_last_synced_at_idx", "entity_type", "last_synced_at"),
        Index("buildium_sync_status_entity_type_sync_status_idx", "entity_type", "sync_status"),
        Index(
            "buildium_sync_status_due_idx",
            *("next_attempt_at", "id"),
            postgresql_where=text("sync_status in ('pending', 'uncertain')"),
        ),
        Index(
            "buildium_sync_status_leased_until_idx",
            "leased_until",
            postgresql_where=text("sync_status = 'syncing'"),
        ),
        Index(
            "buildium_sync_status_held_idx",
            *("next_attempt_at", "id"),
            postgresql_where=text("sync_status = 'held'"),
        ),
        Index(
            "buildium_sync_status_cause_idx",
            *("cause", text("updated_at desc"), text("id desc")),
            postgresql_where=text("cause is not null"),
        ),
        Index(
            "buildium_sync_status_issue_id_idx",
            *("issue_id", text("failed_at desc"), text("id desc")),
            postgresql_where=text("issue_id is not null"),
        ),
        Index("buildium_sync_status_blocked_on_idx", "blocked_on", postgresql_where=text("blocked_on is not null")),
        Index(
            "buildium_sync_status_record_name_idx",
            literal_column("lower(record_name)").label("lowered"),
            postgresql_using="gin",
            postgresql_ops={"lowered": "gin_trgm_ops"},
        ),
    )


class ApiCall(Base):
    """One request to Buildium and its answer, redacted before it was written."""

    __tablename__ = "buildium_api_log"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    # TEXT: a path with a list of ids is longer than the 255 of the seeds.
    endpoint: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(String(10))
    request_data: Mapped[Any | None] = mapped_column(JSONB)
    response_status: Mapped[int | None]
    response_data: Mapped[Any | None] = mapped_column(JSONB)
    error_message: Mapped[str | None] = mapped_column(Text)
    duration_ms: Mapped[int | None]
    operation: Mapped[str | None] = mapped_column(String(200))
    attempt: Mapped[int] = mapped_column(server_default="1")
    lane: Mapped[str | None] = mapped_column(String(10))
    error_class: Mapped[str | None] = mapped_column(String(60))
    # What caused the call. No foreign keys: the log outlives the events and runs that it names.
    entity_type: Mapped[str50 | None]
    entity_id: Mapped[str | None] = mapped_column(Text)
    buildium_id: Mapped[int | None]
    job_id: Mapped[str | None] = mapped_column(Text)
    webhook_event_id: Mapped[UUID | None]
    run_id: Mapped[UUID | None]
    trace_id: Mapped[UUID | None]
    created_at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())

    __table_args__ = (
        Index("buildium_api_log_created_at_idx", text("created_at desc"), text("id desc")),
        Index("buildium_api_log_operation_idx", "operation", text("created_at desc"), text("id desc")),
        Index(
            "buildium_api_log_slow_idx",
            *(text("created_at desc"), text("id desc")),
            postgresql_where=text("duration_ms >= 1000"),
        ),
        Index(
            "buildium_api_log_entity_idx",
            *("entity_type", "entity_id", text("created_at desc")),
            postgresql_where=text("entity_id is not null"),
        ),
        Index(
            "buildium_api_log_failures_idx",
            *(text("created_at desc"), text("id desc")),
            postgresql_where=text("response_status is null or response_status >= 400"),
        ),
        Index(
            "buildium_api_log_webhook_event_id_idx",
            "webhook_event_id",
            postgresql_where=text("webhook_event_id is not null"),
        ),
        Index(
            "buildium_api_log_job_id_idx",
            *("job_id", text("created_at desc"), text("id desc")),
            postgresql_where=text("job_id is not null"),
        ),
        Index("buildium_api_log_run_id_idx", "run_id", postgresql_where=text("run_id is not null")),
    )


class SyncRun(Base):
    """One import or reconciliation of one entity type, with a checkpoint after every page."""

    __tablename__ = "buildium_sync_runs"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    kind: Mapped[str20]
    entity_type: Mapped[str50]
    state: Mapped[str20] = mapped_column(server_default="queued")
    # Runs that were started together.
    batch: Mapped[UUID | None]
    cursor_offset: Mapped[int] = mapped_column(server_default="0")
    # Which of several listings, or inside which parent (its Buildium id).
    cursor_part: Mapped[int] = mapped_column(server_default="0")
    since: Mapped[Moment | None]
    # What `total` counts: the records of a listing, or the parents whose listings are read.
    done: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int | None]
    seen: Mapped[int] = mapped_column(server_default="0")
    created: Mapped[int] = mapped_column(server_default="0")
    updated: Mapped[int] = mapped_column(server_default="0")
    unchanged: Mapped[int] = mapped_column(server_default="0")
    missing: Mapped[int] = mapped_column(server_default="0")
    # Changed on both sides; and those that our tables can't hold.
    conflicts: Mapped[int] = mapped_column(server_default="0")
    refused: Mapped[int] = mapped_column(server_default="0")
    # Not imported yet: a person says first whether they are rows of ours.
    for_review: Mapped[int] = mapped_column(server_default="0")
    calls: Mapped[int] = mapped_column(server_default="0")
    # How often it went on from its checkpoint after it was stopped.
    resumed: Mapped[int] = mapped_column(server_default="0")
    error_message: Mapped[str | None] = mapped_column(Text)
    stop_requested: Mapped[bool] = mapped_column(server_default=false())
    requested_by: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[Moment | None]
    heartbeat_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]
    issue_id: Mapped[UUID | None]
    failed_at: Mapped[Moment | None]
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now())

    __table_args__ = (
        CheckConstraint("kind in ('import', 'incremental', 'full', 'owners')", name="kind"),
        CheckConstraint("state in ('queued', 'running', 'done', 'failed', 'stopped')", name="state"),
        Index("buildium_sync_runs_created_at_idx", text("created_at desc"), text("id desc")),
        Index("buildium_sync_runs_entity_type_idx", "entity_type", text("created_at desc")),
        Index("buildium_sync_runs_batch_idx", "batch"),
        Index(
            "buildium_sync_runs_issue_id_idx",
            *("issue_id", text("failed_at desc"), text("id desc")),
            postgresql_where=text("issue_id is not null"),
        ),
        Index(
            "buildium_sync_runs_open_idx",
            *("state", "created_at"),
            postgresql_where=text("state in ('queued', 'running')"),
        ),
    )


class BuildiumConnection(Base):
    """The breaker, a single row: open means that the account as a whole is refused, and one probe is sent at a time."""

    __tablename__ = "buildium_connection"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False, server_default=text("1"))
    state: Mapped[str] = mapped_column(String(10), server_default="closed")
    reason: Mapped[str | None] = mapped_column(Text)
    opened_at: Mapped[Moment | None]
    next_probe_at: Mapped[Moment | None]
    # Since when the portal speaks to Buildium: what it may begin in is decided once.
    begun_at: Mapped[Moment | None]
    account_id: Mapped[int | None]
    account_name: Mapped[str | None] = mapped_column(Text)
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now())

    __table_args__ = (
        CheckConstraint("id = 1", name="id"),
        CheckConstraint("state in ('closed', 'open')", name="state"),
    )


class SyncPause(Base):
    """One entity type, or all of them (`*`), held back in one direction until a person resumes it. In shadow mode what
    is held back is worked out all the same."""

    __tablename__ = "sync_pauses"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    entity_type: Mapped[str50]
    direction: Mapped[str] = mapped_column(String(10))
    mode: Mapped[str] = mapped_column(String(10), server_default="paused")
    reason: Mapped[str | None] = mapped_column(Text)
    paused_by: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())

    __table_args__ = (
        CheckConstraint("direction in ('push', 'pull')", name="direction"),
        CheckConstraint("mode = 'paused' or (mode = 'shadow' and direction = 'push')", name="mode"),
        Index("sync_pauses_entity_type_direction_key", "entity_type", "direction", unique=True),
    )


class SyncSchedule(Base):
    """When a repeated task ran last and is due next."""

    __tablename__ = "sync_schedules"

    name: Mapped[str50] = mapped_column(primary_key=True)
    interval_seconds: Mapped[int]
    last_started_at: Mapped[Moment | None]
    last_finished_at: Mapped[Moment | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    next_due_at: Mapped[Moment | None]
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now())

    __table_args__ = (CheckConstraint("interval_seconds > 0", name="interval_seconds"),)
