"""Rental properties (MAPPING §4.1), with their default unit and the cascades of inactivation."""

from __future__ import annotations

from typing import Annotated, Any, get_args

from pydantic import Field, StringConstraints

from portal.sandbox.collection import Record, Values
from portal.sandbox.errors import broken_rule
from portal.sandbox.filters import UPDATED, active, choices, contains, ids
from portal.sandbox.messages import enums
from portal.sandbox.messages.base import Int32, LongText, Message
from portal.sandbox.messages.shared import SaveAddress
from portal.sandbox.resource import Action, Answer, Create, Event, Resource, Update
from portal.sandbox.resources.rental_owners import link_property, refresh_activity, unlink_property
from portal.sandbox.resources.rental_units import AREA, UnitFields, default_unit, remove_leases, unit_values
from portal.sandbox.resources.users import staff_member
from portal.sandbox.rules import check_address
from portal.sandbox.world import World

_RESIDENTIAL = ("CondoTownhome", "MultiFamily", "SingleFamily")
_MANAGER_FIELDS = ("FirstName", "LastName", "CompanyName", "IsCompany", "Email", "PhoneNumbers")


class RentalPut(Message):
    Name: Annotated[str, StringConstraints(min_length=1, max_length=127)]
    StructureDescription: LongText | None = None
    Address: SaveAddress
    RentalSubType: enums.RentalSubType
    OperatingBankAccountId: Int32
    PropertyManagerId: Int32 | None = None
    Reserve: float | None = None
    YearBuilt: Int32 | None = None


class RentalPost(RentalPut):
    RentalOwnerIds: list[Int32] | None = None
    Units: Annotated[list[UnitFields], Field(max_length=100)] | None = None


def rental_type(rental: Record) -> str:
    return "Residential" if rental["RentalSubType"] in _RESIDENTIAL else "Commercial"


def _answer(world: World, rental: Record) -> Answer:
    shown = {name: value for name, value in rental.values.items() if name != "PropertyManagerId"}
    return {
        "Id": rental.id,
        **shown,
        "Reserve": rental["Reserve"] or 0.0,
        "NumberUnits": len(world.find("units", "PropertyId", rental.id)),
        "RentalType": rental_type(rental),
        "RentalManager": _manager(world, rental["PropertyManagerId"]),
    }


def _manager(world: World, user_id: int | None) -> Values | None:
    user = world.get("users", user_id)
    if user is None:
        return None
    return {"Id": user.id, **{name: user[name] for name in _MANAGER_FIELDS}, "ProfilePhotoUrl": None}


def _create(world: World, body: RentalPost) -> Record:
    _check(world, body)
    owners = [
        world.needed("owners", owner_id, "RentalOwnerIds") for owner_id in dict.fromkeys(body.RentalOwnerIds or [])
    ]
    units = _units(world, body)
    fields = body.model_dump(exclude={"RentalOwnerIds", "Units"})
    rental = world.insert("rentals", {**fields, "IsActive": True})
    for unit in units:
        world.insert("units", unit_values(rental.id, unit, is_active=True))
    for owner in owners:
        link_property(world, owner, rental)
    return rental


def _update(world: World, rental: Record, body: RentalPut) -> Record:
    _check(world, body)
    return world.change(rental, body.model_dump())


def _check(world: World, body: RentalPut) -> None:
    check_address(body.Address, "Address")
    world.needed("bank_accounts", body.OperatingBankAccountId, "OperatingBankAccountId")
    if body.PropertyManagerId is not None and not staff_member(world, body.PropertyManagerId):
        raise broken_rule("PropertyManagerId", "The property manager must be an active staff member.")
    if body.YearBuilt is not None and not 1000 <= body.YearBuilt <= world.now.year:
        raise broken_rule("YearBuilt", "YearBuilt must be between 1000 and the current year.")


def _units(world: World, body: RentalPost) -> list[Values]:
    """The fields of the units to create: the given ones, else the default unit."""
    seen: list[str] = []
    for number, unit in enumerate(body.Units or []):
        check_address(unit.Address, f"Units[{number}].Address")
        if any(world.same(unit.UnitNumber, other) for other in seen):
            raise broken_rule(f"Units[{number}].UnitNumber", "Unit numbers must be unique within the property.")
        seen.append(unit.UnitNumber)
    return [unit.model_dump() for unit in body.Units or []] or [default_unit(body.Address.model_dump())]


def _link_to_unit(world: World, rental: Record) -> str | None:
    """The path of the unit that came with the property; of several there is none to point at."""
    units = world.find("units", "PropertyId", rental.id)
    return f"/v1/rentals/units/{units[0].id}" if len(units) == 1 else None


def _inactivate(world: World, rental: Record) -> None:
    _set_active(world, rental, is_active=False)


def _reactivate(world: World, rental: Record) -> None:
    _set_active(world, rental, is_active=True)


def _set_active(world: World, rental: Record, *, is_active: bool) -> None:
    """Takes the units along, and the owners: inactive once no active property is left, active with the first."""
    if rental["IsActive"] is not is_active:
        world.change(rental, {"IsActive": is_active})
    for unit in world.find("units", "PropertyId", rental.id):
        if unit["IsActive"] is not is_active:
            world.change(unit, {"IsActive": is_active}, quiet=not world.switches.unit_events_on_cascade)
    for owner in world.find("owners", "PropertyIds", rental.id):
        refresh_activity(world, owner)


def _delete(world: World, rental: Record) -> None:
    for unit in world.find("units", "PropertyId", rental.id):
        remove_leases(world, unit)
        world.remove(unit)
    for owner in world.find("owners", "PropertyIds", rental.id):
        unlink_property(world, owner, rental)


def _owner_ids(world: World, rental: Record) -> list[Any]:
    return [owner.id for owner in world.find("owners", "PropertyIds", rental.id)]


RENTALS = Resource(
    kind="rentals",
    path="/v1/rentals",
    area=AREA,
    answer=_answer,
    create=Create(RentalPost, _create, _link_to_unit),
    update=Update(RentalPut, _update),
    actions=(Action("inactivationrequest", _inactivate), Action("reactivationrequest", _reactivate)),
    event=Event("Rental", "PropertyId"),
    indexes=("OperatingBankAccountId",),
    on_delete=_delete,
    filters={
        "location": contains(lambda rental: [rental["Address"]["City"], rental["Address"]["State"]]),
        "types": choices(get_args(enums.RentalType), lambda rental: [rental_type(rental)]),
        "subtypes": choices(get_args(enums.RentalSubType), lambda rental: [rental["RentalSubType"]]),
        "status": active(get_args(enums.StatusInActive)),
        "rentalownerids": ids(_owner_ids),
        "propertyids": ids(lambda world, rental: [rental.id]),
        **UPDATED,
    },
)
