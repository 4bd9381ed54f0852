"""The inbox: every event that Buildium has sent, as it came."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text, false, func, text
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
    )
