"""The tables of decided conflicts: what was chosen by whom, and one choice that is made for many records."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base, Moment, str20, str50
from portal.sync.models import SyncStatus
from portal.vault import Sealed


class SyncDecision(Base):
    """One decided conflict. It is kept when the record's outbox row goes: it is part of the record's history."""

    __tablename__ = "sync_decisions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    status_id: Mapped[UUID]
    entity_type: Mapped[str50]
    entity_id: Mapped[str] = mapped_column(Text)
    record_name: Mapped[str | None] = mapped_column(Text)
    # The one that was decided together with others.
    batch_id: Mapped[UUID | None]
    # The outbox row's version then: every later save raises it.
    local_version: Mapped[int]
    # Place in a request → label, field, side, base, ours, theirs; of secrets only fingerprints.
    fields: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSONB)
    # Our secrets that gave way to Buildium's (place → value), so that they can come back. Buildium's are never kept.
    sealed_secrets: Mapped[str | None] = mapped_column("secrets", Text)
    secrets = Sealed("sealed_secrets")
    decided_by_id: Mapped[UUID | None]
    decided_by: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())
    undone_by_id: Mapped[UUID | None]
    undone_by: Mapped[str | None] = mapped_column(Text)
    undone_at: Mapped[Moment | None]
    # What the undoing put back, in sentences.
    undone_words: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("sync_decisions_decided_at_idx", text("decided_at desc"), text("id desc")),
        Index("sync_decisions_status_id_idx", "status_id", text("decided_at desc"), text("id desc")),
        Index("sync_decisions_entity_idx", "entity_type", "entity_id", text("decided_at desc")),
        Index("sync_decisions_decided_by_id_idx", "decided_by_id", text("decided_at desc"), text("id desc")),
        Index("sync_decisions_batch_id_idx", "batch_id", postgresql_where=text("batch_id is not null")),
    )


class DecisionBatch(Base):
    """One choice for many records, or its undoing: shown before it begins, done row by row, a receipt afterwards."""

    __tablename__ = "sync_decision_batches"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    act: Mapped[str] = mapped_column(String(10))
    state: Mapped[str20] = mapped_column(server_default="proposed")
    # The decision that is made for others, too, or the batch that is undone.
    decision_id: Mapped[UUID | None]
    undoes_id: Mapped[UUID | None]
    entity_type: Mapped[str50]
    scope: Mapped[str20 | None]
    # Place → side.
    choices: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    # How many there were when it was shown; more than `total` where they were too many for one batch.
    found: Mapped[int]
    total: Mapped[int]
    requested_by_id: Mapped[UUID | None]
    requested_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())
    started_at: Mapped[Moment | None]
    heartbeat_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]

    __table_args__ = (
        CheckConstraint("act in ('decide', 'undo')", name="act"),
        CheckConstraint("state in ('proposed', 'queued', 'running', 'done')", name="state"),
        Index("sync_decision_batches_created_at_idx", text("created_at desc"), text("id desc")),
        Index("sync_decision_batches_decision_id_idx", "decision_id", postgresql_where=text("decision_id is not null")),
        Index("sync_decision_batches_undoes_id_idx", "undoes_id", postgresql_where=text("undoes_id is not null")),
        Index(
            "sync_decision_batches_open_idx",
            *("state", "created_at"),
            postgresql_where=text("state in ('proposed', 'queued', 'running')"),
        ),
    )


class BatchRow(Base):
    """One record of a batch: how it stood when it was shown, and what became of it."""

    __tablename__ = "sync_decision_batch_rows"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("sync_decision_batches.id", ondelete="CASCADE"))
    status_id: Mapped[UUID]
    record_name: Mapped[str | None] = mapped_column(Text)
    local_version: Mapped[int]
    # The digest of the conflict as it was shown.
    seen: Mapped[str | None] = mapped_column(String(16))
    # The decision that was made, or that is to be undone.
    decision_id: Mapped[UUID | None]
    outcome: Mapped[str20] = mapped_column(server_default="waiting")
    reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("outcome in ('waiting', 'done', 'skipped')", name="outcome"),
        Index("sync_decision_batch_rows_batch_id_status_id_key", "batch_id", "status_id", unique=True),
        Index("sync_decision_batch_rows_outcome_idx", "batch_id", "outcome", "id"),
    )


# Which fields an open conflict is about, and who changed ours.
Index(
    "buildium_sync_status_conflict_idx",
    SyncStatus.conflict,
    postgresql_using="gin",
    postgresql_where=text("sync_status = 'conflict'"),
)
