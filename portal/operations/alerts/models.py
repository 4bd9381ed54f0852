"""What needs a person, what was said about it to whom, and what is silenced."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, String, Text, false, func, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base, Moment, str20, str100


class AlertState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class AlertKind(StrEnum):
    PROBLEM = "problem"
    CLEAR = "clear"
    DIGEST = "digest"
    TEST = "test"


class Alert(Base):
    """One message to one channel: written down first, sent by a job, tried again until it has arrived."""

    __tablename__ = "sync_alerts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    kind: Mapped[str20]
    cause: Mapped[str100 | None]
    channel: Mapped[str20]
    recipients: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    state: Mapped[str20] = mapped_column(server_default="waiting")
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_attempt_at: Mapped[Moment | None] = mapped_column(server_default=func.now())
    sent_at: Mapped[Moment | None]
    error_message: Mapped[str | None] = mapped_column(Text)
    requested_by: Mapped[str | None] = mapped_column(Text)
    # What may be said only once, such as the digest of a day.
    once: Mapped[str100 | None]
    created_at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now())

    __table_args__ = (
        CheckConstraint("kind in ('problem', 'clear', 'digest', 'test')", name="kind"),
        CheckConstraint("channel in ('email', 'webhook')", name="channel"),
        CheckConstraint("state in ('waiting', 'sent', 'failed')", name="state"),
        Index("sync_alerts_created_at_idx", text("created_at desc"), text("id desc")),
        Index("sync_alerts_state_idx", "state", text("created_at desc"), text("id desc")),
        Index(
            "sync_alerts_due_idx",
            *("next_attempt_at", "created_at"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("sync_alerts_once_key", "once", unique=True),
    )


class AlertCause(Base):
    """Something that needs a person, or lately did: how much of it, since when, and when somebody was told."""

    __tablename__ = "sync_alert_causes"

    cause: Mapped[str100] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text, server_default="")
    url: Mapped[str] = mapped_column(Text)
    # How many records or events; a part that doesn't work is counted as one.
    number: Mapped[int]
    is_part: Mapped[bool] = mapped_column(server_default=false())
    is_open: Mapped[bool] = mapped_column(server_default=false())
    opened_at: Mapped[Moment]
    # Gone since then, and not for long enough yet to be called over.
    clear_since: Mapped[Moment | None]
    told_at: Mapped[Moment | None]
    told_number: Mapped[int | None]
    # Somebody was told, and has not been told yet that it is over.
    is_told: Mapped[bool] = mapped_column(server_default=false())
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now())


class AlertSilence(Base):
    """A cause of which nothing is said until then, by a person."""

    __tablename__ = "sync_alert_silences"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    cause: Mapped[str] = mapped_column(String(100))
    until: Mapped[Moment]
    silenced_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())

    __table_args__ = (Index("sync_alert_silences_cause_key", "cause", unique=True),)
