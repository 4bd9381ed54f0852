"""Tasks, their history, and the files of that history."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    FetchedValue,
    ForeignKey,
    Index,
    Numeric,
    Text,
    false,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, Moment, Record, str20, str100, str255
from portal.entities.leases.model import Lease
from portal.entities.owners.model import Owner
from portal.entities.properties.model import Property
from portal.entities.staff_users.model import StaffUser
from portal.entities.task_categories.model import TaskCategory
from portal.entities.tenants.model import Tenant
from portal.entities.units.model import Unit
from portal.listing import name_order, search_index, words_of_relatives

FINISHED = ("Completed", "Closed")


class Task(Record, Base):
    """Something to be done. `task_type` decides which of Buildium's four kinds it is, for good (MAPPING §4.13)."""

    __tablename__ = "tasks"

    buildium_task_id: Mapped[int | None]
    # RESTRICT, here and below: a task is history, and history names its place and people.
    property_id: Mapped[UUID | None] = mapped_column(ForeignKey("properties.id", ondelete="RESTRICT"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id", ondelete="RESTRICT"))
    subject: Mapped[str255]
    description: Mapped[str | None] = mapped_column(Text)
    priority: Mapped[str20] = mapped_column(server_default="Normal")
    status: Mapped[str20] = mapped_column(server_default="New")
    # For display: a trigger writes the name of `assigned_to_user_id` where that is set.
    assigned_to: Mapped[str255 | None] = mapped_column(server_onupdate=FetchedValue())
    estimated_cost: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    actual_cost: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    scheduled_date: Mapped[Moment | None]
    completed_date: Mapped[Moment | None]
    # For display: a trigger writes the name of `category_id` where that is set.
    category: Mapped[str100 | None] = mapped_column(server_onupdate=FetchedValue())
    notes: Mapped[str | None] = mapped_column(Text)
    task_type: Mapped[str20] = mapped_column(server_default="Todo")
    # SET NULL: the name stays in `category`.
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("task_categories.id", ondelete="SET NULL"))
    # Buildium's id; the names are in `task_categories.sub_categories`.
    sub_category_id: Mapped[int | None]
    # Buildium's id of the staff user.
    assigned_to_user_id: Mapped[int | None]
    lease_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("lease.id", ondelete="RESTRICT"))
    requested_by_tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenants.id", ondelete="RESTRICT"))
    requested_by_owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("owners.id", ondelete="RESTRICT"))
    contact_detail: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    buildium_created_at: Mapped[Moment | None]
    buildium_updated_at: Mapped[Moment | None]
    # Kept by a trigger: it also holds the names of property and unit.
    search_text: Mapped[str | None] = words_of_relatives()

    property: Mapped[Property | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
    task_category: Mapped[TaskCategory | None] = relationship()
    lease: Mapped[Lease | None] = relationship()
    requested_by_tenant: Mapped[Tenant | None] = relationship()
    requested_by_owner: Mapped[Owner | None] = relationship()
    assignee: Mapped[StaffUser | None] = relationship(
        primaryjoin=lambda: Task.assigned_to_user_id == StaffUser.buildium_user_id,
        foreign_keys=lambda: [Task.assigned_to_user_id],
        viewonly=True,
    )
    history: Mapped[list[TaskHistory]] = relationship(
        back_populates="task", order_by="TaskHistory.entry_at", cascade="all, delete-orphan"
    )

    __table_args__ = (
        CheckConstraint("priority in ('Low', 'Normal', 'High')", name="priority"),
        CheckConstraint("status in ('New', 'InProgress', 'Completed', 'Deferred', 'Closed')", name="status"),
        CheckConstraint(
            "task_type in ('Todo', 'ResidentRequest', 'RentalOwnerRequest', 'ContactRequest')", name="task_type"
        ),
        CheckConstraint("estimated_cost >= 0", name="estimated_cost"),
        CheckConstraint("actual_cost >= 0", name="actual_cost"),
        Index("idx_tasks_property", "property_id"),
        Index("idx_tasks_unit", "unit_id"),
        Index("idx_tasks_status", "status", "scheduled_date", "id"),
        Index("idx_tasks_priority", "priority", "id"),
        Index("idx_tasks_assigned", "assigned_to", "id"),
        Index("tasks_buildium_task_id_key", "buildium_task_id", unique=True),
        Index("tasks_category_id_idx", "category_id"),
        Index("tasks_assigned_to_user_id_idx", "assigned_to_user_id"),
        Index("tasks_lease_id_idx", "lease_id"),
        Index("tasks_requested_by_tenant_id_idx", "requested_by_tenant_id"),
        Index("tasks_requested_by_owner_id_idx", "requested_by_owner_id"),
        Index("tasks_scheduled_date_idx", "scheduled_date", "id"),
        Index("tasks_created_at_idx", "created_at", "id"),
        Index("tasks_updated_at_idx", "updated_at", "id"),
        name_order("tasks_subject_order_idx", "subject"),
        search_index("tasks"),
    )

    @hybrid_property
    def is_open(self) -> bool:
        return self.status not in FINISHED

    @is_open.inplace.expression
    @classmethod
    def _is_open(cls) -> ColumnElement[bool]:
        return func.coalesce(cls.status, "New").not_in(FINISHED)

    def complete(self, at: datetime) -> None:
        self.status = "Completed"
        self.completed_date = at

    def __str__(self) -> str:
        return self.subject


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
    entry_at: Mapped[Moment | None]
    # Whether the text has gone to Buildium as the message of a task update.
    message_pushed: Mapped[bool] = mapped_column(server_default=false())

    task: Mapped[Task] = relationship(back_populates="history")
    files: Mapped[list[TaskHistoryFile]] = relationship(back_populates="task_history", cascade="all, delete-orphan")

    __table_args__ = (
        # Buildium names an entry by task and entry together.
        Index("task_history_task_id_buildium_history_id_key", "task_id", "buildium_history_id", unique=True),
        Index("task_history_task_id_idx", "task_id", "entry_at"),
    )

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

    task_history: Mapped[TaskHistory] = relationship(back_populates="files")

    __table_args__ = (
        CheckConstraint("file_size >= 0", name="file_size"),
        CheckConstraint("upload_state in ('waiting', 'sent', 'failed')", name="upload_state"),
        Index("task_history_files_task_history_id_idx", "task_history_id"),
        Index("task_history_files_buildium_file_id_idx", "buildium_file_id"),
    )

    def __str__(self) -> str:
        return self.file_name
