"""The audit trail: one row per change of a record, written by a trigger that no path can go around."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base, Moment


class AuditEntry(Base):
    """Who changed what. `changes` maps each changed column to [old, new]; secrets appear as "•••"."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())
    # No foreign key: the trail outlives whatever happens to users.
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str | None] = mapped_column(Text)
    database_role: Mapped[str] = mapped_column(Text)
    door: Mapped[str | None] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    table_name: Mapped[str] = mapped_column(Text)
    row_id: Mapped[str] = mapped_column(Text)
    changes: Mapped[dict[str, list[Any]]] = mapped_column(JSONB)

    __table_args__ = (
        CheckConstraint("action in ('insert', 'update', 'delete', 'reveal')", name="action"),
        Index("audit_log_row_idx", "table_name", "row_id", text("id desc")),
        Index("audit_log_at_idx", text("at desc"), text("id desc")),
        Index("audit_log_actor_id_idx", "actor_id", text("id desc")),
    )
