"""What a run has found that we didn't know yet, record by record, as evidence."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base, Moment, str20, str50, str100


class Finding(StrEnum):
    """What a run found about a record."""

    CHANGED = "changed"
    NEW = "new there"  # we didn't have it
    GONE = "gone there"  # a complete listing hasn't it
    BACK = "back there"  # we thought that it was gone
    CONFLICT = "conflict"  # changed on both sides


class Announcement(StrEnum):
    """Whether a webhook has told of it."""

    AWAITED = "awaited"  # it may still come
    ANNOUNCED = "announced"
    LATE = "late"
    MISSED = "missed"
    NONE = "none"  # Buildium announces no change of such records


class Drift(Base):
    """One finding. `read_at` is a moment before the listing was asked for, `known_at` when the record was last seen."""

    __tablename__ = "sync_drift"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    run_id: Mapped[UUID] = mapped_column(ForeignKey("buildium_sync_runs.id", ondelete="CASCADE"))
    entity_type: Mapped[str50]
    finding: Mapped[str20]
    entity_id: Mapped[str | None] = mapped_column(Text)
    buildium_id: Mapped[int]
    record_name: Mapped[str | None] = mapped_column(Text)
    # A list of {label, field, known, ours, theirs}.
    fields: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    # When it was changed in Buildium, for the few kinds of records that say it (MAPPING §0.9).
    changed_at: Mapped[Moment | None]
    known_at: Mapped[Moment | None]
    read_at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())
    announcement: Mapped[str20] = mapped_column(server_default="awaited")
    # From then on a webhook that hasn't come is missed.
    judged_after: Mapped[Moment | None]
    # The event that Buildium should have sent, and the one that came. No foreign key: events are forgotten earlier.
    event_name: Mapped[str100 | None]
    event_id: Mapped[UUID | None]
    announced_at: Mapped[Moment | None]
    created_at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())

    __table_args__ = (
        CheckConstraint("finding in ('changed', 'new there', 'gone there', 'back there', 'conflict')", name="finding"),
        CheckConstraint(
            "announcement in ('awaited', 'announced', 'late', 'missed', 'none')",
            name="announcement",
        ),
        Index("sync_drift_announcement_idx", "announcement", text("created_at desc"), text("id desc")),
        Index("sync_drift_awaited_idx", "judged_after", postgresql_where=text("announcement = 'awaited'")),
        Index("sync_drift_created_at_idx", text("created_at desc"), text("id desc")),
        Index("sync_drift_entity_idx", "entity_type", "buildium_id", text("created_at desc")),
        Index("sync_drift_kind_idx", "entity_type", "announcement", text("created_at desc"), text("id desc")),
        Index("sync_drift_run_id_idx", "run_id", text("created_at desc"), text("id desc")),
    )
