"""Failures by cause, and what people have asked to be sent again. The database itself keeps `issue_id` of the rows that
failed: see migration “issues”."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base, Moment, str20, str50, str100


class Issue(Base):
    """Everything that failed for one cause. The id is the hash of direction, entity type, cause, status, field and
    normalised error, so that a row finds its issue without looking. How many rows it has is counted from them."""

    __tablename__ = "sync_issues"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    direction: Mapped[str] = mapped_column(Text)
    entity_type: Mapped[str50 | None]
    # A key of the catalogue in portal/operations/causes/catalogue.py.
    cause: Mapped[str100]
    status: Mapped[int | None]
    field: Mapped[str | None] = mapped_column(Text)
    # The message without names, ids, dates and numbers; and one as it came.
    error: Mapped[str] = mapped_column(Text)
    sample: Mapped[str | None] = mapped_column(Text)
    # What a person said of it last. What it is now follows from this and from its rows: issue_states.py.
    state: Mapped[str20] = mapped_column(server_default="open")
    ignored_until: Mapped[Moment | None]
    ignored_over: Mapped[int | None]
    note: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[Moment | None]
    settled_by: Mapped[str | None] = mapped_column(Text)
    # Since when nothing is behind it any more, as housekeeping has seen it; a new failure takes it away.
    resolved_at: Mapped[Moment | None]
    first_seen_at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())
    # To the minute: the newest of its rows says it exactly.
    last_seen_at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())

    __table_args__ = (
        CheckConstraint("direction in ('out', 'in')", name="direction"),
        CheckConstraint("state in ('open', 'acknowledged', 'resolved', 'ignored')", name="state"),
        Index("sync_issues_last_seen_at_idx", text("last_seen_at desc"), text("id desc")),
        Index("sync_issues_resolved_at_idx", "resolved_at"),
    )


class Retry(Base):
    """Records or webhook events that a person asked to try again, worked off one after another: the first one is the
    canary, and only when it has succeeded the others follow."""

    __tablename__ = "sync_retries"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    act_id: Mapped[UUID]
    # NULL for a filter's.
    issue_id: Mapped[UUID | None]
    words: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[str] = mapped_column(Text)
    state: Mapped[str20] = mapped_column(server_default="queued")
    canary: Mapped[str20] = mapped_column(server_default="waiting")
    # Why it ended before its end, in words.
    stopped_because: Mapped[str | None] = mapped_column(Text)
    asked: Mapped[int]
    heartbeat_at: Mapped[Moment | None]
    started_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]
    created_at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())

    __table_args__ = (
        CheckConstraint("state in ('queued', 'running', 'done', 'stopped', 'cancelled')", name="state"),
        CheckConstraint("canary in ('waiting', 'passed', 'failed')", name="canary"),
        Index("sync_retries_created_at_idx", text("created_at desc"), text("id desc")),
        Index("sync_retries_act_id_idx", "act_id"),
        Index("sync_retries_issue_id_idx", "issue_id", text("created_at desc")),
        Index("sync_retries_open_idx", "created_at", postgresql_where=text("state in ('queued', 'running')")),
    )


class RetryItem(Base):
    """One record (`row_kind` “record”) or event (“webhook”) of a retry. Nothing is in two open ones."""

    __tablename__ = "sync_retry_items"

    retry_id: Mapped[UUID] = mapped_column(ForeignKey("sync_retries.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    row_kind: Mapped[str] = mapped_column(Text)
    row_id: Mapped[UUID]
    # What it had failed for when it was asked for.
    issue_id: Mapped[UUID | None]
    state: Mapped[str20] = mapped_column(server_default="waiting")
    why: Mapped[str | None] = mapped_column(Text)
    # When it was sent, and when somebody last looked what became of it.
    taken_at: Mapped[Moment | None]
    seen_at: Mapped[Moment | None]
    done_at: Mapped[Moment | None]

    __table_args__ = (
        CheckConstraint("row_kind in ('record', 'webhook')", name="row_kind"),
        CheckConstraint(
            "state in ('waiting', 'sending', 'succeeded', 'failed', 'later', 'skipped', 'left')", name="state"
        ),
        Index("sync_retry_items_state_idx", "retry_id", "state", "place"),
        Index(
            "sync_retry_items_open_key",
            "row_id",
            unique=True,
            postgresql_where=text("state in ('waiting', 'sending')"),
        ),
        Index("sync_retry_items_row_id_idx", "row_id"),
    )
