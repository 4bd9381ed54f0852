"""What bills are for. Buildium has no such thing: each category stands for one ledger account (MAPPING §4.11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, Uuid, column, func, select, table, true
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from portal.database import Base, Record, str255
from portal.entities.gl_accounts.model import GlAccount
from portal.listing import name_order, search_index, words

if TYPE_CHECKING:
    from portal.entities.bills.model import Bill


class BillCategory(Record, Base):
    __tablename__ = "bill_categories"

    # Of the seeds: the Buildium id of the ledger account. `gl_account_id` is what the push goes by.
    buildium_category_id: Mapped[int | None]
    name: Mapped[str255]
    description: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool] = mapped_column(server_default=true())
    # RESTRICT: without it every bill of the category could no longer be sent.
    gl_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("gl_accounts.id", ondelete="RESTRICT"))
    search_text: Mapped[str] = words("name", "buildium_category_id")

    gl_account: Mapped[GlAccount | None] = relationship()
    bills: Mapped[list[Bill]] = relationship(viewonly=True)

    if TYPE_CHECKING:
        bill_count: Mapped[int]

    __table_args__ = (
        Index("bill_categories_buildium_category_id_idx", "buildium_category_id"),
        Index("bill_categories_gl_account_id_idx", "gl_account_id"),
        name_order("bill_categories_name_order_idx", "name"),
        search_index("bill_categories"),
    )

    def __str__(self) -> str:
        return self.name


def bill_count() -> Any:
    """How many bills have the category. By names, because bills know their categories and not the reverse."""
    bills = table("bills", column("category_id", Uuid))
    categories = BillCategory.__table__
    counted = select(func.count()).select_from(bills).where(bills.c.category_id == categories.c.id)
    return counted.correlate(categories).scalar_subquery()


# Asked for by the lists that show it.
BillCategory.bill_count = column_property(bill_count(), deferred=True)
