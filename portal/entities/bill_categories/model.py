"""What bills are for. Buildium has no such thing: each category stands for one ledger account (MAPPING §4.11)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, Record, str255
from portal.entities.gl_accounts.model import GlAccount
from portal.listing import name_order, search_index, words


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

    __table_args__ = (
        Index("bill_categories_buildium_category_id_idx", "buildium_category_id"),
        Index("bill_categories_gl_account_id_idx", "gl_account_id"),
        name_order("bill_categories_name_order_idx", "name"),
        search_index("bill_categories"),
    )

    def __str__(self) -> str:
        return self.name
