"""The pages of owners."""

from __future__ import annotations

from portal.entities.owners.form import OwnerForm
from portal.entities.owners.mapping import OWNER
from portal.entities.owners.model import Owner
from portal.entities.ownerships.model import Ownership
from portal.entity import Entity, marks, wanted
from portal.web.filters import Choice, Of, ends
from portal.web.formats import address, address_lines, hidden
from portal.web.screen import Column, Related, Screen, Section, Sort, by_name
from portal.words import ACTIVE, ACTIVITY, TAX_PAYER_TYPES

KINDS = {"person": "People", "company": "Companies"}
AGREEMENTS = {
    "30": "Ends within 30 days",
    "60": "Ends within 60 days",
    "90": "Ends within 90 days",
    "ended": "Has ended",
    "open": "Without an end",
}

EMAIL = Column("email", "E-mail", "email", sort=by_name(Owner.email, nullable=True))
ENDS = Column(
    "management_agreement_end_date",
    "Agreement ends",
    "day",
    sort=Sort(Owner.management_agreement_end_date, nullable=True),
)
STATUS = Column("is_active", "Status", "active", words=ACTIVE, sort=Sort(Owner.is_active))
BUILDIUM = Column("buildium_owner_id", "Buildium id", shown=False)
CHANGED = Column("updated_at", "Changed", "moment", sort=Sort(Owner.updated_at), shown=False)


def phone(owner: Owner) -> str | None:
    return owner.phone_mobile or owner.phone_work or owner.phone_home


OWNERS = Entity(
    screen=Screen(
        singular="owner",
        plural="owners",
        model=Owner,
        form=OwnerForm,
        icon="people",
        columns=(
            Column("name", "Name", "name", value=str, sort=by_name(Owner.sort_name)),
            Column("is_company", "Kind", value=lambda it: "Company" if it.is_company else "Person"),
            EMAIL,
            Column("phone", "Phone", "phone", value=phone),
            Column("address_line1", "Address", value=address, shown=False),
            ENDS,
            STATUS,
            BUILDIUM,
            CHANGED,
        ),
        order="name",
        empty="Owners are the people and companies whose properties you manage.",
        search=Owner.search_text,
        filters=(
            Choice("status", "Status", ACTIVITY, lambda value: Owner.is_active == (value == "active")),
            Choice("kind", "Kind", KINDS, lambda value: Owner.is_company == (value == "company")),
            Choice("agreement", "Agreement", AGREEMENTS, ends(Owner.management_agreement_end_date, "open", "ended")),
            Of("property_id", "Property", "properties", lambda it: Owner.ownerships.any(Ownership.property_id == it)),
        ),
        sections=(
            Section(
                "Owner",
                (
                    Column("is_company", "Kind", value=lambda it: "Company" if it.is_company else "Person"),
                    Column("company_name", "Company name"),
                    Column("first_name", "First name"),
                    Column("last_name", "Last name"),
                    Column("date_of_birth", "Date of birth", "day"),
                ),
            ),
            Section(
                "Contact",
                (
                    EMAIL,
                    Column("alternate_email", "Second e-mail", "email"),
                    Column("phone_mobile", "Mobile phone", "phone"),
                    Column("phone_work", "Work phone", "phone"),
                    Column("phone_home", "Home phone", "phone"),
                    Column("phone_fax", "Fax", "phone"),
                    Column("address_line1", "Address", value=address_lines),
                    Column("last_contacted", "Last contacted", "moment"),
                ),
            ),
            Section(
                "Management agreement",
                (
                    Column("management_agreement_start_date", "Begins", "day"),
                    Column("management_agreement_end_date", "Ends", "day"),
                    Column("comment", "Comment", wide=True),
                ),
            ),
            Section(
                "Tax",
                (
                    Column("tax_payer_type", "Kind of tax payer id", words=TAX_PAYER_TYPES),
                    Column("tax_payer_id", "Tax payer id", value=lambda it: hidden(it, "tax_payer_id")),
                    Column("tax_payer_name1", "Name on tax forms"),
                    Column("tax_payer_name2", "Second line of the name"),
                    Column("tax_address_line1", "Tax address", value=lambda it: address_lines(it, "tax_")),
                    Column("include_in_1099", "Gets a 1099", "flag"),
                ),
            ),
            Section("Record", (BUILDIUM, Column("created_at", "Created", "moment"), CHANGED)),
        ),
        related=(
            Related(
                "Properties",
                Owner.ownerships,
                "ownerships",
                "owner_id",
                ("property", "ownership_percentage", "disbursement_percentage", "primary"),
                "Buildium takes no owner without a property. Add what this owner has a share of.",
                "Add property",
            ),
        ),
        secrets=("tax_payer_id",),
        marks=marks(OWNER),
        wanted=wanted(OWNER) - {"tax_address_line1", "tax_postal_code", "tax_country", "property_ids"},
        buildium_id="buildium_owner_id",
        buildium_page="manager/app/rentalowners/{id}",
    ),
    resource=OWNER,
)
