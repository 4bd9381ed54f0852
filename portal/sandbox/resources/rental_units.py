"""Rental units (MAPPING §4.2). A unit has no active flag to see; it follows its property."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from portal.sandbox.collection import Record, Values
from portal.sandbox.errors import broken_rule
from portal.sandbox.filters import UPDATED, ids
from portal.sandbox.messages import enums
from portal.sandbox.messages.base import Int32, LongText, Message
from portal.sandbox.messages.shared import SaveAddress
from portal.sandbox.resource import Answer, Area, Create, Event, Resource, Update
from portal.sandbox.resources.lease_terms import is_occupied
from portal.sandbox.resources.leases import remove_lease
from portal.sandbox.rules import check_address
from portal.sandbox.world import World

AREA = Area("Rentals > Rental properties and units")
_HIDDEN = ("IsActive",)


class UnitFields(Message):
    """Also the message of a unit inside a new property."""

    UnitNumber: Annotated[str, StringConstraints(min_length=1, max_length=30)]
    UnitSize: Int32 | None = None
    MarketRent: float | None = None
    Address: SaveAddress
    UnitBedrooms: enums.Bedrooms | None = None
    UnitBathrooms: enums.Bathrooms | None = None
    Description: LongText | None = None


class UnitPost(UnitFields):
    PropertyId: Int32


def unit_values(property_id: int, fields: Values, *, is_active: bool) -> Values:
    """The stored values of a unit; an active lease makes it occupied, whatever is stored."""
    return {"PropertyId": property_id, **fields, "IsUnitListed": False, "IsUnitOccupied": False, "IsActive": is_active}


def default_unit(address: Values) -> Values:
    """The fields of the one unit of a property that was created without any. Its number isn't stated anywhere."""
    empty = dict.fromkeys(("UnitSize", "MarketRent", "UnitBedrooms", "UnitBathrooms", "Description"))
    return {"UnitNumber": "1", **empty, "Address": address}


def _answer(world: World, unit: Record) -> Answer:
    building = world.get("rentals", unit["PropertyId"])
    shown = {name: value for name, value in unit.values.items() if name not in _HIDDEN}
    occupied = unit["IsUnitOccupied"] or is_occupied(world, unit)
    return {"Id": unit.id, **shown, "IsUnitOccupied": occupied, "BuildingName": building["Name"] if building else None}


def _create(world: World, body: UnitPost) -> Record:
    missing = world.switches.missing_parent_status
    building = world.needed("rentals", body.PropertyId, "PropertyId", missing=missing)
    check_address(body.Address, "Address")
    _check_number(world, building.id, body.UnitNumber, None)
    fields = body.model_dump(exclude={"PropertyId"})
    return world.insert("units", unit_values(building.id, fields, is_active=building["IsActive"]))


def _update(world: World, unit: Record, body: UnitFields) -> Record:
    check_address(body.Address, "Address")
    _check_number(world, unit["PropertyId"], body.UnitNumber, unit)
    return world.change(unit, body.model_dump())


def _check_number(world: World, property_id: int, number: str, own: Record | None) -> None:
    for other in world.find("units", "PropertyId", property_id):
        if (own is None or other.id != own.id) and world.same(other["UnitNumber"], number):
            raise broken_rule("UnitNumber", f"Unit number '{number}' already exists in this property.")


def remove_leases(world: World, unit: Record) -> None:
    """What goes with a unit that is deleted in the web pages."""
    for lease in world.find("leases", "UnitId", unit.id):
        remove_lease(world, lease)


UNITS = Resource(
    kind="units",
    path="/v1/rentals/units",
    area=AREA,
    answer=_answer,
    create=Create(UnitPost, _create),
    update=Update(UnitFields, _update),
    event=Event("RentalUnit", "UnitId"),
    indexes=("PropertyId",),
    title=lambda unit: str(unit["UnitNumber"]),
    on_delete=remove_leases,
    filters={"propertyids": ids(lambda world, unit: [unit["PropertyId"]], index="PropertyId"), **UPDATED},
)
