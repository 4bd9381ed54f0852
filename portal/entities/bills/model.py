"""Bills of vendors, their lines and their files."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    FetchedValue,
    ForeignKey,
    Index,
    Numeric,
    Text,
    event,
    false,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from portal.database import Base, Moment, Money, Record, str20, str255
from portal.entities.bill_categories.model import BillCategory
from portal.entities.bills.parts import BillFile, BillLine, key, the_one
from portal.entities.bills.schedule import Schedule
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from portal.entities.vendors.model import Vendor
from portal.entities.work_orders.model import WorkOrder
from portal.listing import search_index, words_of_relatives

if TYPE_CHECKING:
    from portal.entities.bill_payments.model import BillPayment

__all__ = ["OPEN", "Bill", "BillFile", "BillLine"]

# Amounts that are still owed are in these two. Which of them depends on the day; see Bill.standing.
OPEN = ("pending", "overdue")
ONE_DAY = datetime.timedelta(days=1)


class Bill(Record, Base):
    """What a vendor wants to be paid.

    How a bill stands is never typed. The database keeps what doesn't depend on the day: `paid_amount` is the sum of
    the payments, `open_amount` what is left, and `status` says paid or cancelled at once, whoever writes. Whether an
    open bill is overdue changes at midnight without anybody writing, so `standing` and the filters of the list work it
    out from `due_date` and the day in the portal's time zone. The stored status is made to follow by the clock every
    few minutes, for those who read the table itself; nothing here relies on it.
    """

    __tablename__ = "bills"

    buildium_bill_id: Mapped[int | None]
    # RESTRICT, here and below: the books name what they are about.
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendors.id", ondelete="RESTRICT"))
    property_id: Mapped[UUID | None] = mapped_column(ForeignKey("properties.id", ondelete="RESTRICT"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id", ondelete="RESTRICT"))
    date: Mapped[datetime.date]
    # Buildium takes no bill without one (MAPPING §6.1).
    due_date: Mapped[datetime.date]
    # These four follow from the lines, where there are any: see `sum_up`. Buildium has them on the lines only.
    amount: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    description: Mapped[str | None] = mapped_column(Text)
    reference_number: Mapped[str255 | None]
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("bill_categories.id", ondelete="RESTRICT"))
    is_recurring: Mapped[bool] = mapped_column(server_default=false())
    recurring_schedule: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    status: Mapped[str20] = mapped_column(server_default="pending", server_onupdate=FetchedValue())
    work_order_id: Mapped[UUID | None] = mapped_column(ForeignKey("work_orders.id", ondelete="RESTRICT"))
    paid_date: Mapped[datetime.date | None]
    # Read from Buildium only, so not checked: a new word of theirs must not stop a pull.
    approval_status: Mapped[str20 | None]
    # Ours. Buildium's own approval, above, can only be read.
    approved_at: Mapped[Moment | None]
    approved_by: Mapped[str255 | None]
    approved_by_id: Mapped[UUID | None]
    # Of a bill that was made by a schedule: whose, and for which date. Together only once.
    source_bill_id: Mapped[UUID | None] = mapped_column(ForeignKey("bills.id", ondelete="RESTRICT"))
    occurrence_date: Mapped[datetime.date | None]
    # Of a bill that repeats: when the next one is made. NULL where it is stopped, paused or at its end.
    next_bill_on: Mapped[datetime.date | None]
    # Kept by a trigger of the payments.
    paid_amount: Mapped[Money] = mapped_column(server_default=text("0"), server_onupdate=FetchedValue())
    open_amount: Mapped[Money] = mapped_column(
        Computed(
            "CASE WHEN (paid_date IS NOT NULL) THEN (0)::numeric"
            " ELSE GREATEST((amount - paid_amount), (0)::numeric) END",
            persisted=True,
        )
    )
    # Kept by a trigger: it also holds the names of vendor and property.
    search_text: Mapped[str | None] = words_of_relatives()

    vendor: Mapped[Vendor] = relationship()
    property: Mapped[Property | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
    category: Mapped[BillCategory | None] = relationship()
    work_order: Mapped[WorkOrder | None] = relationship()
    lines: Mapped[list[BillLine]] = relationship(
        back_populates="bill", order_by="BillLine.position", cascade="all, delete-orphan"
    )
    files: Mapped[list[BillFile]] = relationship(
        back_populates="bill", order_by="BillFile.created_at", cascade="all, delete-orphan"
    )
    payments: Mapped[list[BillPayment]] = relationship(order_by="BillPayment.date.desc()", viewonly=True)
    source: Mapped[Bill | None] = relationship(remote_side="Bill.id")

    __table_args__ = (
        CheckConstraint("(source_bill_id is null) = (occurrence_date is null)", name="occurrence_date"),
        CheckConstraint("status in ('pending', 'paid', 'overdue', 'cancelled')", name="status"),
        Index("idx_bills_vendor", "vendor_id"),
        Index("idx_bills_property", "property_id"),
        Index("idx_bills_unit", "unit_id"),
        Index("idx_bills_date", "date", "id"),
        Index("idx_bills_status", "status", "due_date", "id"),
        Index("bills_buildium_bill_id_key", "buildium_bill_id", unique=True),
        Index("bills_category_id_idx", "category_id"),
        Index("bills_work_order_id_idx", "work_order_id"),
        Index("bills_due_date_idx", "due_date", "id"),
        Index("bills_open_due_date_idx", "due_date", "id", postgresql_where=text("status in ('pending', 'overdue')")),
        Index("bills_open_amount_idx", "open_amount", "id"),
        Index("bills_next_bill_on_idx", "next_bill_on", postgresql_where=text("next_bill_on is not null")),
        Index("bills_source_bill_id_occurrence_date_key", "source_bill_id", "occurrence_date", unique=True),
        Index("bills_vendor_id_reference_number_idx", "vendor_id", text("lower(reference_number::text)")),
        Index("bills_amount_idx", "amount", "id"),
        Index("bills_reference_number_order_idx", text('lower(reference_number::text) COLLATE "C"'), "id"),
        Index("bills_updated_at_idx", "updated_at", "id"),
        search_index("bills"),
    )

    def lines_total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))

    def sum_up(self, category_of: Callable[[UUID], UUID | None]) -> None:
        """Take the amount from the lines, and property, unit and category where all lines agree (MAPPING §4.10).

        `category_of` gives the bill category that stands for a ledger account. A bill without lines stays as it is.
        """
        if not self.lines:
            return
        self.amount = self.lines_total()
        self.property_id = the_one({key(line, "property") for line in self.lines})
        self.unit_id = the_one({key(line, "unit") for line in self.lines})
        account = the_one({key(line, "gl_account") for line in self.lines})
        self.category_id = category_of(account) if account else None

    def standing(self, today: datetime.date) -> str:
        """paid, cancelled, overdue or pending (MAPPING §4.10)."""
        if self.status not in OPEN:
            return self.status
        return "overdue" if self.due_date < today else "pending"

    def days_overdue(self, today: datetime.date) -> int:
        """Zero for a bill that isn't overdue."""
        return (today - self.due_date).days if self.standing(today) == "overdue" else 0

    def is_cancelled(self) -> bool:
        return self.status == "cancelled"

    def cancel(self) -> None:
        """Here only: Buildium can neither delete nor void a bill (MAPPING §4.10). Nothing more is made of it."""
        self.status = "cancelled"
        self.next_bill_on = None

    def restore(self) -> None:
        """Take a cancellation back; the database says again how the bill stands."""
        self.status = "pending"

    def approve(self, name: str, user_id: UUID | None, at: datetime.datetime) -> None:
        self.approved_by, self.approved_by_id, self.approved_at = name, user_id, at

    def take_approval_back(self) -> None:
        self.approved_by = self.approved_by_id = self.approved_at = None

    def why_not_payable(self, needs_approval: bool) -> str:
        """A sentence, or "" for a bill that may be paid. `needs_approval` is what the settings say."""
        if self.is_cancelled():
            return "This bill was cancelled."
        if self.open_amount <= 0:
            return "Nothing of this bill is left to pay."
        if needs_approval and self.approved_at is None:
            return "This bill must be approved before it is paid."
        return ""

    def schedule(self) -> Schedule | None:
        return Schedule.read(self.recurring_schedule)

    def repeat(self, schedule: Schedule, start: datetime.date) -> None:
        """Make a bill like this one at every date of the schedule that isn't before `start`."""
        self.is_recurring = True
        self.recurring_schedule = schedule.stored()
        self.next_bill_on = schedule.next_from(start)

    def pause_repeating(self) -> None:
        if schedule := self.schedule():
            self.repeat(replace(schedule, paused=True), schedule.first)

    def resume_repeating(self, today: datetime.date) -> None:
        """The dates that passed meanwhile are left out."""
        if schedule := self.schedule():
            self.repeat(replace(schedule, paused=False), today)

    def stop_repeating(self) -> None:
        """The bills that were made stay."""
        self.is_recurring, self.recurring_schedule, self.next_bill_on = False, None, None

    def repeated(self, on: datetime.date) -> Bill:
        """The bill that the schedule of this one makes for a date: the same lines, due after as many days."""
        return Bill(
            vendor_id=self.vendor_id,
            date=on,
            due_date=on + max(self.due_date - self.date, ONE_DAY),
            description=self.description,
            amount=self.amount,
            source_bill_id=self.id,
            occurrence_date=on,
            lines=[line.copy() for line in self.lines],
        )

    def __str__(self) -> str:
        return self.reference_number or f"Bill of {self.date:%Y-%m-%d}"


@event.listens_for(Session, "before_flush")
def sum_up_bills(session: Session, *_: Any) -> None:
    """Whoever changes lines, the form, a pull or the schedule: their bill says the same as they do."""
    parts = [each for each in (*session.new, *session.dirty, *session.deleted) if isinstance(each, BillLine)]
    wholes = [each for each in (*session.new, *session.dirty) if isinstance(each, Bill) and "lines" in each.__dict__]
    for bill in {*wholes, *(line.bill for line in parts if line.bill)}:
        if bill not in session.deleted:
            bill.sum_up(partial(category_of, session, bill))


def category_of(session: Session, bill: Bill, account: UUID) -> UUID | None:
    """The bill's own category as long as it stands for the account, else the first that does."""
    fitting = select(BillCategory.id).where(BillCategory.gl_account_id == account)
    own = BillCategory.id == bill.category_id
    order = (own.desc(), BillCategory.is_active.desc(), BillCategory.name, BillCategory.id)
    return session.scalars(fitting.order_by(*order).limit(1)).first()
