"""The bank accounts that rents arrive on and bills are paid from."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, Money, Record, str20, str100, str255
from portal.entities.gl_accounts.model import GlAccount
from portal.listing import name_order, search_index, words
from portal.vault import Sealed

if TYPE_CHECKING:
    from portal.entities.bill_payments.model import BillPayment
    from portal.entities.properties.model import Property


class BankAccount(Record, Base):
    __tablename__ = "bank_accounts"

    # Both ids are Buildium's to give: NULL until the first sync (MAPPING §12).
    buildium_bank_id: Mapped[int | None]
    # RESTRICT: an account without its ledger account would silently leave the books.
    gl_account: Mapped[UUID | None] = mapped_column(ForeignKey("gl_accounts.id", ondelete="RESTRICT"))
    name: Mapped[str255]
    description: Mapped[str | None] = mapped_column(Text)
    bank_account_type: Mapped[str20 | None]
    sealed_account_number: Mapped[str255 | None] = mapped_column("account_number")
    sealed_routing_number: Mapped[str255 | None] = mapped_column("routing_number")
    is_active: Mapped[bool] = mapped_column(server_default=true())
    balance: Mapped[Money] = mapped_column(server_default=text("0"))
    buildium_balance: Mapped[Money | None]
    country: Mapped[str100 | None]
    check_printing_info: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    search_text: Mapped[str] = words("name", "bank_account_type", "buildium_bank_id")

    account_number = Sealed("sealed_account_number")
    routing_number = Sealed("sealed_routing_number")

    gl: Mapped[GlAccount | None] = relationship()
    properties: Mapped[list[Property]] = relationship(viewonly=True)
    bill_payments: Mapped[list[BillPayment]] = relationship(viewonly=True)

    __table_args__ = (
        CheckConstraint("bank_account_type in ('Checking', 'Savings')", name="bank_account_type"),
        Index("bank_accounts_buildium_bank_id_key", "buildium_bank_id", unique=True),
        Index("bank_accounts_gl_account_idx", "gl_account"),
        name_order("bank_accounts_name_order_idx", "name"),
        search_index("bank_accounts"),
    )

    @property
    def difference(self) -> Decimal | None:
        """What Buildium has more than our books, in dollars; None while Buildium has said nothing."""
        return None if self.buildium_balance is None else self.buildium_balance - self.balance

    def __str__(self) -> str:
        return self.name
