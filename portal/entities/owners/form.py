"""The form of an owner: a person or a company. A new one may bring its properties."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from wtforms import BooleanField, FieldList
from wtforms.validators import Email, Length, Optional

from portal.entities.ownerships.form import LineField, PropertyLine, line_problems
from portal.entities.ownerships.model import Ownership
from portal.web.address import STATE_HINT, AddressFields, address_group, region_of
from portal.web.fields import CodeField, DayField, SecretField, line, text
from portal.web.forms import Group, RecordForm
from portal.words import COUNTRIES, TAX_PAYER_TYPES

TAX_FIELDS = (
    "tax_payer_type", "tax_payer_id", "tax_payer_name1", "tax_payer_name2", "tax_address_line1", "tax_address_line2",
    "tax_address_line3", "tax_city", "tax_state", "tax_postal_code", "tax_country",
)  # fmt: skip
TAX_ID = {"SSN": re.compile(r"\d{3}-\d{2}-\d{4}"), "EIN": re.compile(r"\d{2}-\d{7}")}
E_MAIL = Email("Enter an e-mail address such as name@example.com.")
PHONE = Length(10, 20, "Enter 10 to 20 characters, with the area code, such as (503) 555-0143.")


class OwnerForm(AddressFields, RecordForm):
    groups = (
        Group("Owner", ("is_company", "company_name", "first_name", "last_name", "date_of_birth")),
        Group(
            "Contact",
            ("email", "alternate_email", "phone_mobile", "phone_work", "phone_home", "phone_fax"),
        ),
        address_group(),
        Group("Management agreement", ("management_agreement_start_date", "management_agreement_end_date", "comment")),
        Group("Tax", TAX_FIELDS, "Sent to Buildium when the owner is created. After that, change it in Buildium."),
        Group("Before the next update", ("losses_accepted",)),
    )

    is_company = BooleanField("This owner is a company")
    company_name = line("Company name", 127, hint="Needed for a company.")
    first_name = line("First name", 127, hint="Needed for a person.")
    last_name = line("Last name", 127, hint="Needed for a person.")
    date_of_birth = DayField("Date of birth")
    email = line("E-mail", 255, E_MAIL)
    alternate_email = line("Second e-mail", 255, E_MAIL)
    phone_mobile = line("Mobile phone", 20, PHONE)
    phone_work = line("Work phone", 20, PHONE)
    phone_home = line("Home phone", 20, PHONE)
    phone_fax = line("Fax", 20, PHONE)
    management_agreement_start_date = DayField("Begins")
    management_agreement_end_date = DayField("Ends")
    comment = text("Comment")
    tax_payer_type = CodeField("Kind of tax payer id", TAX_PAYER_TYPES)
    tax_payer_id = SecretField("Tax payer id", [Optional(), Length(max=20)], description="123-45-6789 or 12-3456789.")
    tax_payer_name1 = line("Name on tax forms", 40)
    tax_payer_name2 = line("Second line of the name", 40)
    tax_address_line1 = line("Address line 1")
    tax_address_line2 = line("Address line 2")
    tax_address_line3 = line("Address line 3")
    tax_city = line("City")
    tax_state = line("State", 100, region_of("tax_country"), hint=STATE_HINT)
    tax_postal_code = line("Postal code", 20)
    tax_country = CodeField("Country", COUNTRIES)
    losses_accepted = BooleanField(
        "Buildium may erase what the portal can’t send",
        description="A date of birth or a phone number that only Buildium has would be lost with the next update.",
    )
    properties = FieldList(LineField(PropertyLine), "Properties", min_entries=2, max_entries=20)

    def adapt(self) -> None:
        """What Buildium has taken once can't be sent again; a new owner can have lost nothing yet."""
        if self.record:
            del self.properties
        if self.record and self.record.buildium_owner_id is not None:
            for name in TAX_FIELDS:
                del self[name]
        else:
            del self.losses_accepted

    def checks(self) -> Iterator[tuple[str, str]]:
        yield from self.name_problems()
        starts, ends = self.management_agreement_start_date.data, self.management_agreement_end_date.data
        if starts and ends and ends < starts:
            yield "management_agreement_end_date", "The agreement can’t end before it begins."
        if "tax_payer_id" in self:
            yield from self.tax_problems()
        if "properties" in self:
            yield from line_problems(self.properties, "properties", shared=False)

    def name_problems(self) -> Iterator[tuple[str, str]]:
        if self.is_company.data:
            if not self.company_name.data:
                yield "company_name", "Enter the company’s name."
            return
        for field in (self.first_name, self.last_name):
            if not field.data:
                yield field.name, f"Enter the {field.label.text.lower()}, or tick that the owner is a company."

    def tax_problems(self) -> Iterator[tuple[str, str]]:
        """The id and its kind come together; the kind follows from how the id is written."""
        written = self.tax_payer_id.data
        if not written:
            return
        kinds = [kind for kind, pattern in TAX_ID.items() if pattern.fullmatch(written)]
        if not kinds:
            yield "tax_payer_id", "Write an SSN as 123-45-6789, an EIN as 12-3456789."
        elif self.tax_payer_type.data not in (None, kinds[0]):
            yield "tax_payer_type", f"The tax payer id is written like an {kinds[0]}."
        else:
            self.tax_payer_type.data = kinds[0]

    def fill(self, record: Any) -> None:
        super().fill(record)
        if "tax_payer_id" in self and self.tax_payer_id.data:
            # The seeds keep it twice (MAPPING §4.3).
            record.tax_id = self.tax_payer_id.data
        for entry in self.properties if "properties" in self else ():
            if entry.record:
                record.ownerships.append(Ownership(property=entry.record, **entry.shares()))
