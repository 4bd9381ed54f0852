"""The pages of properties."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import joinedload

from portal.entities.ownerships.model import Ownership
from portal.entities.ownerships.queries import shares_note
from portal.entities.properties.form import PropertyForm
from portal.entities.properties.mapping import PROPERTY
from portal.entities.properties.model import Property
from portal.entity import Entity, marks, wanted
from portal.web.filters import Choice, Of, Words
from portal.web.formats import address, address_lines
from portal.web.screen import Activity, Column, Related, Screen, Section, Sort, by_name
from portal.web.search import beginning
from portal.words import ACTIVE, ACTIVITY, RENTAL_SUB_TYPES, RENTAL_TYPES

ACCOUNTS = {"missing": "Missing", "chosen": "Chosen"}

TYPE = Column("rental_sub_type", "Type", words=RENTAL_SUB_TYPES, sort=Sort(Property.rental_sub_type, nullable=True))
UNITS = Column("total_units", "Units", "number", sort=Sort(Property.total_units, nullable=True))
MANAGER = Column("property_manager_buildium_user_id", "Manager", value=lambda it: it.property_manager)
ACCOUNT = Column(
    "operating_bank_account_id",
    "Bank account",
    "record",
    value=lambda it: it.operating_bank_account,
    to="bank_accounts",
    shown=False,
)
BUILDIUM = Column("buildium_property_id", "Buildium id", shown=False)
CHANGED = Column("updated_at", "Changed", "moment", sort=Sort(Property.updated_at), shown=False)


def set_active(is_active: bool, record: Property) -> None:
    record.is_active = is_active


def off_words(record: Property) -> Sequence[str]:
    return (
        "The property becomes inactive here and, with the next sync, in Buildium.",
        "All of its units become inactive with it.",
        "Buildium also makes its owners inactive, unless they own another active property.",
        "Nothing is deleted, and it can be reactivated.",
    )


def on_words(record: Property) -> Sequence[str]:
    return (
        "The property becomes active here and, with the next sync, in Buildium.",
        "All of its units and its inactive owners become active with it.",
    )


PROPERTIES = Entity(
    screen=Screen(
        singular="property",
        plural="properties",
        model=Property,
        form=PropertyForm,
        icon="buildings",
        columns=(
            Column("name", "Name", "name", sort=by_name(Property.name)),
            Column("address_line1", "Address", value=address),
            Column("city", "City", sort=by_name(Property.city, nullable=True), shown=False),
            TYPE,
            UNITS,
            MANAGER,
            Column("is_active", "Status", "active", words=ACTIVE, sort=Sort(Property.is_active)),
            ACCOUNT,
            BUILDIUM,
            CHANGED,
        ),
        order="name",
        empty="A property is a house or a building that you manage. Units, owners and leases belong to properties.",
        search=Property.search_text,
        filters=(
            Choice("status", "Status", ACTIVITY, lambda value: Property.is_active == (value == "active")),
            Choice("rental_sub_type", "Type", RENTAL_SUB_TYPES, lambda value: Property.rental_sub_type == value),
            Words("city", "City", lambda value: beginning(by_name(Property.city).by, value)),
            Choice(
                "operating_bank_account",
                "Bank account",
                ACCOUNTS,
                lambda value: Property.operating_bank_account_id.is_(None) == (value == "missing"),
                rare=True,
            ),
            Of(
                "operating_bank_account_id",
                "Bank account",
                "bank_accounts",
                lambda value: Property.operating_bank_account_id == value,
            ),
            Of("owner_id", "Owner", "owners", lambda value: Property.ownerships.any(Ownership.owner_id == value)),
        ),
        loads=(joinedload(Property.operating_bank_account), joinedload(Property.property_manager)),
        sections=(
            Section(
                "Property",
                (
                    Column("address_line1", "Address", value=address_lines),
                    TYPE,
                    Column("property_type", "Use", words=RENTAL_TYPES),
                    UNITS,
                    Column("structure_description", "Description", wide=True),
                ),
            ),
            Section("Management", (ACCOUNT, MANAGER, Column("reserve", "Reserve", "money"))),
            Section(
                "Building",
                (
                    Column("year_built", "Year built"),
                    Column("square_footage", "Square footage", "number"),
                    Column("bedrooms", "Bedrooms"),
                    Column("bathrooms", "Bathrooms"),
                    BUILDIUM,
                    Column("created_at", "Created", "moment"),
                    CHANGED,
                ),
            ),
        ),
        related=(
            Related(
                "Units",
                Property.units,
                "units",
                "property_id",
                ("unit_number", "unit_bedrooms", "unit_bathrooms", "unit_size", "market_rent"),
                "A single-family home has one unit, a building one for each apartment.",
                "Add unit",
            ),
            Related(
                "Owners",
                Property.ownerships,
                "ownerships",
                "property_id",
                ("owner", "ownership_percentage", "disbursement_percentage", "primary"),
                "Add the people or companies that this property belongs to.",
                "Add owner",
                note=shares_note,
            ),
            Related(
                "Leases",
                Property.leases,
                "leases",
                "property_id",
                ("unit", "tenants", "start_date", "end_date", "status", "rent"),
                "A lease says who lives in a unit, from when until when, and for how much.",
                "New lease",
            ),
            Related(
                "Tasks",
                Property.tasks,
                "tasks",
                "property_id",
                ("subject", "status", "scheduled_date", "assigned_to"),
                "What there is to be done at this property.",
                "Add task",
            ),
            Related(
                "Work orders",
                Property.work_orders,
                "work_orders",
                "property_id",
                ("subject", "vendor_id", "status", "scheduled_date", "actual_cost"),
                "What vendors are asked to do at this property.",
                "Make a work order",
            ),
        ),
        activity=Activity(lambda it: set_active(False, it), lambda it: set_active(True, it), off_words, on_words),
        marks=marks(PROPERTY),
        wanted=wanted(PROPERTY),
        buildium_id="buildium_property_id",
        buildium_page="manager/app/properties/{id}",
    ),
    resource=PROPERTY,
)
