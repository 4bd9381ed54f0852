"""The trades by which vendors are filed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Index, Text, Uuid, column, false, func, select, table, text, true
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from portal.database import Base, Record, str255
from portal.listing import name_order, search_index, words

if TYPE_CHECKING:
    from portal.entities.vendors.model import Vendor


class VendorCategory(Record, Base):
    __tablename__ = "vendor_categories"

    buildium_category_id: Mapped[int | None]
    name: Mapped[str255]
    description: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool] = mapped_column(server_default=true())
    # Buildium's own categories; not to be edited.
    is_system: Mapped[bool] = mapped_column(server_default=false(), default=False)
    search_text: Mapped[str] = words("name", "buildium_category_id")

    vendors: Mapped[list[Vendor]] = relationship(viewonly=True)

    if TYPE_CHECKING:
        vendor_count: Mapped[int]

    __table_args__ = (
        Index("vendor_categories_buildium_category_id_key", "buildium_category_id", unique=True),
        # Only of those that Buildium hasn't: it may have two of one name, and both have to be kept here.
        Index(
            "vendor_categories_name_key",
            text("lower(name::text)"),
            unique=True,
            postgresql_where=text("buildium_category_id is null"),
        ),
        name_order("vendor_categories_name_order_idx", "name"),
        search_index("vendor_categories"),
    )

    def __str__(self) -> str:
        return self.name


def vendor_count() -> Any:
    """How many vendors are filed in the category."""
    # By name, because vendors know their categories and not the reverse.
    vendors = table("vendors", column("category_id", Uuid))
    mine = vendors.c.category_id == VendorCategory.__table__.c.id
    return select(func.count()).select_from(vendors).where(mine).scalar_subquery()


# Asked for by the pages that show it.
VendorCategory.vendor_count = column_property(vendor_count(), deferred=True)
