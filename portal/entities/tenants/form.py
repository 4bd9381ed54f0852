"""The form of a tenant. A new one is put on a lease; later its leases tell where it lives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wtforms import BooleanField
from wtforms.validators import Email, Length, Optional

from portal.entities.tenants.checks import TAX_ID
from portal.entities.tenants.model import tenancy
from portal.web.address import STATE_HINT, AddressFields, address_group, region_of
from portal.web.fields import CodeField, DayField, SecretField, line, text
from portal.web.forms import Group, RecordForm
from portal.web.record_field import RecordField
from portal.web.rows import Row, RowsField
from portal.words import COUNTRIES, MAILING_PREFERENCES

E_MAIL = Email("Enter an e-mail address such as name@example.com.")
PHONE = Length(10, 20, "Enter 10 to 20 characters, with the area code, such as (503) 555-0143.")
SECOND = tuple(
    f"alternate_{part}" for part in ("address_line1", "address_line2", "address_line3", "city", "state", "postal_code")
)
NEEDED = {
    "alternate_address_line1": "Enter address line 1, or leave the whole second address empty.",
    "alternate_postal_code": "Enter the postal code, or leave the whole second address empty.",
    "alternate_country": "Choose the country, or leave the whole second address empty.",
}
ONLY_NEW = (
    "Buildium puts new people on a lease that exists. For somebody it knows already, make a new lease that names this"
    " tenant."
)


class TenancyRow(Row):
    lease_id = RecordField("Lease", "leases", required="Choose the lease.", hint=ONLY_NEW)


class TenantForm(AddressFields, RecordForm):
    groups = (
        Group("Lease", ("tenancies",), "No tenant is without a lease."),
        Group("Tenant", ("first_name", "last_name", "date_of_birth", "tax_id")),
        Group("Contact", ("email", "alternate_email", "phone_mobile", "phone_home", "phone_work", "phone_fax")),
        address_group("Leave line 1 empty to use the unit’s address."),
        Group(
            "Second address",
            (*SECOND, "alternate_country", "mailing_preference"),
            "Optional as a whole. Where it is given, Buildium needs line 1, postal code and country.",
        ),
        Group(
            "Emergency contact",
            ("emergency_name", "emergency_relationship", "emergency_phone", "emergency_email"),
        ),
        Group("Notes", ("comment",)),
        Group("Before the next update", ("losses_accepted",)),
    )

    tenancies = RowsField("Lease", TenancyRow, tenancy, "lease", "Choose the lease.", most=1)
    first_name = line("First name", 127)
    last_name = line("Last name", 127)
    date_of_birth = DayField("Date of birth")
    tax_id = SecretField(
        "Tax id", [Optional(), Length(max=20)], description="123-45-6789, 12-3456789 or nine digits. Kept encrypted."
    )
    email = line("E-mail", 255, E_MAIL)
    alternate_email = line("Second e-mail", 255, E_MAIL)
    phone_mobile = line("Mobile phone", 20, PHONE)
    phone_home = line("Home phone", 20, PHONE)
    phone_work = line("Work phone", 20, PHONE)
    phone_fax = line("Fax", 20, PHONE)
    alternate_address_line1 = line("Address line 1")
    alternate_address_line2 = line("Address line 2")
    alternate_address_line3 = line("Address line 3")
    alternate_city = line("City")
    alternate_state = line("State", 100, region_of("alternate_country"), hint=STATE_HINT)
    alternate_postal_code = line("Postal code", 20)
    alternate_country = CodeField("Country", COUNTRIES)
    mailing_preference = CodeField("Mail goes to", MAILING_PREFERENCES, blank="The address")
    emergency_name = line("Name", 255)
    emergency_relationship = line("Relationship", 255, hint="Such as sister or neighbor.")
    emergency_phone = line("Phone", 50)
    emergency_email = line("E-mail", 255, E_MAIL)
    comment = text("Comment")
    losses_accepted = BooleanField(
        "Buildium may erase what the portal can’t send",
        description="A phone number that only Buildium has would be lost with the next update.",
    )

    def adapt(self) -> None:
        """Once on a lease, a tenant moves only with a new one; and a new tenant can have lost nothing yet."""
        if self.record:
            del self.tenancies
        if self.record is None or self.record.buildium_tenant_id is None:
            del self.losses_accepted

    def prefill(self, given: Mapping[str, str]) -> None:
        super().prefill(given)
        if "tenancies" in self and "lease_id" in given:
            self.tenancies.process(None, [{"id": "", "lease_id": given["lease_id"]}])

    def checks(self) -> Iterator[tuple[str, str]]:
        for field in (self.first_name, self.last_name):
            if not field.data:
                yield field.name, f"Enter the {field.label.text.lower()}."
        if self.tax_id.data and not TAX_ID.fullmatch(self.tax_id.data):
            yield "tax_id", "Write the tax id as 123-45-6789, 12-3456789 or nine digits."
        if any(self[name].data for name in (*SECOND, "alternate_country")):
            yield from ((name, message) for name, message in NEEDED.items() if not self[name].data)
        elif self.mailing_preference.data == "AlternateAddress":
            yield "mailing_preference", "Enter the second address, or let mail go to the first one."

    def fill(self, record: Any) -> None:
        super().fill(record)
        if not record.address_line1:
            # Nothing but a country, which a new form brings along: Buildium is told the unit's address.
            record.country = None if not record.postal_code and not record.city else record.country
