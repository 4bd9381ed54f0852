"""Payments of bills. Buildium can neither change nor undo one, so what was sent is frozen here too."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, FetchedValue, ForeignKey, Index, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, Moment, Money, Record, str255
from portal.entities.bank_accounts.model import BankAccount
from portal.entities.bill_payments.split import over_lines
from portal.entities.bills.model import Bill, BillLine
from portal.listing import search_index, words_of_relatives


class BillPayment(Record, Base):
    """What one payment pays of one bill. A check that pays several bills is one of these for each: the first of them is
    sent, the others are `paid_with` it and get the same id in Buildium (MAPPING §4.12)."""

    __tablename__ = "bill_payments"

    # Not unique: see above.
    buildium_payment_id: Mapped[int | None]
    # RESTRICT on all three: money that was moved stays on record.
    bill_id: Mapped[UUID] = mapped_column(ForeignKey("bills.id", ondelete="RESTRICT"))
    bank_account_id: Mapped[UUID] = mapped_column(ForeignKey("bank_accounts.id", ondelete="RESTRICT"))
    amount: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    date: Mapped[datetime.date]
    reference_number: Mapped[str255 | None]
    memo: Mapped[str | None] = mapped_column(Text)
    paid_with_id: Mapped[UUID | None] = mapped_column(ForeignKey("bill_payments.id", ondelete="RESTRICT"))
    # Of the page on which a person has confirmed the payment: sent twice, it is still one. The first of a check has it.
    confirmation: Mapped[UUID | None]
    # Kept by a trigger of the outbox: Buildium has the payment no more. It is kept, but pays nothing.
    voided_at: Mapped[Moment | None] = mapped_column(server_onupdate=FetchedValue())
    # What Buildium says about the whole check: the ids of its bills, and its lines, which name no bill.
    paid_bill_ids: Mapped[list[int] | None] = mapped_column(JSONB)
    paid_parts: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    # Kept by a trigger: it also holds what finds the bill.
    search_text: Mapped[str | None] = words_of_relatives()

    bill: Mapped[Bill] = relationship()
    bank_account: Mapped[BankAccount] = relationship()
    paid_with: Mapped[BillPayment | None] = relationship(remote_side="BillPayment.id", back_populates="paid_along")
    paid_along: Mapped[list[BillPayment]] = relationship(
        back_populates="paid_with", order_by="BillPayment.created_at, BillPayment.id"
    )
    lines: Mapped[list[BillPaymentLine]] = relationship(back_populates="payment", cascade="all, delete-orphan")

    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        Index("idx_bill_payments_bill", "bill_id"),
        Index("idx_bill_payments_bank", "bank_account_id"),
        Index("bill_payments_buildium_payment_id_bill_id_key", "buildium_payment_id", "bill_id", unique=True),
        Index("bill_payments_paid_with_id_idx", "paid_with_id"),
        Index("bill_payments_confirmation_key", "confirmation", unique=True),
        Index("bill_payments_date_idx", "date", "id"),
        Index("bill_payments_amount_idx", "amount", "id"),
        Index("bill_payments_updated_at_idx", "updated_at", "id"),
        search_index("bill_payments"),
    )

    @property
    def is_frozen(self) -> bool:
        """Whether Buildium has it. One that is just on its way can't be changed either: the database sees to that."""
        return self.buildium_payment_id is not None

    @property
    def is_void(self) -> bool:
        return self.voided_at is not None

    def together(self) -> list[BillPayment]:
        """All that one check of ours pays, the one that is sent first."""
        first = self.paid_with or self
        return [first, *first.paid_along]

    def pay(self, amount: Decimal) -> None:
        """Let it be this amount, spread over the lines of the bill in their order, each up to what is open of it."""
        others = [each for each in self.bill.payments if each is not self and not each.is_void]
        self.spread(over_lines(amount, self.bill.lines, [(each.amount, each.shares()) for each in others]))
        self.amount = amount

    def spread(self, shares: Mapping[UUID, Decimal]) -> None:
        """Let these be the lines of the bill that it pays, and how much of each."""
        known = {line.bill_line_id: line for line in self.lines}
        self.lines = [known.get(each) or BillPaymentLine(bill_line_id=each) for each in shares]
        for line in self.lines:
            line.amount = shares[line.bill_line_id]

    def shares(self) -> dict[UUID, Decimal]:
        """What of it goes to which line of the bill, as far as that is known."""
        return {line.bill_line_id: line.amount for line in self.lines}

    def __str__(self) -> str:
        return self.reference_number or f"Payment of {self.amount} on {self.date:%Y-%m-%d}"


class BillPaymentLine(Record, Base):
    """How much of a payment goes to which line of the bill."""

    __tablename__ = "bill_payment_lines"
    __syncs_through__ = "payment"
    __listed_in_form__ = True

    # CASCADE: a part of the payment. RESTRICT: a line that was paid stays, unless Buildium takes it off.
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


def paid(
    bills: list[tuple[Bill, Decimal]], bank_account: BankAccount, on: datetime.date, confirmation: UUID | None = None
) -> list[BillPayment]:
    """One payment of these amounts of these bills, the one that is sent first."""
    made: list[BillPayment] = []
    for bill, amount in bills:
        payment = BillPayment(id=uuid4(), bill=bill, bank_account=bank_account, date=on)
        payment.paid_with = made[0] if made else None
        payment.confirmation = None if made else confirmation
        payment.pay(amount)
        made.append(payment)
    return made
