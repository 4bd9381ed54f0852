"""Rows that were here before an import, and the records in Buildium that they may be."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, false, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, Moment, str20, str50


class Adoption(Base):
    """One row of ours without a Buildium id, as an import found it. It waits for the listing to be complete, then for a
    person where something in Buildium is like it."""

    __tablename__ = "sync_adoptions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    entity_type: Mapped[str50]
    entity_id: Mapped[str] = mapped_column(Text)
    record_name: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str20] = mapped_column(server_default="waiting")
    buildium_id: Mapped[int | None]
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[Moment | None]
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now())

    matches: Mapped[list[Match]] = relationship(lazy="raise", order_by="Match.buildium_id", viewonly=True)

    __table_args__ = (
        CheckConstraint("state in ('waiting', 'review', 'linked', 'different', 'new')", name="state"),
        Index("sync_adoptions_entity_key", "entity_type", "entity_id", unique=True),
        Index("sync_adoptions_updated_at_idx", text("updated_at desc"), text("id desc")),
        Index("sync_adoptions_state_idx", "state", "entity_type", text("updated_at desc"), text("id desc")),
    )


class Match(Base):
    """A record in Buildium that a row of ours may be. `body` is what it said, secrets disguised; `evidence` are pairs
    of words and whether they speak for it; it is strong where nothing speaks against it."""

    __tablename__ = "sync_matches"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    adoption_id: Mapped[UUID] = mapped_column(ForeignKey("sync_adoptions.id", ondelete="CASCADE"))
    entity_type: Mapped[str50]
    buildium_id: Mapped[int]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    is_strong: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())

    __table_args__ = (
        Index("sync_matches_adoption_id_key", "adoption_id", "buildium_id", unique=True),
        Index("sync_matches_entity_idx", "entity_type", "buildium_id"),
    )


class Deferred(Base):
    """A record in Buildium that isn't imported yet: it may be one of ours, or its parent may."""

    __tablename__ = "sync_deferred"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    entity_type: Mapped[str50]
    buildium_id: Mapped[int]
    why: Mapped[str20]
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())

    __table_args__ = (
        CheckConstraint("why in ('review', 'parent')", name="why"),
        Index("sync_deferred_entity_key", "entity_type", "buildium_id", unique=True),
    )
