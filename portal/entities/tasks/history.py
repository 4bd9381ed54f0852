"""The history of tasks, and the files of that history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Integer, SmallInteger, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, Moment, Record, now, str20, str100, str255
from portal.words import TASK_STATUSES

if TYPE_CHECKING:
    from portal.entities.tasks.model import Task

PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp")
PATIENCE = timedelta(minutes=5)
STANDINGS: Mapping[str, tuple[str, str]] = {
    "waiting": ("Waiting to be sent", "wait"),
    "sending": ("Sent, not to be seen in Buildium yet", "wait"),
    "sent": ("In Buildium", "good"),
    "failed": ("Not in Buildium", "bad"),
    "removing": ("Being removed from Buildium", "wait"),
}
# What the entries of a history say of the task.
TOLD = {"status": "Status", "assigned_to": "Assigned to", "priority": "Priority", "due_date": "Due"}


class TaskHistory(Record, Base):
    """One entry of a task's history. Buildium makes them out of task updates; there is no POST (MAPPING §4.15)."""

    __tablename__ = "task_history"
    __syncs_through__ = "task"

    buildium_history_id: Mapped[int | None]
    # CASCADE: a part of the task.
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    status: Mapped[str20 | None]
    notes: Mapped[str | None] = mapped_column(Text)
    completed_date: Mapped[Moment | None]
    assigned_to: Mapped[str255 | None]
    # When it was written: here by our clock, there by Buildium's.
    entry_at: Mapped[Moment | None]
    # Whether the entry has gone to Buildium with an update of its task.
    message_pushed: Mapped[bool] = mapped_column(server_default=false())
    # Of an entry that was written here, its writer, status and moment stay ours: at Buildium the key has written it.
    written_here: Mapped[bool] = mapped_column(server_default=false())
    written_by: Mapped[str255 | None]
    changes_status: Mapped[bool] = mapped_column(server_default=false())
    # What is to stand in Buildium instead of `notes`, until it does.
    edited_notes: Mapped[str | None] = mapped_column(Text)
    priority: Mapped[str20 | None]
    due_date: Mapped[date | None]
    file_ids: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    buildium_created_at: Mapped[Moment | None]
    buildium_updated_at: Mapped[Moment | None]

    task: Mapped[Task] = relationship(back_populates="history")
    files: Mapped[list[TaskHistoryFile]] = relationship(
        back_populates="task_history",
        order_by="TaskHistoryFile.created_at",
        cascade="all, delete-orphan",
        lazy="selectin",
    )

    __table_args__ = (
        # Buildium names an entry by task and entry together.
        Index("task_history_task_id_buildium_history_id_key", "task_id", "buildium_history_id", unique=True),
        Index("task_history_task_id_idx", "task_id", "entry_at"),
    )

    @property
    def is_unsent(self) -> bool:
        return bool(self.written_here and not self.message_pushed and self.buildium_history_id is None)

    @property
    def text(self) -> str | None:
        return self.edited_notes or self.notes

    @property
    def is_note(self) -> bool:
        """Whether it has a text of somebody here; that of the first entry is the task's description."""
        return bool(self.written_here and self.text and self.text != self.task.description)

    @property
    def unlisted_files(self) -> int:
        """How many of its files Buildium has told no more of than their ids."""
        return len(set(self.file_ids or ()) - {each.buildium_file_id for each in self.files})

    def changes_after(self, earlier: TaskHistory | None) -> list[tuple[str, str, str]]:
        """(what, before, now) of everything that this entry says otherwise than the one before it."""
        pairs = ((label, said(earlier, name), said(self, name)) for name, label in TOLD.items())
        return [(label, before, after) for label, before, after in pairs if before != after and (after or earlier)]

    def write_over(self, text: str, at: datetime) -> None:
        """Change the text. What Buildium has already is changed there with the next push of the task."""
        if self.buildium_history_id is None:
            self.notes = text
        else:
            self.edited_notes = None if text == self.notes else text
            self.task.history_changed_at = at

    # What Buildium says of an entry counts for those that were written there.

    @property
    def told_status(self) -> str | None:
        return self.status

    @told_status.setter
    def told_status(self, value: str | None) -> None:
        self.status = self.status if self.written_here else value

    @property
    def told_by(self) -> str | None:
        return self.written_by

    @told_by.setter
    def told_by(self, value: str | None) -> None:
        self.written_by = self.written_by if self.written_here else value

    @property
    def told_at(self) -> datetime | None:
        return self.buildium_created_at

    @told_at.setter
    def told_at(self, value: datetime | None) -> None:
        self.buildium_created_at = value
        self.entry_at = self.entry_at if self.written_here else value

    def __str__(self) -> str:
        return f"{self.task}: {self.status or 'note'}"


class TaskHistoryFile(Record, Base):
    __tablename__ = "task_history_files"
    __syncs_through__ = "task_history"

    buildium_file_id: Mapped[int | None]
    # CASCADE: a part of the entry.
    task_history_id: Mapped[UUID] = mapped_column(ForeignKey("task_history.id", ondelete="CASCADE"))
    file_name: Mapped[str255]
    file_type: Mapped[str100 | None]
    file_size: Mapped[int | None]
    # Where the portal keeps the bytes; never Buildium's download address, which dies after five minutes.
    file_url: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    # The only thing that an upload and the file it becomes have in common (MAPPING §7).
    physical_file_name: Mapped[str255 | None]
    upload_state: Mapped[str20] = mapped_column(server_default="waiting")
    # When its bytes went to Buildium, how often that was tried, and why it is given up.
    sent_at: Mapped[Moment | None]
    tries: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    problem: Mapped[str | None] = mapped_column(Text)
    # When somebody asked for the bytes of a file that only Buildium has.
    asked_for_at: Mapped[Moment | None]

    task_history: Mapped[TaskHistory] = relationship(back_populates="files")

    __table_args__ = (
        CheckConstraint("file_size >= 0", name="file_size"),
        CheckConstraint("upload_state in ('waiting', 'sending', 'sent', 'failed', 'removing')", name="upload_state"),
        Index("task_history_files_task_history_id_idx", "task_history_id"),
        Index("task_history_files_buildium_file_id_idx", "buildium_file_id"),
    )

    def send_again(self) -> None:
        """As if it had just been added."""
        self.upload_state, self.tries = "waiting", 0
        self.problem = self.physical_file_name = self.sent_at = None

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_being_fetched(self) -> bool:
        """Whether a worker may still be at it; after a while somebody can ask again."""
        return self.asked_for_at is not None and now() - self.asked_for_at < PATIENCE

    @property
    def standing(self) -> tuple[str, str]:
        """How far it is on its way to Buildium: words, and their tone."""
        return STANDINGS[self.upload_state]

    @property
    def is_picture(self) -> bool:
        """One that every browser shows, and whose bytes are here."""
        return bool(self.file_url and self.file_type in PICTURES)


def said(entry: TaskHistory | None, name: str) -> str:
    value = getattr(entry, name, None)
    if isinstance(value, date):
        return f"{value:%b} {value.day}, {value.year}"
    return TASK_STATUSES.get(value or "", value or "")
