"""The trades by which vendors are filed."""

from __future__ import annotations

from sqlalchemy import Index, Text, false, true
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base, Record, str255
from portal.listing import name_order, search_index, words


class VendorCategory(Record, Base):
    __tablename__ = "vendor_categories"

    buildium_category_id: Mapped[int | None]
    name: Mapped[str255]
    description: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool] = mapped_column(server_default=true())
    # Buildium's own categories; not to be edited.
    is_system: Mapped[bool] = mapped_column(server_default=false())
    search_text: Mapped[str] = words("name", "buildium_category_id")

    __table_args__ = (
        Index("vendor_categories_buildium_category_id_key", "buildium_category_id", unique=True),
        name_order("vendor_categories_name_order_idx", "name"),
        search_index("vendor_categories"),
    )

    def __str__(self) -> str:
        return self.name
