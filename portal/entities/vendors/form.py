"""The form of a vendor: a company or a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from flask import request
from wtforms import BooleanField, Field, SelectField, StringField, ValidationError
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Email, Length, Optional

from portal.entities.vendors.model import Vendor, person
from portal.entities.vendors.queries import alike
from portal.vault import SealedError
from portal.web.address import PARTS, AddressFields, address_group
from portal.web.fields import CodeField, DayField, SecretField, line, text
from portal.web.forms import Group, RecordForm
from portal.web.record_field import RecordField
from portal.words import TAX_PAYER_TYPES, tax_payer_type_of

E_MAIL = Email("Enter an e-mail address such as name@example.com.")
PHONE = Length(10, 20, "Enter 10 to 20 characters, with the area code, such as (503) 555-0143.")
WEBSITE = re.compile(r"https?://[\w-]+(\.[\w-]+)+(:\d{1,5})?([/?#][^\s<>\"']*)?", re.IGNORECASE)
NEEDED = {
    "address_line1": "Enter address line 1, or leave the whole address empty.",
    "postal_code": "Enter the postal code, or leave the whole address empty.",
    "country": "Choose the country, or leave the whole address empty.",
}
KINDS = [SelectChoice("True", "A company"), SelectChoice("False", "A person")]
AGREED = "duplicate_accepted"  # the box that says: a vendor of that name or e-mail exists, and this is another one


class SiteField(StringField):
    """The address of a website. What people leave out of one, and Buildium insists on, is put in front."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        typed = "".join(valuelist).strip()
        self.data = f"https://{typed}" if typed and "://" not in typed else typed


def on_the_web(_: Any, field: Field) -> None:
    if not WEBSITE.fullmatch(field.data):
        raise ValidationError("Enter the address of a website, such as www.example.com.")


def yes(value: Any) -> bool:
    return str(value) in ("True", "true", "y", "1", "on")


class VendorForm(AddressFields, RecordForm):
    groups = (
        Group("Vendor", ("is_company", "name", "first_name", "last_name", "category_id", "notes")),
        Group("Contact", ("contact_name", "email", "alternate_email", "phone_number", "website")),
        address_group("Optional as a whole. Where it is given, Buildium needs line 1, postal code and country."),
        Group("Insurance", ("insurance_provider", "insurance_policy_number", "insurance_expiration_date")),
        Group("Tax", ("tax_payer_type", "tax_id", "include_in_1099")),
        Group("Accounting", ("expense_gl_account_id", "account_number")),
        Group("Before the next update", ("losses_accepted",)),
    )

    is_company = SelectField("The vendor is", choices=KINDS, coerce=yes, default=True)
    name = line("Company name", 127, hint="Needed for a company.")
    first_name = line("First name", 127, hint="Needed for a person.")
    last_name = line("Last name", 127, hint="Needed for a person.")
    category_id = RecordField("Category", "vendor_categories")
    notes = text("Comments")
    contact_name = line("Contact person", 255, hint="Whom to ask for at a company.")
    email = line("E-mail", 255, E_MAIL)
    alternate_email = line("Second e-mail", 255, E_MAIL)
    phone_number = line("Phone", 20, PHONE)
    website = SiteField("Website", [Optional(), Length(max=100), on_the_web])
    insurance_provider = line("Insurance company", 65)
    insurance_policy_number = line("Policy number", 65)
    insurance_expiration_date = DayField("Runs out")
    tax_payer_type = CodeField("Kind of tax payer id", TAX_PAYER_TYPES)
    tax_id = SecretField("Tax payer id", [Optional(), Length(max=20)], description="123-45-6789 or 12-3456789.")
    include_in_1099 = BooleanField("Gets a 1099", description="Buildium counts this vendor’s payments for the form.")
    expense_gl_account_id = RecordField(
        "Expense account", "gl_accounts", hint="The ledger account that is proposed for this vendor’s bills."
    )
    account_number = SecretField(
        "Account number", [Optional(), Length(max=30)], description="Your number with this vendor, printed on checks."
    )
    losses_accepted = BooleanField(
        "Buildium may erase what the portal can’t send",
        description="A phone number that only Buildium has would be lost with the next update.",
    )

    similar: Sequence[Vendor] = ()

    def adapt(self) -> None:
        """A new vendor can have lost nothing yet; a person's name is in the two fields for it."""
        if self.record and self.record.is_company is False and self.name.raw_data is None:
            self.name.data = None
        if self.record is None or self.record.buildium_vendor_id is None:
            del self.losses_accepted

    def checks(self) -> Iterator[tuple[str, str]]:
        yield from self.name_problems()
        yield from self.category_problems()
        if self.has_address():
            yield from ((name, message) for name, message in NEEDED.items() if not self[name].data)
        yield from self.tax_problems()
        yield from self.duplicates()

    def name_problems(self) -> Iterator[tuple[str, str]]:
        if self.is_company.data:
            if not self.name.data:
                yield "name", "Enter the company’s name."
            return
        for field in (self.first_name, self.last_name):
            if not field.data:
                yield field.name, f"Enter the {field.label.text.lower()}, or say that the vendor is a company."

    def category_problems(self) -> Iterator[tuple[str, str]]:
        chosen = self.category_id.chosen
        had = self.record.category_id if self.record else None
        if chosen is not None and not chosen.is_active and chosen.id != had:
            yield "category_id", f"“{chosen}” isn’t in use any more. Choose another category."

    def has_address(self) -> bool:
        """A country alone, which a new form brings along, is none."""
        return any(self[name].data for name in PARTS if name != "country")

    def tax_problems(self) -> Iterator[tuple[str, str]]:
        """The id and its kind come together; the kind follows from how the id is written."""
        written = self.tax_id.data or self.stored_tax_id()
        chosen = self.tax_payer_type.data
        if not written:
            if chosen:
                yield "tax_id", "Enter the tax payer id, or leave its kind open."
            return
        kind = tax_payer_type_of(written)
        if kind is None and self.tax_id.data:
            yield "tax_id", "Write an SSN as 123-45-6789, an EIN as 12-3456789."
        elif kind and chosen not in (None, kind):
            yield "tax_payer_type", f"The tax payer id is written like an {kind}."
        elif kind:
            self.tax_payer_type.data = kind

    def stored_tax_id(self) -> str | None:
        try:
            return self.record.tax_id if self.record else None
        except SealedError:
            return None

    def duplicates(self) -> Iterator[tuple[str, str]]:
        """Asked once: a new vendor like one that exists is saved when the person says that it is another one."""
        if self.record is not None or request.form.get(AGREED):
            return
        name = self.name if self.is_company.data else self.first_name
        self.similar = alike(self.whole_name(), self.email.data)
        if self.similar:
            words = "A vendor with this name or e-mail exists. Look at it first, or tick that this is another one."
            yield name.name, words

    def whole_name(self) -> str | None:
        return self.name.data if self.is_company.data else person(self.first_name.data, self.last_name.data)

    def fill(self, record: Any) -> None:
        name = self.whole_name()
        super().fill(record)
        if record.is_company:
            record.first_name = record.last_name = None
        record.name = name
        if not self.has_address():
            record.country = None
        if not record.phone_number:
            record.phone_type = None
        if not record.include_in_1099 and not record.sealed_tax_id:
            # Nothing was said, and nothing has to be.
            record.include_in_1099 = None
