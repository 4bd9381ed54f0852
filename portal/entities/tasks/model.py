"""Tasks: what is to be done, and how it goes on."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
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
    func,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, Moment, Record, str20, str50, str100, str255
from portal.entities.days import day_of
from portal.entities.leases.model import Lease
from portal.entities.owners.model import Owner
from portal.entities.properties.model import Property
from portal.entities.staff_users.model import StaffUser
from portal.entities.task_categories.model import TaskCategory
from portal.entities.tasks.history import TaskHistory
from portal.entities.tenants.model import Tenant
from portal.entities.units.model import Unit
from portal.listing import name_order, search_index, words_of_relatives
from portal.words import TASK_STEPS

if TYPE_CHECKING:
    from portal.entities.work_orders.model import WorkOrder

FINISHED = ("Completed", "Closed")
# The verbs that give a task another status, and the statuses in which each makes sense.
STEPS: Mapping[str, tuple[str, ...]] = {
    "start": ("New", "Deferred"),
    "complete": ("New", "InProgress", "Deferred"),
    "defer": ("New", "InProgress"),
    "close": ("New", "InProgress", "Deferred", "Completed"),
    "reopen": FINISHED,
}


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
    # Midnight in the portal's time zone: Buildium's due date is a day (MAPPING §4.13).
    scheduled_date: Mapped[Moment | None]
    # Kept by a trigger: when the history says so for the first time since the task was last open.
    completed_date: Mapped[Moment | None] = mapped_column(server_onupdate=FetchedValue())
    # For display: a trigger writes the name of `category_id` where that is set.
    category: Mapped[str100 | None] = mapped_column(server_onupdate=FetchedValue())
    # The newest note; all of them are in the history.
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
    # Who asked, where no record stands for them (a contact request).
    contact_first_name: Mapped[str255 | None]
    contact_last_name: Mapped[str255 | None]
    contact_email: Mapped[str255 | None]
    contact_phone_home: Mapped[str50 | None]
    contact_phone_work: Mapped[str50 | None]
    contact_phone_mobile: Mapped[str50 | None]
    # What a resident says about visits, once.
    entry_permitted: Mapped[bool | None]
    has_pets: Mapped[bool | None]
    entry_notes: Mapped[str | None] = mapped_column(Text)
    buildium_created_at: Mapped[Moment | None]
    buildium_updated_at: Mapped[Moment | None]
    # When a text of its history was last changed here, which the task's push brings to Buildium.
    history_changed_at: Mapped[Moment | None]
    # Kept by a trigger: it also holds the names of property and unit.
    search_text: Mapped[str | None] = words_of_relatives()

    property: Mapped[Property | None] = relationship(back_populates="tasks")
    unit: Mapped[Unit | None] = relationship(back_populates="tasks")
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
        back_populates="task",
        # In Buildium's order, by whose ids they are told apart within a second; what it hasn't yet is the newest.
        order_by="(TaskHistory.buildium_history_id, TaskHistory.entry_at)",
        cascade="all, delete-orphan",
    )
    work_orders: Mapped[list[WorkOrder]] = relationship(viewonly=True)

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

    # `property` is the relationship in this class.
    @builtins.property
    def steps(self) -> dict[str, str]:
        """What can be done now: verb → its words."""
        return {verb: TASK_STEPS[verb] for verb, statuses in STEPS.items() if self.status in statuses}

    @builtins.property
    def story(self) -> list[tuple[TaskHistory, list[tuple[str, str, str]]]]:
        """Its entries, newest first, each with what it says otherwise than the one before."""
        pairs = zip([None, *self.history], self.history, strict=False)
        return [(entry, entry.changes_after(earlier)) for earlier, entry in pairs][::-1]

    @builtins.property
    def status_to_send(self) -> str:
        """What Buildium is to hold next. Changes of the status go out one by one, so that its history has each."""
        waiting = [entry for entry in self.history if entry.is_unsent and entry.changes_status]
        if self.buildium_task_id is None:
            waiting = self.history
        return (waiting[0].status if waiting else None) or self.status or "New"

    @status_to_send.setter
    def status_to_send(self, value: str) -> None:
        for entry in self.history:
            entry.changes_status = entry.changes_status and not entry.is_unsent
        self.status = value

    def begin(self, by: str, at: datetime) -> TaskHistory:
        """The first entry of a task that was just made."""
        self.status = self.status or "New"
        return self.enter(by, at, None)

    def start(self, by: str, at: datetime, note: str | None = None) -> TaskHistory:
        return self.move("InProgress", by, at, note)

    def complete(self, by: str, at: datetime, note: str | None = None) -> TaskHistory:
        return self.move("Completed", by, at, note)

    def defer(self, by: str, at: datetime, note: str | None = None) -> TaskHistory:
        return self.move("Deferred", by, at, note)

    def close(self, by: str, at: datetime, note: str | None = None) -> TaskHistory:
        return self.move("Closed", by, at, note)

    def reopen(self, by: str, at: datetime, note: str | None = None) -> TaskHistory:
        return self.move("New", by, at, note)

    def add_note(self, note: str | None, by: str, at: datetime) -> TaskHistory:
        return self.enter(by, at, note)

    def move(self, status: str, by: str, at: datetime, note: str | None = None) -> TaskHistory:
        """Take another status; an entry tells of it, even where the task has that status already."""
        self.status = status
        return self.enter(by, at, note, changes_status=True)

    def enter(self, by: str, at: datetime, note: str | None, changes_status: bool = False) -> TaskHistory:
        entry = TaskHistory(
            status=self.status,
            notes=note or None,
            assigned_to=self.assigned_to,
            priority=self.priority,
            due_date=day_of(self.scheduled_date) if self.scheduled_date else None,
            entry_at=at,
            written_here=True,
            written_by=by,
            changes_status=changes_status,
            message_pushed=False,
        )
        self.history.append(entry)
        self.notes = entry.notes or self.notes
        return entry

    def __str__(self) -> str:
        return self.subject
