"""Unit ↔ Rental unit (MAPPING §4.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from portal.entities.checks import agree, region_problems
from portal.entities.units.model import Unit
from portal.sync.conversions import address, bathrooms_in, bathrooms_out, bedrooms_in, bedrooms_out, money
from portal.sync.likeness import Likeness, Trait
from portal.sync.resource import Body, Direction, Field, Problem, Resource, Search
from portal.words import COUNTRIES


def as_the_property(name: str) -> Callable[[Unit], Any]:
    """Buildium wants an address of every unit: one without its own has the property's, with its number as the second
    line (MAPPING §4.2)."""

    def value(unit: Unit) -> Any:
        if unit.address_line1 or not unit.property:
            return None
        return unit.unit_number if name == "address_line2" else getattr(unit.property, name)

    return value


ADDRESS = tuple(
    replace(item, instead=as_the_property(item.name or "")) for item in address(countries=frozenset(COUNTRIES))
)

FIELDS = (
    Field("property_id", "PropertyId", Direction.CREATE, refers_to="property", required=True),
    Field("unit_number", "UnitNumber", required=True, longest=30),
    Field("unit_size", "UnitSize"),
    money("market_rent", "MarketRent"),
    *ADDRESS,
    Field("unit_bedrooms", "UnitBedrooms", to_remote=bedrooms_out, to_local=bedrooms_in, label="Bedrooms"),
    Field("unit_bathrooms", "UnitBathrooms", to_remote=bathrooms_out, to_local=bathrooms_in, label="Bathrooms"),
    Field("description", "Description", longest=65_535),
)


def sought(sent: Body) -> dict[str, Any]:
    return {"propertyids": sent["PropertyId"]}


def same(sent: Body, found: Body) -> bool:
    return agree(sent, found, "PropertyId", "UnitNumber")


def check(record: Unit, _: Body) -> list[Problem]:
    return region_problems(record)


def derive(body: Body) -> dict[str, Any]:
    # The seeds keep the size twice (MAPPING §4.2).
    return {"square_footage": body.get("UnitSize")}


UNIT = Resource(
    name="unit",
    model=Unit,
    path="/v1/rentals/units",
    id_column="buildium_unit_id",
    fields=FIELDS,
    permission="Rentals > Rental properties and units",
    events={"RentalUnit": "UnitId"},
    has_changed_filter=True,
    likeness=Likeness((Trait("unit number", ("UnitNumber",)),), within=("PropertyId",)),
    search=Search(sought, same),
    check=check,
    derive=derive,
    named_after="property",
    here=("unit_type", "is_active", "buildium_created_at", "buildium_updated_at"),
)
