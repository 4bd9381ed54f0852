"""Properties: the houses and buildings that are managed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, FetchedValue, ForeignKey, Index, Integer, Numeric, String, Text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, Moment, Record, str50, str100
from portal.entities.bank_accounts.model import BankAccount
from portal.entities.contact import Addressed
from portal.entities.ownerships.model import Ownership
from portal.entities.staff_users.model import StaffUser
from portal.listing import name_order, search_index, words

if TYPE_CHECKING:
    from portal.entities.leases.model import Lease
    from portal.entities.owners.model import Owner
    from portal.entities.tasks.model import Task
    from portal.entities.units.model import Unit
    from portal.entities.work_orders.model import WorkOrder


class Property(Addressed, Record, Base):
    __tablename__ = "properties"

    name: Mapped[str] = mapped_column(String(127))
    structure_description: Mapped[str | None] = mapped_column(Text)
    buildium_property_id: Mapped[int | None]
    rental_sub_type: Mapped[str50 | None]
    # Buildium's owner ids as sent when the property was created; who owns it today is in `ownerships`.
    rental_owner_ids: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    # RESTRICT: Buildium refuses a property without its operating account.
    operating_bank_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("bank_accounts.id", ondelete="RESTRICT"))
    reserve: Mapped[Decimal | None] = mapped_column(Numeric)
    year_built: Mapped[int | None]
    # `status` and `is_active` say the same. A trigger makes the other follow whichever was changed, and both are
    # marked as fetched so that the session sees it.
    status: Mapped[str] = mapped_column(String(20), server_default="Active", server_onupdate=FetchedValue())
    total_units: Mapped[int | None]
    property_type: Mapped[str100 | None]
    square_footage: Mapped[int | None]
    bedrooms: Mapped[int | None]
    bathrooms: Mapped[Decimal | None] = mapped_column(Numeric(3, 1))
    is_active: Mapped[bool] = mapped_column(server_default=true(), server_onupdate=FetchedValue())
    buildium_created_at: Mapped[Moment | None]
    buildium_updated_at: Mapped[Moment | None]
    # Buildium's id of the staff user: what a PUT must resend (MAPPING §6.2), also when the staff list is older.
    property_manager_buildium_user_id: Mapped[int | None]
    search_text: Mapped[str] = words(
        "name", "address_line1", "address_line2", "city", "state", "postal_code", "buildium_property_id"
    )

    units: Mapped[list[Unit]] = relationship(back_populates="property", order_by="Unit.unit_number")
    ownerships: Mapped[list[Ownership]] = relationship(back_populates="property")
    tasks: Mapped[list[Task]] = relationship(back_populates="property")
    leases: Mapped[list[Lease]] = relationship(back_populates="property")
    work_orders: Mapped[list[WorkOrder]] = relationship(viewonly=True)
    operating_bank_account: Mapped[BankAccount | None] = relationship()
    property_manager: Mapped[StaffUser | None] = relationship(
        primaryjoin=lambda: Property.property_manager_buildium_user_id == StaffUser.buildium_user_id,
        foreign_keys=lambda: [Property.property_manager_buildium_user_id],
        viewonly=True,
    )

    __table_args__ = (
        CheckConstraint("status in ('Active', 'Inactive')", name="status"),
        CheckConstraint("is_active = (status = 'Active')", name="is_active"),
        # Loosely: Buildium says 1000 to this year, and a check can't know the year.
        CheckConstraint("year_built between 1000 and 2200", name="year_built"),
        CheckConstraint("reserve >= 0", name="reserve"),
        CheckConstraint("total_units >= 0", name="total_units"),
        Index("properties_buildium_property_id_key", "buildium_property_id", unique=True),
        name_order("properties_name_idx", "name"),
        name_order("properties_city_order_idx", "city"),
        Index("properties_status_idx", "status", "id"),
        Index("properties_operating_bank_account_id_idx", "operating_bank_account_id"),
        Index("properties_property_manager_buildium_user_id_idx", "property_manager_buildium_user_id"),
        Index("properties_updated_at_idx", "updated_at", "id"),
        search_index("properties"),
    )

    @property
    def owners(self) -> list[Owner]:
        return [ownership.owner for ownership in self.ownerships]

    def __str__(self) -> str:
        return self.name
