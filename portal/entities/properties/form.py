"""The form of a property. A new one may bring its owners."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from wtforms import Field, FieldList, StringField, ValidationError
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from portal.database import now
from portal.entities.ownerships.form import LineField, OwnerLine, line_problems
from portal.entities.ownerships.model import Ownership
from portal.entities.properties.queries import bank_accounts, managers
from portal.web.address import AddressFields, address_group
from portal.web.fields import CodeField, MoneyField, NumberField, WholeField, decimals, readable, text
from portal.web.forms import Group, RecordForm
from portal.words import RENTAL_SUB_TYPES


def not_in_future(_: Any, field: Field) -> None:
    if field.data and field.data > now().year:
        raise ValidationError(f"Enter a year up to {now().year}.")


class PropertyForm(AddressFields, RecordForm):
    groups = (
        Group("Property", ("name", "rental_sub_type", "structure_description")),
        address_group(),
        Group(
            "Management",
            ("operating_bank_account_id", "property_manager_buildium_user_id", "reserve"),
            "Buildium takes no property without an operating bank account.",
        ),
        Group("Building", ("year_built", "square_footage", "bedrooms", "bathrooms")),
    )

    name = StringField("Name", [DataRequired("Enter the property’s name."), Length(max=127)])
    rental_sub_type = CodeField("Property type", RENTAL_SUB_TYPES, blank="Choose …")
    structure_description = text("Description", "Construction, parking, anything worth knowing about the building.")
    operating_bank_account_id = CodeField("Operating bank account", bank_accounts, kind=UUID, blank="Choose …")
    property_manager_buildium_user_id = CodeField("Property manager", managers, kind=int, blank="Nobody")
    reserve = MoneyField("Reserve", description="Kept back from the owners’ draws.")
    year_built = WholeField("Year built", 1000, 9999, not_in_future)
    square_footage = WholeField("Square footage", unit="sq ft")
    bedrooms = WholeField("Bedrooms", 0, 10_000)
    bathrooms = NumberField(
        "Bathrooms", [Optional(), readable, NumberRange(0, 99, "Enter 0 to 99."), decimals(1)], places=1
    )
    owners = FieldList(LineField(OwnerLine), "Owners", min_entries=2, max_entries=20)

    def adapt(self) -> None:
        """Later its owners are on its page, each with a form of its own."""
        if self.record:
            del self.owners

    def checks(self) -> Iterator[tuple[str, str]]:
        if "owners" in self:
            yield from line_problems(self.owners, "owners", shared=True)

    def fill(self, record: Any) -> None:
        super().fill(record)
        if "owners" not in self:
            return
        for entry in self.owners:
            if entry.record:
                record.ownerships.append(Ownership(owner=entry.record, **entry.shares()))
