"""Units: what can be let in a property."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, FetchedValue, ForeignKey, Index, Numeric, String, Text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, Moment, Record, str20, str50
from portal.entities.contact import Addressed
from portal.entities.properties.model import Property
from portal.listing import name_order, search_index, words_of_relatives

if TYPE_CHECKING:
    from portal.entities.leases.model import Lease
    from portal.entities.tasks.model import Task
    from portal.entities.work_orders.model import WorkOrder


class Unit(Addressed, Record, Base):
    __tablename__ = "units"

    # RESTRICT: leases, bills and tasks hang on units, so a property goes last.
    property_id: Mapped[UUID] = mapped_column(ForeignKey("properties.id", ondelete="RESTRICT"))
    unit_number: Mapped[str] = mapped_column(String(30))
    unit_size: Mapped[int | None]
    market_rent: Mapped[Decimal | None] = mapped_column(Numeric)
    unit_bedrooms: Mapped[str20 | None]
    unit_bathrooms: Mapped[str20 | None]
    description: Mapped[str | None] = mapped_column(Text)
    buildium_unit_id: Mapped[int | None]
    unit_type: Mapped[str50 | None]
    square_footage: Mapped[int | None]
    # Buildium has no flag for units: a trigger mirrors the property's.
    is_active: Mapped[bool] = mapped_column(server_default=true(), server_onupdate=FetchedValue())
    buildium_created_at: Mapped[Moment | None]
    buildium_updated_at: Mapped[Moment | None]
    # Kept by a trigger, because it also holds the property's name; see portal.listing.words for how it is searched.
    search_text: Mapped[str | None] = words_of_relatives()

    property: Mapped[Property] = relationship(back_populates="units")
    leases: Mapped[list[Lease]] = relationship(back_populates="unit")
    tasks: Mapped[list[Task]] = relationship(back_populates="unit")
    work_orders: Mapped[list[WorkOrder]] = relationship(viewonly=True)

    __table_args__ = (
        CheckConstraint("market_rent >= 0", name="market_rent"),
        CheckConstraint("unit_size >= 0", name="unit_size"),
        Index("units_property_id_idx", "property_id"),
        Index("units_property_id_unit_number_key", "property_id", "unit_number", unique=True),
        Index("units_buildium_unit_id_key", "buildium_unit_id", unique=True),
        name_order("units_unit_number_order_idx", "unit_number"),
        Index("units_market_rent_idx", "market_rent", "id"),
        Index("units_updated_at_idx", "updated_at", "id"),
        search_index("units"),
    )

    def __str__(self) -> str:
        return f"{self.property} – {self.unit_number}" if self.property else self.unit_number
