"""What shadow mode has worked out: one row per record that waits."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func, literal_column, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, Moment, str20, str50
from portal.sync.models import SyncStatus


class Shadow(Base):
    """What the push of a record would send, as of its `local_version` and of what Buildium said at `worked_out_at`."""

    __tablename__ = "sync_shadows"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    status_id: Mapped[UUID] = mapped_column(ForeignKey("buildium_sync_status.id", ondelete="CASCADE"))
    entity_type: Mapped[str50]
    record_name: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str20]
    # A sentence; then each change as label, before, after, erases; then each request as method, path, body.
    words: Mapped[str] = mapped_column(Text)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    requests: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    local_version: Mapped[int]
    # How often in a row Buildium gave no answer to work it out from.
    tries: Mapped[int] = mapped_column(server_default="0")
    worked_out_at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())

    row: Mapped[SyncStatus] = relationship(lazy="raise", viewonly=True)

    __table_args__ = (
        CheckConstraint(
            "outcome in ('create', 'change', 'erase', 'link', 'nothing', 'blocked', 'later', 'choose', 'unanswered')",
            name="outcome",
        ),
        Index("sync_shadows_status_id_key", "status_id", unique=True),
        Index("sync_shadows_worked_out_at_idx", text("worked_out_at desc"), text("id desc")),
        Index("sync_shadows_outcome_idx", "outcome", text("worked_out_at desc"), text("id desc")),
        Index("sync_shadows_entity_type_idx", "entity_type", text("worked_out_at desc"), text("id desc")),
        Index(
            "sync_shadows_record_name_idx",
            literal_column("lower(record_name)").label("lowered"),
            postgresql_using="gin",
            postgresql_ops={"lowered": "gin_trgm_ops"},
        ),
    )
