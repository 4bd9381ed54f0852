"""Owners: the people and companies whose properties are managed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, Index, String, Text, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, Moment, Record, str20, str100, str255
from portal.entities.contact import Addressed, Reachable
from portal.entities.ownerships.model import Ownership
from portal.entities.properties.model import Property
from portal.listing import name_order, search_index, words
from portal.vault import Sealed


class Owner(Addressed, Reachable, Record, Base):
    __tablename__ = "owners"

    first_name: Mapped[str | None] = mapped_column(String(127))
    last_name: Mapped[str | None] = mapped_column(String(127))
    is_company: Mapped[bool] = mapped_column(server_default=false())
    company_name: Mapped[str | None] = mapped_column(String(127))
    date_of_birth: Mapped[date | None]
    management_agreement_start_date: Mapped[date | None]
    management_agreement_end_date: Mapped[date | None]
    email: Mapped[str255 | None]
    alternate_email: Mapped[str255 | None]
    comment: Mapped[str | None] = mapped_column(Text)
    sealed_tax_payer_id: Mapped[str255 | None] = mapped_column("tax_payer_id")
    tax_payer_type: Mapped[str | None] = mapped_column(String(10))
    tax_payer_name1: Mapped[str | None] = mapped_column(String(40))
    tax_payer_name2: Mapped[str | None] = mapped_column(String(40))
    tax_address_line1: Mapped[str100 | None]
    tax_address_line2: Mapped[str100 | None]
    tax_address_line3: Mapped[str100 | None]
    tax_city: Mapped[str100 | None]
    tax_state: Mapped[str100 | None]
    tax_postal_code: Mapped[str20 | None]
    tax_country: Mapped[str100 | None]
    last_contacted: Mapped[Moment | None]
    buildium_owner_id: Mapped[int | None]
    sealed_tax_id: Mapped[str255 | None] = mapped_column("tax_id")
    is_active: Mapped[bool] = mapped_column(server_default=true())
    buildium_created_at: Mapped[Moment | None]
    buildium_updated_at: Mapped[Moment | None]
    # Buildium's to say; NULL until it has.
    include_in_1099: Mapped[bool | None]
    # A person agreed that an update erases in Buildium what the API can't carry: a date of birth, further phones.
    losses_accepted: Mapped[bool] = mapped_column(server_default=false(), default=False)
    # As people sort owners: "Adams Jane", "Oak Holdings LLC". The database keeps it.
    sort_name: Mapped[str] = mapped_column(
        Text, Computed("name_to_sort(is_company, (company_name)::text, (first_name)::text, (last_name)::text)", True)
    )
    search_text: Mapped[str] = words(
        *("first_name", "last_name", "company_name", "email", "alternate_email", "address_line1", "city"),
        *("postal_code", "phone_home", "phone_work", "phone_mobile", "buildium_owner_id"),
        digits=("phone_home", "phone_work", "phone_mobile"),
    )

    tax_payer_id = Sealed("sealed_tax_payer_id")
    tax_id = Sealed("sealed_tax_id")

    ownerships: Mapped[list[Ownership]] = relationship(back_populates="owner", cascade="all, delete-orphan")

    __table_args__ = (
        CheckConstraint("tax_payer_type in ('SSN', 'EIN')", name="tax_payer_type"),
        Index("owners_last_name_first_name_idx", "last_name", "first_name"),
        Index("owners_buildium_owner_id_key", "buildium_owner_id", unique=True),
        name_order("owners_sort_name_order_idx", "sort_name"),
        Index("owners_management_agreement_end_date_idx", "management_agreement_end_date", "id"),
        Index("owners_updated_at_idx", "updated_at", "id"),
        search_index("owners"),
    )

    @property
    def property_ids(self) -> list[UUID]:
        """The properties that this owner has a share of."""
        return [ownership.property_id or ownership.property.id for ownership in self.ownerships]

    @property_ids.setter
    def property_ids(self, wanted: list[UUID]) -> None:
        """Own exactly these properties: shares that stay are left as they are, new ones come without percentages."""
        for ownership in [each for each in self.ownerships if each.property_id not in wanted]:
            self.ownerships.remove(ownership)
        for property_id in [each for each in wanted if each not in self.property_ids]:
            self.ownerships.append(Ownership(property_id=property_id))

    def own(
        self,
        property: Property,
        percentage: Decimal | None = None,
        disbursement_percentage: Decimal | None = None,
        primary: bool = False,
    ) -> Ownership:
        """Give this owner a share of `property`, in percent, or change the share that it has."""
        ownership = next((each for each in self.ownerships if each.property is property), None)
        if ownership is None:
            ownership = Ownership(property=property)
            self.ownerships.append(ownership)
        ownership.ownership_percentage = percentage
        ownership.disbursement_percentage = percentage if disbursement_percentage is None else disbursement_percentage
        ownership.primary = primary
        return ownership

    def disown(self, property: Property) -> None:
        """Take the share of `property` away; nothing happens where there is none."""
        for ownership in [each for each in self.ownerships if each.property is property]:
            self.ownerships.remove(ownership)

    def __str__(self) -> str:
        person = f"{self.first_name or ''} {self.last_name or ''}".strip()
        names = (self.company_name, person) if self.is_company else (person, self.company_name)
        return names[0] or names[1] or "Owner without a name"
