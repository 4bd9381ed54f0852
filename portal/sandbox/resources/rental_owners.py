"""Rental owners (MAPPING §4.3). They have no webhooks, and the link to properties is theirs alone."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from portal.sandbox.collection import Record, Values
from portal.sandbox.filters import UPDATED, active, contains, ids, within_days
from portal.sandbox.messages import enums
from portal.sandbox.messages.base import Int32, IsoDate, LongText
from portal.sandbox.messages.shared import PersonOrCompany, PhoneSlots, SaveAddress, TaxInformationPost, phone_list
from portal.sandbox.resource import Answer, Area, Create, Resource, Update
from portal.sandbox.resources.users import full_name, searchable_phones
from portal.sandbox.rules import check_address, check_name, check_tax
from portal.sandbox.world import World

_STORED_ONLY = ("DateOfBirth",)


class OwnerPut(PersonOrCompany):
    DateOfBirth: IsoDate | None = None
    ManagementAgreementStartDate: IsoDate | None = None
    ManagementAgreementEndDate: IsoDate | None = None
    Email: str | None = None
    AlternateEmail: str | None = None
    PhoneNumbers: PhoneSlots | None = None
    Address: SaveAddress
    Comment: LongText | None = None
    PropertyIds: Annotated[list[Int32], Field(min_length=1)]


class OwnerPost(OwnerPut):
    TaxInformation: TaxInformationPost | None = None


def tax_answer(tax: Values | None) -> Values | None:
    """Tax information as it is kept and answered: the type is called `TaxPayerIdType` there. Of owners and vendors;
    whether a new one counts for the 1099 can't be said at creation, so it does."""
    if tax is None:
        return None
    kept = {name: value for name, value in tax.items() if name != "TaxPayerType"}
    return {"TaxPayerIdType": tax["TaxPayerType"], "IncludeIn1099": True, **kept}


def refresh_activity(world: World, owner: Record) -> None:
    """An owner is active while any of the owner's properties is."""
    is_active = _any_active(world, owner["PropertyIds"])
    if owner["IsActive"] is not is_active:
        world.change(owner, {"IsActive": is_active})


def link_property(world: World, owner: Record, rental: Record) -> None:
    world.change(owner, {"PropertyIds": [*owner["PropertyIds"], rental.id], "IsActive": True})


def unlink_property(world: World, owner: Record, rental: Record) -> None:
    left = [property_id for property_id in owner["PropertyIds"] if property_id != rental.id]
    world.change(owner, {"PropertyIds": left, "IsActive": _any_active(world, left)})


def _answer(world: World, owner: Record) -> Answer:
    return {"Id": owner.id, **{name: value for name, value in owner.values.items() if name not in _STORED_ONLY}}


def _create(world: World, body: OwnerPost) -> Record:
    tax = body.TaxInformation
    if tax is not None:
        check_tax(tax)
    values = {**_values(world, body), "TaxInformation": tax_answer(tax.model_dump() if tax else None)}
    return world.insert("owners", values)


def _update(world: World, owner: Record, body: OwnerPut) -> Record:
    return world.change(owner, _values(world, body))


def _values(world: World, body: OwnerPut) -> Values:
    check_name(body)
    check_address(body.Address, "Address")
    property_ids = list(dict.fromkeys(body.PropertyIds))
    for property_id in property_ids:
        world.needed("rentals", property_id, "PropertyIds")
    values = body.model_dump(exclude={"TaxInformation"})
    unused = ("FirstName", "LastName") if body.IsCompany else ("CompanyName",)
    return {
        **values,
        **dict.fromkeys(unused),
        "PhoneNumbers": phone_list(body.PhoneNumbers),
        "PropertyIds": property_ids,
        "IsActive": _any_active(world, property_ids),
    }


def _any_active(world: World, property_ids: list[int]) -> bool:
    rentals = [world.get("rentals", property_id) for property_id in property_ids]
    return any(rental is not None and rental["IsActive"] for rental in rentals)


OWNERS = Resource(
    kind="owners",
    path="/v1/rentals/owners",
    area=Area("Rentals > Property Rental Owners"),
    answer=_answer,
    create=Create(OwnerPost, _create),
    update=Update(OwnerPut, _update),
    indexes=("PropertyIds",),
    title=full_name,
    filters={
        "propertyids": ids(lambda world, owner: owner["PropertyIds"], index="PropertyIds"),
        "status": active(get_args(enums.StatusInactive)),
        "agreementdaysremaining": within_days(lambda owner: owner["ManagementAgreementEndDate"]),
        "ownername": contains(lambda owner: [full_name(owner)]),
        "phone": contains(searchable_phones),
        **UPDATED,
    },
)
