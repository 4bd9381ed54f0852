"""Bills of vendors, their lines and their files."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, Money, Record, str20, str100, str255
from portal.entities.bill_categories.model import BillCategory
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from portal.entities.vendors.model import Vendor
from portal.entities.work_orders.model import WorkOrder
from portal.listing import search_index, words_of_relatives


class Bill(Record, Base):
    __tablename__ = "bills"

    buildium_bill_id: Mapped[int | None]
    # RESTRICT, here and below: the books name what they are about.
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendors.id", ondelete="RESTRICT"))
    property_id: Mapped[UUID | None] = mapped_column(ForeignKey("properties.id", ondelete="RESTRICT"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id", ondelete="RESTRICT"))
    date: Mapped[datetime.date]
    # Buildium takes no bill without one (MAPPING §6.1).
    due_date: Mapped[datetime.date]
    # The sum of the lines, where there are any. Buildium has no amount of its own for a bill.
    amount: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    description: Mapped[str | None] = mapped_column(Text)
    reference_number: Mapped[str255 | None]
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("bill_categories.id", ondelete="RESTRICT"))
    is_recurring: Mapped[bool] = mapped_column(server_default=false())
    recurring_schedule: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    status: Mapped[str20] = mapped_column(server_default="pending")
    work_order_id: Mapped[UUID | None] = mapped_column(ForeignKey("work_orders.id", ondelete="RESTRICT"))
    paid_date: Mapped[datetime.date | None]
    # Read from Buildium only, so not checked: a new word of theirs must not stop a pull.
    approval_status: Mapped[str20 | None]
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
    files: Mapped[list[BillFile]] = relationship(back_populates="bill", cascade="all, delete-orphan")

    __table_args__ = (
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
        Index("bills_unpaid_due_date_idx", "due_date", "id", postgresql_where=text("paid_date is null")),
        Index("bills_amount_idx", "amount", "id"),
        Index("bills_reference_number_order_idx", text('lower(reference_number::text) COLLATE "C"'), "id"),
        Index("bills_updated_at_idx", "updated_at", "id"),
        search_index("bills"),
    )

    def lines_total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))

    def __str__(self) -> str:
        return self.reference_number or f"Bill of {self.date:%Y-%m-%d}"


class BillLine(Record, Base):
    """What a bill is for: an amount, the ledger account it is booked to, and the property that bears it."""

    __tablename__ = "bill_lines"
    __syncs_through__ = "bill"

    # CASCADE: a part of the bill. RESTRICT: the books name what they are about.
    bill_id: Mapped[UUID] = mapped_column(ForeignKey("bills.id", ondelete="CASCADE"))
    buildium_line_id: Mapped[int | None]
    position: Mapped[int] = mapped_column(server_default="0")
    gl_account_id: Mapped[UUID] = mapped_column(ForeignKey("gl_accounts.id", ondelete="RESTRICT"))
    accounting_entity_type: Mapped[str20] = mapped_column(server_default="Rental")
    property_id: Mapped[UUID | None] = mapped_column(ForeignKey("properties.id", ondelete="RESTRICT"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id", ondelete="RESTRICT"))
    amount: Mapped[Money]
    memo: Mapped[str | None] = mapped_column(String(240))
    markup_amount: Mapped[Money | None]
    markup_type: Mapped[str20 | None]

    bill: Mapped[Bill] = relationship(back_populates="lines")
    gl_account: Mapped[GlAccount] = relationship()
    property: Mapped[Property | None] = relationship()
    unit: Mapped[Unit | None] = relationship()

    __table_args__ = (
        CheckConstraint(
            "accounting_entity_type in ('Rental', 'Association', 'Company')", name="accounting_entity_type"
        ),
        CheckConstraint("markup_type in ('Percent', 'Amount')", name="markup_type"),
        CheckConstraint("markup_type is distinct from 'Percent' or markup_amount <= 100", name="markup_amount"),
        Index("bill_lines_bill_id_idx", "bill_id", "position"),
        Index("bill_lines_buildium_line_id_key", "buildium_line_id", unique=True),
        Index("bill_lines_gl_account_id_idx", "gl_account_id"),
        Index("bill_lines_property_id_idx", "property_id"),
        Index("bill_lines_unit_id_idx", "unit_id"),
    )

    def __str__(self) -> str:
        return self.memo or "Line"


class BillFile(Record, Base):
    __tablename__ = "bill_files"
    __syncs_through__ = "bill"

    # CASCADE: a part of the bill.
    bill_id: Mapped[UUID] = mapped_column(ForeignKey("bills.id", ondelete="CASCADE"))
    buildium_file_id: Mapped[int | None]
    file_name: Mapped[str255]
    file_type: Mapped[str100 | None]
    file_size: Mapped[int | None]
    # Where the portal keeps the bytes; never Buildium's download address, which dies after five minutes.
    file_url: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    # The only thing that an upload and the file it becomes have in common (MAPPING §7).
    physical_file_name: Mapped[str255 | None]
    upload_state: Mapped[str20] = mapped_column(server_default="waiting")

    bill: Mapped[Bill] = relationship(back_populates="files")

    __table_args__ = (
        CheckConstraint("file_size >= 0", name="file_size"),
        CheckConstraint("upload_state in ('waiting', 'sent', 'failed')", name="upload_state"),
        Index("bill_files_bill_id_idx", "bill_id"),
        Index("bill_files_buildium_file_id_idx", "buildium_file_id"),
    )

    def __str__(self) -> str:
        return self.file_name
