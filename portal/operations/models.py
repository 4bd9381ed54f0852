"""The tables of the dashboard itself: what people have done at it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base, Moment, str50


class Act(Base):
    """One thing that a person did at the dashboard: who, when, to what, and what came of it."""

    __tablename__ = "sync_acts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())
    # No foreign key: the history outlives whatever happens to users. NULL for a command.
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(Text)
    # "retry", "replay", "pause" …: KINDS of portal/operations/acts.py.
    kind: Mapped[str50]
    # The act as a sentence, for every list that shows it.
    words: Mapped[str] = mapped_column(Text)
    # "record", "issue", "webhook", "run", "pause" … and its id; NULL for an act on a filter.
    target_kind: Mapped[str50 | None]
    target_id: Mapped[str | None] = mapped_column(Text)
    # The GET parameters of the list that the act was about.
    filter: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    reason: Mapped[str | None] = mapped_column(Text)
    asked: Mapped[int] = mapped_column(server_default="1")
    queued: Mapped[int] = mapped_column(server_default="0")
    skipped: Mapped[int] = mapped_column(server_default="0")
    # Why something was skipped, in words → how many.
    skipped_because: Mapped[dict[str, int]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    finished_at: Mapped[Moment | None]
    cancelled_at: Mapped[Moment | None]
    cancelled_by: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("asked >= 0 and queued >= 0 and skipped >= 0", name="numbers"),
        Index("sync_acts_at_idx", text("at desc"), text("id desc")),
        Index(
            "sync_acts_target_idx",
            *("target_kind", "target_id", text("at desc"), text("id desc")),
            postgresql_where=text("target_id is not null"),
        ),
        Index("sync_acts_actor_id_idx", "actor_id", text("at desc")),
        Index("sync_acts_open_idx", "at", postgresql_where=text("finished_at is null and cancelled_at is null")),
    )
