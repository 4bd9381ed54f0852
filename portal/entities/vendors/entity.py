"""The pages of vendors."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import joinedload

from portal.entities.vendors.form import VendorForm
from portal.entities.vendors.mapping import VENDOR
from portal.entities.vendors.model import Vendor
from portal.entities.vendors.queries import InCategory
from portal.entity import Entity, marks, wanted
from portal.web.filters import Choice, ends
from portal.web.formats import address, address_lines, day, hidden, today
from portal.web.record_sync import MARKS
from portal.web.screen import Column, Related, Screen, Section, Sort, by_name
from portal.web.values import Site, State
from portal.words import ACTIVE, ACTIVITY, TAX_PAYER_TYPES

KINDS = {"company": "Companies", "person": "People"}
INSURANCE = {
    "expired": "Has run out",
    "30": "Runs out within 30 days",
    "60": "Runs out within 60 days",
    "90": "Runs out within 90 days",
    "none": "No date known",
}
SOON = timedelta(days=90)
NUMBER_WORDS = {"Office": "work", "Cell": "mobile", "Home": "home", "Fax": "fax"}


def insurance(vendor: Vendor) -> State | None:
    until = vendor.insurance_expiration_date
    if until is None:
        return None
    if until < today():
        return State(f"Ran out {day(until)}", "bad")
    return State(f"Until {day(until)}", "wait" if until - today() <= SOON else "good")


def website(vendor: Vendor) -> Site | None:
    return Site(vendor.website) if vendor.website else None


def more_numbers(vendor: Vendor) -> str:
    """The numbers that Buildium has besides the one people call."""
    listed = [(each.get("Number"), str(each.get("Type"))) for each in vendor.extra_phones or ()]
    return "\n".join(f"{number} ({NUMBER_WORDS.get(kind, kind.lower())})" for number, kind in listed)


NAME = Column("name", "Name", "name", value=str, sort=by_name(Vendor.name))
CATEGORY = Column("category", "Category", "record", to="vendor_categories")
KIND = Column("is_company", "Kind", words={True: "Company", False: "Person"}, shown=False)
CONTACT = Column("contact_name", "Contact person", shown=False)
EMAIL = Column("email", "E-mail", "email")
PHONE = Column("phone_number", "Phone", "phone")
INSURED = Column("insurance", "Insurance", value=insurance, sort=Sort(Vendor.insurance_expiration_date, nullable=True))
UNTIL = Column("insurance_expiration_date", "Insurance runs out", "day", shown=False)
STATUS = Column("is_active", "Status", "active", words=ACTIVE, sort=Sort(Vendor.is_active))
BUILDIUM = Column("buildium_vendor_id", "Buildium id", shown=False)
CHANGED = Column("updated_at", "Changed", "moment", sort=Sort(Vendor.updated_at), shown=False)

SECTIONS = (
    Section(
        "Vendor",
        (
            Column("is_company", "Kind", words={True: "Company", False: "Person"}),
            CATEGORY,
            Column("notes", "Comments", wide=True),
        ),
    ),
    Section(
        "Contact",
        (
            Column("contact_name", "Contact person"),
            EMAIL,
            Column("alternate_email", "Second e-mail", "email"),
            PHONE,
            Column("extra_phones", "Other numbers", value=more_numbers),
            Column("website", "Website", value=website),
            Column("address_line1", "Address", value=address_lines),
        ),
    ),
    Section(
        "Insurance",
        (
            Column("insurance_provider", "Insurance company"),
            Column("insurance_policy_number", "Policy number"),
            Column("insurance_expiration_date", "Runs out", value=insurance),
        ),
    ),
    Section(
        "Tax and accounting",
        (
            Column("tax_payer_type", "Kind of tax payer id", words=TAX_PAYER_TYPES),
            Column("tax_id", "Tax payer id", value=lambda it: hidden(it, "tax_id")),
            Column("include_in_1099", "Gets a 1099", "flag"),
            Column("expense_gl_account", "Expense account", "record", to="gl_accounts"),
            Column("account_number", "Account number", value=lambda it: hidden(it, "account_number")),
        ),
    ),
    Section("Record", (BUILDIUM, Column("created_at", "Created", "moment"), CHANGED)),
)

VENDORS = Entity(
    screen=Screen(
        singular="vendor",
        plural="vendors",
        model=Vendor,
        form=VendorForm,
        icon="wrench-adjustable",
        columns=(
            NAME,
            CATEGORY,
            KIND,
            CONTACT,
            EMAIL,
            PHONE,
            Column("address_line1", "Address", value=address, shown=False),
            INSURED,
            UNTIL,
            STATUS,
            BUILDIUM,
            CHANGED,
        ),
        order="name",
        empty="Vendors are the companies and people who work on your properties and send you bills.",
        search=Vendor.search_text,
        filters=(
            InCategory(),
            Choice("status", "Status", ACTIVITY, lambda value: Vendor.is_active == (value == "active")),
            Choice("insurance", "Insurance", INSURANCE, ends(Vendor.insurance_expiration_date, "none", "expired")),
            Choice("kind", "Kind", KINDS, lambda value: Vendor.is_company == (value == "company"), rare=True),
        ),
        loads=(joinedload(Vendor.category), joinedload(Vendor.expense_gl_account)),
        sections=SECTIONS,
        related=(
            Related(
                "Bills",
                Vendor.bills,
                "bills",
                "vendor_id",
                ("reference_number", "property_id", "due_date", "amount", "open_amount", "status"),
                "What this vendor wants to be paid is entered as a bill.",
                "Add bill",
            ),
            Related(
                "Payments",
                Vendor.bill_payments,
                "bill_payments",
                "vendor_id",
                ("reference_number", "bill_id", "bank_account_id", "date", "amount", "status"),
                "What was paid on this vendor’s bills is listed here.",
                "Pay bills",
            ),
            Related(
                "Work orders",
                Vendor.work_orders,
                "work_orders",
                "vendor_id",
                ("subject", "property_id", "status", "scheduled_date", "actual_cost"),
                "What this vendor is asked to do.",
                "Make a work order",
            ),
        ),
        secrets=("tax_id", "account_number"),
        marks={
            **marks(VENDOR),
            **dict.fromkeys(("name", "phone_number", "category", "expense_gl_account"), MARKS["both"]),
            "extra_phones": MARKS["pull"],
        },
        wanted=wanted(VENDOR),
        buildium_id="buildium_vendor_id",
        buildium_page="manager/app/vendors/{id}",
    ),
    resource=VENDOR,
)
