"""The pages of units."""

from __future__ import annotations

from sqlalchemy.orm import joinedload

from portal.entities.units.form import UnitForm
from portal.entities.units.mapping import UNIT
from portal.entities.units.model import Unit
from portal.entities.units.queries import OCCUPANCY, is_occupied, is_occupied_on, is_of
from portal.entity import Entity, marks, wanted
from portal.web.filters import Choice, Day, Of
from portal.web.formats import address, address_lines
from portal.web.screen import Column, Related, Screen, Section, Sort, by_name
from portal.words import ACTIVE, ACTIVITY, BATHROOMS, BEDROOMS

ITS_PROPERTY = Column("property_id", "Property", "record", value=lambda it: it.property, to="properties")
NUMBER = Column("unit_number", "Unit", "name", sort=by_name(Unit.unit_number))
BEDS = Column("unit_bedrooms", "Bedrooms", words=BEDROOMS, sort=Sort(Unit.unit_bedrooms, nullable=True))
BATHS = Column("unit_bathrooms", "Bathrooms", words=BATHROOMS, sort=Sort(Unit.unit_bathrooms, nullable=True))
SIZE = Column("unit_size", "Size (sq ft)", "number", sort=Sort(Unit.unit_size, nullable=True))
RENT = Column("market_rent", "Market rent", "money", sort=Sort(Unit.market_rent, nullable=True))
STATUS = Column("is_active", "Status", "active", words=ACTIVE, sort=Sort(Unit.is_active))
BUILDIUM = Column("buildium_unit_id", "Buildium id", shown=False)
CHANGED = Column("updated_at", "Changed", "moment", sort=Sort(Unit.updated_at), shown=False)

UNITS = Entity(
    screen=Screen(
        singular="unit",
        plural="units",
        model=Unit,
        form=UnitForm,
        icon="door-open",
        columns=(
            NUMBER,
            ITS_PROPERTY,
            BEDS,
            BATHS,
            SIZE,
            RENT,
            STATUS,
            Column("address_line1", "Address", value=address, shown=False),
            BUILDIUM,
            CHANGED,
        ),
        order="unit_number",
        empty="A unit is what a lease is about: an apartment, an office, a whole house. Each belongs to a property.",
        search=Unit.search_text,
        filters=(
            Choice("status", "Status", ACTIVITY, lambda value: Unit.is_active == (value == "active")),
            Choice("unit_bedrooms", "Bedrooms", BEDROOMS, lambda value: Unit.unit_bedrooms == value),
            Choice("unit_bathrooms", "Bathrooms", BATHROOMS, lambda value: Unit.unit_bathrooms == value),
            Choice(
                "occupancy",
                "Occupancy",
                OCCUPANCY,
                lambda value: is_occupied() if value == "occupied" else ~is_occupied(),
            ),
            Day("occupied_on", "Occupied on", is_occupied_on, rare=True),
            Day("vacant_on", "Vacant on", lambda value: ~is_occupied_on(value), rare=True),
            Of("property_id", "Property", "properties", lambda value: Unit.property_id == value),
            Of("owner_id", "Owner", "owners", is_of),
        ),
        loads=(joinedload(Unit.property),),
        sections=(
            Section(
                "Unit",
                (
                    ITS_PROPERTY,
                    Column("unit_number", "Unit number"),
                    Column("unit_type", "Kind of unit"),
                    Column("address_line1", "Address", value=lambda it: address_lines(it) or "As the property’s"),
                    Column("description", "Description", wide=True),
                ),
            ),
            Section("Size and rent", (BEDS, BATHS, SIZE, RENT)),
            Section("Record", (BUILDIUM, Column("created_at", "Created", "moment"), CHANGED)),
        ),
        related=(
            Related(
                "Leases",
                Unit.leases,
                "leases",
                "unit_id",
                ("unit", "tenants", "start_date", "end_date", "status", "rent"),
                "A lease says who lives here, from when until when, and for how much.",
                "New lease",
            ),
            Related(
                "Tasks",
                Unit.tasks,
                "tasks",
                "unit_id",
                ("subject", "status", "scheduled_date", "assigned_to"),
                "What there is to be done in this unit.",
                "Add task",
            ),
            Related(
                "Work orders",
                Unit.work_orders,
                "work_orders",
                "unit_id",
                ("subject", "vendor_id", "status", "scheduled_date", "actual_cost"),
                "What vendors are asked to do in this unit.",
                "Make a work order",
            ),
        ),
        unique={
            "units_property_id_unit_number_key": (
                "unit_number",
                "This property has a unit with this number already. Choose another number.",
            )
        },
        marks=marks(UNIT),
        wanted=frozenset(wanted(UNIT) - {"address_line1", "postal_code", "country"}),
        buildium_id="buildium_unit_id",
        buildium_page="manager/app/properties/{record.property.buildium_property_id}/units/{id}",
    ),
    resource=UNIT,
)
