"""Work orders: what a vendor is asked to do, and what it cost."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ColumnElement,
    FetchedValue,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Text,
    func,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, Moment, Record, str20, str50, str100, str255
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.properties.model import Property
from portal.entities.staff_users.model import StaffUser
from portal.entities.task_categories.model import TaskCategory
from portal.entities.tasks.model import Task
from portal.entities.units.model import Unit
from portal.entities.vendors.model import Vendor
from portal.listing import name_order, search_index, words_of_relatives

if TYPE_CHECKING:
    from portal.entities.bills.model import Bill

FINISHED = ("Completed", "Closed")
CENT = Decimal("0.01")


# A trigger fills these columns from the task, so every save reads them anew.
FOLLOWED: dict[str, Any] = {"server_default": FetchedValue(), "server_onupdate": FetchedValue()}


class WorkOrder(Record, Base):
    """What a vendor is to do about a task.

    Where it is, how it stands, how urgent it is and when it is due are the task's, at Buildium (MAPPING §4.17) and
    here. The columns for it repeat the task's, so that lists can filter and sort by them: a trigger keeps them equal in
    the transaction that changes the task. Only where Buildium gave an order a status, priority or due date of its own
    (`own_…`), that one stands. The verbs below act on the task, whose push brings the change to Buildium.
    """

    __tablename__ = "work_orders"

    buildium_work_order_id: Mapped[int | None]
    # RESTRICT, here and below: a work order is history, and history names its place and people.
    property_id: Mapped[UUID | None] = mapped_column(ForeignKey("properties.id", ondelete="RESTRICT"), **FOLLOWED)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id", ondelete="RESTRICT"), **FOLLOWED)
    # NULL only where Buildium has neither a title nor a task to take one from.
    subject: Mapped[str255 | None]
    description: Mapped[str | None] = mapped_column(Text)
    # NULL is Buildium's `Unknown`.
    priority: Mapped[str20 | None] = mapped_column(server_default="Normal", server_onupdate=FetchedValue())
    status: Mapped[str20 | None] = mapped_column(server_default="New", server_onupdate=FetchedValue())
    # For display: a trigger writes the name of `assigned_to_user_id` where that is set.
    assigned_to: Mapped[str255 | None] = mapped_column(**FOLLOWED)
    estimated_cost: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    # Buildium's amount: the sum of the lines.
    actual_cost: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    scheduled_date: Mapped[Moment | None] = mapped_column(**FOLLOWED)
    completed_date: Mapped[Moment | None] = mapped_column(**FOLLOWED)
    # For display: a trigger writes the name of `category_id` where that is set.
    category: Mapped[str100 | None] = mapped_column(**FOLLOWED)
    notes: Mapped[str | None] = mapped_column(Text)
    # SET NULL: the name stays in `category`.
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("task_categories.id", ondelete="SET NULL"), **FOLLOWED)
    vendor_id: Mapped[UUID | None] = mapped_column(ForeignKey("vendors.id", ondelete="RESTRICT"))
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id", ondelete="RESTRICT"))
    # Buildium's id of the staff user.
    assigned_to_user_id: Mapped[int | None] = mapped_column(**FOLLOWED)
    # What Buildium says of the order itself where that isn't what its task says; it follows the task otherwise.
    own_status: Mapped[str20 | None]
    own_priority: Mapped[str20 | None]
    own_scheduled_date: Mapped[Moment | None]
    # What its age counts from. One that was made in Buildium, which doesn't say when, is as old as its task.
    opened_at: Mapped[Moment] = mapped_column(server_default=func.now(), server_onupdate=FetchedValue())
    entry_allowed: Mapped[str] = mapped_column(String(10), server_default="Unknown")
    entry_notes: Mapped[str | None] = mapped_column(Text)
    # Buildium's ids of the people to call at the door.
    entry_contact_ids: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    invoice_number: Mapped[str50 | None]
    chargeable_to: Mapped[str100 | None]
    # Kept by a trigger: it also holds the names of property, unit and vendor.
    search_text: Mapped[str | None] = words_of_relatives()

    property: Mapped[Property | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
    vendor: Mapped[Vendor | None] = relationship()
    task: Mapped[Task | None] = relationship()
    task_category: Mapped[TaskCategory | None] = relationship()
    assignee: Mapped[StaffUser | None] = relationship(
        primaryjoin=lambda: WorkOrder.assigned_to_user_id == StaffUser.buildium_user_id,
        foreign_keys=lambda: [WorkOrder.assigned_to_user_id],
        viewonly=True,
    )
    lines: Mapped[list[WorkOrderLine]] = relationship(
        back_populates="work_order", order_by="WorkOrderLine.position", cascade="all, delete-orphan"
    )
    bills: Mapped[list[Bill]] = relationship(viewonly=True)

    __table_args__ = (
        CheckConstraint("priority in ('Low', 'Normal', 'High')", name="priority"),
        CheckConstraint("status in ('New', 'InProgress', 'Completed', 'Deferred', 'Closed')", name="status"),
        CheckConstraint("entry_allowed in ('Unknown', 'Yes', 'No')", name="entry_allowed"),
        CheckConstraint("estimated_cost >= 0", name="estimated_cost"),
        Index("idx_work_orders_property", "property_id"),
        Index("idx_work_orders_unit", "unit_id"),
        Index("idx_work_orders_status", "status", "scheduled_date", "id"),
        Index("work_orders_buildium_work_order_id_key", "buildium_work_order_id", unique=True),
        Index("work_orders_vendor_id_idx", "vendor_id"),
        Index("work_orders_task_id_idx", "task_id"),
        Index("work_orders_category_id_idx", "category_id"),
        Index("work_orders_assigned_to_user_id_idx", "assigned_to_user_id"),
        Index("work_orders_priority_idx", "priority", "id"),
        Index("work_orders_scheduled_date_idx", "scheduled_date", "id"),
        Index("work_orders_opened_at_idx", "opened_at", "id"),
        Index("work_orders_status_opened_at_idx", "status", "opened_at", "id"),
        Index("work_orders_created_at_idx", "created_at", "id"),
        Index("work_orders_updated_at_idx", "updated_at", "id"),
        name_order("work_orders_subject_order_idx", "subject"),
        search_index("work_orders"),
    )

    @hybrid_property
    def is_open(self) -> bool:
        return self.status not in FINISHED

    @is_open.inplace.expression
    @classmethod
    def _is_open(cls) -> ColumnElement[bool]:
        return func.coalesce(cls.status, "New").not_in(FINISHED)

    def move(self, status: str, by: str, at: datetime) -> None:
        """Change how the task stands, and with it this order. Raises ValueError where the order doesn't follow a task:
        `why_fixed` says it in words."""
        if self.task is None or self.why_fixed():
            raise ValueError(self.why_fixed())
        if self.task.status != status:
            self.task.move(status, by, at)

    def why_fixed(self) -> str:
        """Why the status can't be changed here; empty where it can."""
        if self.task is None:
            return "This work order has no task here, and its status is the task’s. Change it in Buildium."
        if self.own_status:
            return "Buildium gave this work order a status apart from its task’s. Change it there."
        return ""

    def prioritize(self, priority: str) -> None:
        """Change how urgent the task is."""
        if self.task:
            self.task.priority = priority

    def plan(self, due: datetime | None) -> None:
        """Change when the task is due: at midnight in the portal's time zone."""
        if self.task:
            self.task.scheduled_date = due

    def follow_task(self) -> None:
        """Say at once what the trigger will say, so that no save is made for a difference that is none."""
        if self.task:
            self.status = self.own_status or self.task.status
            self.priority = self.own_priority or self.task.priority
            self.scheduled_date = self.own_scheduled_date or self.task.scheduled_date

    def sum_up(self) -> None:
        """Take the amount from the lines, as Buildium does."""
        exact = sum((line.quantity * line.unit_price for line in self.lines), Decimal(0))
        self.actual_cost = exact.quantize(CENT, ROUND_HALF_UP)

    def __str__(self) -> str:
        return self.subject or "Work order without a title"


