"""Payments of bills. Buildium can neither change nor undo one, so what was sent is frozen here too."""

from __future__ import annotations

import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, Money, Record, str255
from portal.entities.bank_accounts.model import BankAccount
from portal.entities.bills.model import Bill, BillLine
from portal.listing import search_index, words_of_relatives


class BillPayment(Record, Base):
    __tablename__ = "bill_payments"

    # Not unique: one check that pays several bills is several rows here (MAPPING §4.12).
    buildium_payment_id: Mapped[int | None]
    # RESTRICT on both: money that was moved stays on record.
    bill_id: Mapped[UUID] = mapped_column(ForeignKey("bills.id", ondelete="RESTRICT"))
    bank_account_id: Mapped[UUID] = mapped_column(ForeignKey("bank_accounts.id", ondelete="RESTRICT"))
    amount: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    date: Mapped[datetime.date]
    reference_number: Mapped[str255 | None]
    memo: Mapped[str | None] = mapped_column(Text)
    # Kept by a trigger: it also holds what finds the bill.
    search_text: Mapped[str | None] = words_of_relatives()

    bill: Mapped[Bill] = relationship()
    bank_account: Mapped[BankAccount] = relationship()
    lines: Mapped[list[BillPaymentLine]] = relationship(back_populates="payment", cascade="all, delete-orphan")

    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        Index("idx_bill_payments_bill", "bill_id"),
        Index("idx_bill_payments_bank", "bank_account_id"),
        Index("bill_payments_buildium_payment_id_bill_id_key", "buildium_payment_id", "bill_id", unique=True),
        Index("bill_payments_date_idx", "date", "id"),
        Index("bill_payments_amount_idx", "amount", "id"),
        Index("bill_payments_updated_at_idx", "updated_at", "id"),
        search_index("bill_payments"),
    )

    @property
    def is_frozen(self) -> bool:
        return self.buildium_payment_id is not None

    def __str__(self) -> str:
        return self.reference_number or f"Payment of {self.amount} on {self.date:%Y-%m-%d}"


class BillPaymentLine(Record, Base):
    """How much of a payment goes to which line of the bill."""

    __tablename__ = "bill_payment_lines"
    __syncs_through__ = "payment"

    # CASCADE: a part of the payment. RESTRICT: a line that was paid stays.
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("bill_payments.id", ondelete="CASCADE"))
    bill_line_id: Mapped[UUID] = mapped_column(ForeignKey("bill_lines.id", ondelete="RESTRICT"))
    amount: Mapped[Money]

    payment: Mapped[BillPayment] = relationship(back_populates="lines")
    bill_line: Mapped[BillLine] = relationship()

    __table_args__ = (
        Index("bill_payment_lines_payment_id_bill_line_id_key", "payment_id", "bill_line_id", unique=True),
        Index("bill_payment_lines_bill_line_id_idx", "bill_line_id"),
    )

    def __str__(self) -> str:
        return f"{self.amount} of {self.bill_line}"
