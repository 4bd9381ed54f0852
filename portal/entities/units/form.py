"""The form of a unit."""

from __future__ import annotations

from typing import Any

from wtforms import StringField
from wtforms.validators import DataRequired, Length

from portal.web.address import AddressFields, address_group
from portal.web.fields import CodeField, MoneyField, WholeField, line, text
from portal.web.forms import Group, RecordForm
from portal.web.record_field import RecordField
from portal.words import BATHROOMS, BEDROOMS


class UnitForm(AddressFields, RecordForm):
    groups = (
        Group("Unit", ("property_id", "unit_number", "unit_type", "description")),
        Group("Size and rent", ("unit_bedrooms", "unit_bathrooms", "unit_size", "market_rent")),
        address_group("Leave line 1 empty to use the property’s address."),
    )

    property_id = RecordField(
        "Property",
        "properties",
        required="Choose the property.",
        hint="It can’t be changed once Buildium has the unit.",
    )
    unit_number = StringField(
        "Unit number",
        [DataRequired("Enter the unit number."), Length(max=30)],
        description="As on the door: 2B, 104. Each one only once in a property.",
    )
    unit_type = line("Kind of unit", 50, hint="Such as loft or garden apartment.")
    description = text("Description")
    unit_bedrooms = CodeField("Bedrooms", BEDROOMS)
    unit_bathrooms = CodeField("Bathrooms", BATHROOMS)
    unit_size = WholeField("Size", unit="sq ft")
    market_rent = MoneyField("Market rent", description="A month, as you would advertise it.")

    def adapt(self) -> None:
        if self.record and self.record.buildium_unit_id is not None:
            del self.property_id

    def fill(self, record: Any) -> None:
        super().fill(record)
        # The seeds keep the size twice (MAPPING §4.2).
        record.square_footage = record.unit_size