class WorkOrderLine(Record, Base):
    """One item of the vendor's account. Buildium's items have no id: an update replaces all of them."""

    __tablename__ = "work_order_lines"
    __syncs_through__ = "work_order"
    __listed_in_form__ = True

    # CASCADE: a part of the work order.
    work_order_id: Mapped[UUID] = mapped_column(ForeignKey("work_orders.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(server_default="0")
    gl_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("gl_accounts.id", ondelete="RESTRICT"))
    # Without a limit, because Buildium has floating point numbers and wants them back as they were.
    quantity: Mapped[Decimal] = mapped_column(Numeric, server_default=text("1"))
    unit_price: Mapped[Decimal] = mapped_column(Numeric, server_default=text("0"))
    memo: Mapped[str | None] = mapped_column(Text)

    work_order: Mapped[WorkOrder] = relationship(back_populates="lines")
    gl_account: Mapped[GlAccount | None] = relationship()

    __table_args__ = (
        Index("work_order_lines_work_order_id_idx", "work_order_id", "position"),
        Index("work_order_lines_gl_account_id_idx", "gl_account_id"),
    )

    @property
    def amount(self) -> Decimal:
        return (self.quantity * self.unit_price).quantize(CENT, ROUND_HALF_UP)

    def __str__(self) -> str:
        return self.memo or "Line"
