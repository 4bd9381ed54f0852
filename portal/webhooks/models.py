"""The inbox: every event that Buildium has sent, as it came; what is switched off there, and what is handled again."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, LargeBinary, SmallInteger, Text, false, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base, Moment, str20, str50, str100, str255


class EventState(StrEnum):
    RECEIVED = "received"
    PROCESSED = "processed"
    COALESCED = "coalesced"
    ECHO = "echo"
    IGNORED = "ignored"
    FAILED = "failed"
    DEAD = "dead"


class Why(StrEnum):
    """Why an event was ignored."""

    OFF = "off"  # this event is switched off here
    SCOPE = "scope"  # about something the portal doesn't keep
    ACCOUNT = "account"  # sent for another account
    UNREADABLE = "unreadable"  # no JSON object
    NAMELESS = "nameless"  # without the id of a record
    FOREIGN = "foreign"  # about a record that isn't ours to keep
    REVIEW = "review"  # it may be a record of ours: a person says so first


class WebhookEvent(Base):
    """One event. `event_id` is derived from the payload, because Buildium sends none (MAPPING §8.4)."""

    __tablename__ = "buildium_webhook_events"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    event_id: Mapped[str255]
    event_type: Mapped[str100 | None]
    # NULL where the body was no JSON object; `raw_body` always holds what came.
    event_data: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    processed: Mapped[bool] = mapped_column(server_default=false())
    processed_at: Mapped[Moment | None]
    error_message: Mapped[str | None] = mapped_column(Text)
    retry_count: Mapped[int] = mapped_column(server_default="0")
    max_retries: Mapped[int] = mapped_column(server_default="5")
    account_id: Mapped[int | None]
    event_datetime: Mapped[Moment | None]
    sent_at: Mapped[Moment | None]
    entity_type: Mapped[str50 | None]
    buildium_entity_id: Mapped[int | None]
    state: Mapped[str20] = mapped_column(server_default="received")
    reason: Mapped[str | None] = mapped_column(Text)
    next_attempt_at: Mapped[Moment | None]
    raw_body: Mapped[bytes | None] = mapped_column(LargeBinary)
    deliveries: Mapped[int] = mapped_column(server_default="1")
    last_received_at: Mapped[Moment | None]
    replayed_at: Mapped[Moment | None]
    replayed_by: Mapped[str | None] = mapped_column(Text)
    # The replay of many that asked for it last.
    replay_id: Mapped[UUID | None]
    # Which of how many secrets in force signed it, the newest being 1.
    signed_by: Mapped[int | None] = mapped_column(SmallInteger)
    signed_of: Mapped[int | None] = mapped_column(SmallInteger)
    # When its last handling began, and the rows that it wrote: [{"table": …, "row": …}].
    begun_at: Mapped[Moment | None]
    effect: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    # The event whose fetch answered this one, too.
    coalesced_into: Mapped[UUID | None]
    why: Mapped[str20 | None]
    # What it failed for and when, kept by the database.
    issue_id: Mapped[UUID | None]
    failed_at: Mapped[Moment | None]
    created_at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now())

    __table_args__ = (
        CheckConstraint(
            "state in ('received', 'processed', 'coalesced', 'echo', 'ignored', 'failed', 'dead')", name="state"
        ),
        Index("buildium_webhook_events_event_id_key", "event_id", unique=True),
        Index("idx_webhook_events_type", "event_type", "state", text("created_at desc"), text("id desc")),
        Index("idx_webhook_events_processed", "processed", text("created_at desc"), text("id desc")),
        Index(
            "buildium_webhook_events_due_idx",
            *("next_attempt_at", "created_at"),
            postgresql_where=text("state in ('received', 'failed')"),
        ),
        Index("buildium_webhook_events_created_at_idx", text("created_at desc"), text("id desc")),
        Index("buildium_webhook_events_state_idx", "state", text("created_at desc"), text("id desc")),
        Index(
            "buildium_webhook_events_kind_idx",
            *("entity_type", "state", text("created_at desc"), text("id desc")),
        ),
        Index(
            "buildium_webhook_events_entity_idx",
            *("entity_type", "buildium_entity_id", text("created_at desc")),
        ),
        Index(
            "buildium_webhook_events_issue_id_idx",
            *("issue_id", text("failed_at desc"), text("id desc")),
            postgresql_where=text("issue_id is not null"),
        ),
        Index(
            "buildium_webhook_events_replayed_idx",
            *(text("created_at desc"), text("id desc")),
            postgresql_where=text("replayed_at is not null"),
        ),
        Index(
            "buildium_webhook_events_replay_id_idx",
            *("replay_id", text("created_at desc"), text("id desc")),
            postgresql_where=text("replay_id is not null"),
        ),
        Index(
            "buildium_webhook_events_why_idx",
            *("why", text("created_at desc"), text("id desc")),
            postgresql_where=text("why is not null"),
        ),
        Index(
            "buildium_webhook_events_coalesced_into_idx",
            *("coalesced_into", text("created_at desc")),
            postgresql_where=text("coalesced_into is not null"),
        ),
    )


class EventSwitch(Base):
    """An event name that is switched off; switched on again, the row is gone."""

    __tablename__ = "sync_event_switches"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    event_name: Mapped[str100]
    reason: Mapped[str | None] = mapped_column(Text)
    switched_off_by: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())

    __table_args__ = (Index("sync_event_switches_event_name_key", "event_name", unique=True),)


class Replay(Base):
    """Events of a filter that a person asked to have handled again, and how far that is."""

    __tablename__ = "sync_replays"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    # The parameters of the list's address, and the same in words.
    filter: Mapped[dict[str, str]] = mapped_column(JSONB)
    words: Mapped[str] = mapped_column(Text)
    state: Mapped[str20] = mapped_column(server_default="queued")
    total: Mapped[int]
    queued: Mapped[int] = mapped_column(server_default="0")
    skipped: Mapped[int] = mapped_column(server_default="0")
    # The last event that was looked at: the list's own order, newest first.
    cursor_at: Mapped[Moment | None]
    cursor_id: Mapped[UUID | None]
    cancel_requested: Mapped[bool] = mapped_column(server_default=false())
    requested_by: Mapped[str] = mapped_column(Text)
    # Its row among what people have done at the dashboard.
    act_id: Mapped[UUID | None]
    heartbeat_at: Mapped[Moment | None]
    started_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]
    created_at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())

    __table_args__ = (
        CheckConstraint("state in ('queued', 'running', 'done', 'cancelled')", name="state"),
        Index("sync_replays_created_at_idx", text("created_at desc"), text("id desc")),
        Index(
            "sync_replays_open_idx",
            "created_at",
            postgresql_where=text("state in ('queued', 'running')"),
        ),
    )


class WebhookRefusal(Base):
    """How many deliveries were refused within a minute, and why: one row, however many somebody forges."""

    __tablename__ = "buildium_webhook_refusals"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    minute: Mapped[Moment]
    reason: Mapped[str100]
    number: Mapped[int] = mapped_column(server_default="0")
    last_at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())

    __table_args__ = (
        Index("buildium_webhook_refusals_minute_reason_key", "minute", "reason", unique=True),
        Index("buildium_webhook_refusals_last_at_idx", "last_at"),
    )
