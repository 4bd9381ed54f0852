"""Tenants: the people who live in the units."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Computed, Index, String, Text, false
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, Moment, Record, str20, str255
from portal.entities.contact import Addressed, Reachable
from portal.entities.tenants.parts import Inside
from portal.listing import name_order, search_index, words
from portal.vault import Sealed

if TYPE_CHECKING:
    from portal.entities.leases.model import Lease, LeaseTenant


class Tenant(Addressed, Reachable, Record, Base):
    """A person on one lease or more. Buildium knows no tenant without a lease (MAPPING §4.5)."""

    __tablename__ = "tenants"

    buildium_tenant_id: Mapped[int | None]
    first_name: Mapped[str] = mapped_column(String(127))
    last_name: Mapped[str] = mapped_column(String(127))
    email: Mapped[str255 | None]
    alternate_email: Mapped[str255 | None]
    date_of_birth: Mapped[date | None]
    comment: Mapped[str | None] = mapped_column(Text)
    sealed_tax_id: Mapped[str255 | None] = mapped_column("tax_id")
    emergency_contact: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    alternate_address: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    mailing_preference: Mapped[str20 | None]
    buildium_created_at: Mapped[Moment | None]
    # A person agreed that an update erases in Buildium what the API can't carry: phones of further types.
    losses_accepted: Mapped[bool] = mapped_column(server_default=false(), default=False)
    # As people sort tenants: "Adams Jane". The database keeps it.
    sort_name: Mapped[str] = mapped_column(
        Text, Computed("name_to_sort(false, ''::text, (first_name)::text, (last_name)::text)", True)
    )
    search_text: Mapped[str] = words(
        *("first_name", "last_name", "email", "alternate_email", "address_line1", "city", "postal_code"),
        *("phone_home", "phone_work", "phone_mobile", "buildium_tenant_id"),
        digits=("phone_home", "phone_work", "phone_mobile"),
    )

    tax_id = Sealed("sealed_tax_id")

    emergency_name = Inside("emergency_contact", "name")
    emergency_relationship = Inside("emergency_contact", "relationship")
    emergency_phone = Inside("emergency_contact", "phone")
    emergency_email = Inside("emergency_contact", "email")
    alternate_address_line1 = Inside("alternate_address", "address_line1")
    alternate_address_line2 = Inside("alternate_address", "address_line2")
    alternate_address_line3 = Inside("alternate_address", "address_line3")
    alternate_city = Inside("alternate_address", "city")
    alternate_state = Inside("alternate_address", "state")
    alternate_postal_code = Inside("alternate_address", "postal_code")
    alternate_country = Inside("alternate_address", "country")

    tenancies: Mapped[list[LeaseTenant]] = relationship(
        back_populates="tenant", order_by="LeaseTenant.created_at, LeaseTenant.id"
    )
    leases: Mapped[list[Lease]] = relationship(secondary="lease_tenants", viewonly=True)

    __table_args__ = (
        CheckConstraint("mailing_preference in ('PrimaryAddress', 'AlternateAddress')", name="mailing_preference"),
        Index("tenants_buildium_tenant_id_key", "buildium_tenant_id", unique=True),
        name_order("tenants_sort_name_order_idx", "sort_name"),
        Index("tenants_updated_at_idx", "updated_at", "id"),
        search_index("tenants"),
    )

    @property
    def lease(self) -> Lease | None:
        """The lease with which the tenant comes to Buildium: none of its tenants is without one."""
        return self.tenancies[0].lease if self.tenancies else None

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


def tenancy() -> LeaseTenant:
    """A place on a lease, still without lease and tenant. Leases know tenants and not the reverse, hence this way."""
    made: LeaseTenant = Tenant.tenancies.property.mapper.class_()
    return made
