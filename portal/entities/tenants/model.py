"""Tenants: the people who live in the units."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Computed, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base, Moment, Record, str20, str255
from portal.entities.contact import Addressed, Reachable
from portal.listing import name_order, search_index, words
from portal.vault import Sealed


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

    __table_args__ = (
        CheckConstraint("mailing_preference in ('PrimaryAddress', 'AlternateAddress')", name="mailing_preference"),
        Index("tenants_buildium_tenant_id_key", "buildium_tenant_id", unique=True),
        name_order("tenants_sort_name_order_idx", "sort_name"),
        Index("tenants_updated_at_idx", "updated_at", "id"),
        search_index("tenants"),
    )

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()
