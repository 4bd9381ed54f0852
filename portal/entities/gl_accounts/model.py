"""The chart of accounts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, overload
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Numeric, Text, Uuid, column, false, func, or_, select, table, true
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship, validates

from portal.database import Base, Record, str50, str255
from portal.listing import name_order, search_index, words

if TYPE_CHECKING:
    from portal.entities.bank_accounts.model import BankAccount
    from portal.entities.bill_categories.model import BillCategory

# Buildium works the type out of the sub type and never takes it (MAPPING §2.1).
TYPE_OF_SUB_TYPE = {
    "CurrentAsset": "Asset",
    "FixedAsset": "Asset",
    "CurrentLiability": "Liability",
    "LongTermLiability": "Liability",
    "Equity": "Equity",
    "Income": "Income",
    "NonOperatingIncome": "Income",
    "OperatingExpenses": "Expense",
    "NonOperatingExpenses": "Expense",
}


class OnlyYes:
    """A flag as Buildium is told it: a no by saying nothing. `stored` is the attribute that holds it."""

    def __init__(self, stored: str) -> None:
        self.stored = stored

    @overload
    def __get__(self, record: None, owner: type) -> OnlyYes: ...
    @overload
    def __get__(self, record: Any, owner: type) -> bool | None: ...
    def __get__(self, record: Any, owner: type) -> OnlyYes | bool | None:
        return self if record is None else getattr(record, self.stored) or None

    def __set__(self, record: Any, value: bool | None) -> None:
        setattr(record, self.stored, bool(value))


class GlAccount(Record, Base):
    """One general ledger account. Those of bank accounts are made by Buildium, not here."""

    __tablename__ = "gl_accounts"

    buildium_gl_account_id: Mapped[int | None]
    account_number: Mapped[str50 | None]
    name: Mapped[str255]
    description: Mapped[str | None] = mapped_column(Text)
    type: Mapped[str50]
    sub_type: Mapped[str50 | None]
    is_default_gl_account: Mapped[bool] = mapped_column(server_default=false())
    default_account_name: Mapped[str255 | None]
    is_contra_account: Mapped[bool] = mapped_column(server_default=false())
    is_bank_account: Mapped[bool] = mapped_column(server_default=false())
    cash_flow_classification: Mapped[str50 | None]
    exclude_from_cash_balances: Mapped[bool] = mapped_column(server_default=false())
    is_active: Mapped[bool] = mapped_column(server_default=true())
    # What Buildium says. `parent_id` is what people choose here, also before the parent has a Buildium id.
    buildium_parent_gl_account_id: Mapped[int | None]
    is_credit_card_account: Mapped[bool] = mapped_column(server_default=false())
    # No GET returns it: NULL means that only Buildium knows (MAPPING §4.7).
    is_cash_asset: Mapped[bool | None]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("gl_accounts.id", ondelete="RESTRICT"))
    search_text: Mapped[str] = words("account_number", "name", "default_account_name", "buildium_gl_account_id")

    # A cash asset must not even say that it is no contra account (MAPPING §4.7).
    contra = OnlyYes("is_contra_account")

    parent: Mapped[GlAccount | None] = relationship(remote_side="GlAccount.id", back_populates="children")
    children: Mapped[list[GlAccount]] = relationship(back_populates="parent", order_by="GlAccount.account_number")
    bank_account: Mapped[BankAccount | None] = relationship(viewonly=True, uselist=False)
    bill_categories: Mapped[list[BillCategory]] = relationship(viewonly=True)

    if TYPE_CHECKING:
        billed: Mapped[Decimal | None]

    __table_args__ = (
        Index("gl_accounts_buildium_gl_account_id_key", "buildium_gl_account_id", unique=True),
        Index("gl_accounts_account_number_idx", "account_number", "id"),
        Index("gl_accounts_type_idx", "type", "id"),
        Index("gl_accounts_parent_id_idx", "parent_id"),
        name_order("gl_accounts_name_order_idx", "name"),
        search_index("gl_accounts"),
    )

    @validates("sub_type")
    def derive_type(self, _: str, sub_type: str | None) -> str | None:
        if sub_type in TYPE_OF_SUB_TYPE:
            self.type = TYPE_OF_SUB_TYPE[sub_type]
        return sub_type

    @property
    def is_kept_by_buildium(self) -> bool:
        """The accounts of banks and credit cards take no change (MAPPING §4.6, §4.7)."""
        return self.is_bank_account or self.is_credit_card_account

    def __str__(self) -> str:
        return f"{self.account_number} {self.name}" if self.account_number else self.name


def billed() -> Any:
    """What lines of bills book to the account and to its sub accounts, in dollars; NULL where there are none."""
    # By names, because bills know ledger accounts and not the reverse.
    lines = table("bill_lines", column("gl_account_id", Uuid), column("amount", Numeric(15, 2)))
    accounts = GlAccount.__table__
    branch = accounts.alias("branch")
    booked = select(func.sum(lines.c.amount)).join_from(lines, branch, branch.c.id == lines.c.gl_account_id)
    mine = or_(branch.c.id == accounts.c.id, branch.c.parent_id == accounts.c.id)
    return booked.where(mine).correlate(accounts).scalar_subquery()


# Asked for by the lists that show it.
GlAccount.billed = column_property(billed(), deferred=True)
