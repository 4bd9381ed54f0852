"""Property ↔ Rental (MAPPING §4.1)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from portal.entities.checks import agree, region_problems
from portal.entities.properties.model import Property
from portal.sync.conversions import address, money
from portal.sync.errands import Errand
from portal.sync.likeness import ADDRESS, NAME, Likeness
from portal.sync.resource import Body, Children, Direction, Field, Problem, Resource, Search
from portal.words import COUNTRIES, RENTAL_SUB_TYPES

FIELDS = (
    Field("name", "Name", required=True, longest=127),
    Field("structure_description", "StructureDescription", longest=65_535),
    Field(
        "rental_sub_type", "RentalSubType", required=True, choices=frozenset(RENTAL_SUB_TYPES), label="Property type"
    ),
    *address(countries=frozenset(COUNTRIES)),
    Field("operating_bank_account_id", "OperatingBankAccountId", refers_to="bank_account", required=True),
    Field("property_manager_buildium_user_id", "PropertyManagerId", read="RentalManager.Id", label="Property manager"),
    money("reserve", "Reserve"),
    Field("year_built", "YearBuilt"),
    Field("is_active", "IsActive", Direction.SWITCH, label="Active"),
    Field("total_units", "NumberUnits", Direction.PULL),
    Field("property_type", "RentalType", Direction.PULL),
)


def sought(sent: Body) -> dict[str, Any]:
    # There is no name filter; `location` finds the city (MAPPING §9).
    city = sent["Address"].get("City")
    return {"location": city} if city else {}


def same(sent: Body, found: Body) -> bool:
    return agree(sent, found, "Name", "Address.AddressLine1", "Address.PostalCode")


def check(record: Property, _: Body) -> list[Problem]:
    return region_problems(record)


def errands(record: Property, _: Body, to_send: Collection[str]) -> list[Errand]:
    """No PUT can change the flag: two requests of their own do (MAPPING §4.1)."""
    return [Errand("POST", "reactivationrequest" if record.is_active else "inactivationrequest")] * (
        "IsActive" in to_send
    )


PROPERTY = Resource(
    name="property",
    model=Property,
    path="/v1/rentals",
    id_column="buildium_property_id",
    fields=FIELDS,
    permission="Rentals > Rental properties and units",
    events={"Rental": "PropertyId"},
    has_changed_filter=True,
    likeness=Likeness((NAME, ADDRESS)),
    search=Search(sought, same),
    children=Children(
        resource="unit", relationship="units", remote="Units", parent="PropertyId", at_most=100, query="propertyids"
    ),
    errands=errands,
    check=check,
    touches=("propertyids", "owner"),
    here=(
        "status", "square_footage", "bedrooms", "bathrooms", "buildium_created_at", "buildium_updated_at",
        "rental_owner_ids",
    ),
)  # fmt: skip
