"""Rental owners (MAPPING §4.3). They have no webhooks, and the link to properties is theirs alone."""

from __future__ import annotations

import re
from typing import Annotated, get_args

from pydantic import Field, StringConstraints

from portal.sandbox.collection import Record, Values
from portal.sandbox.errors import broken_rule
from portal.sandbox.filters import UPDATED, active, contains, ids, within_days
from portal.sandbox.messages import enums
from portal.sandbox.messages.base import Int32, IsoDate, LongText, Message
from portal.sandbox.messages.shared import PhoneSlots, SaveAddress, TaxInformationPost, phone_list
from portal.sandbox.resource import Answer, Area, Create, Resource, Update
from portal.sandbox.resources.users import full_name
from portal.sandbox.rules import check_address
from portal.sandbox.world import World

_Name = Annotated[str, StringConstraints(max_length=127)]
_TAX_ID_FORMATS = {"SSN": r"\d{3}-\d{2}-\d{4}", "EIN": r"\d{2}-\d{7}"}
_STORED_ONLY = ("DateOfBirth",)


class OwnerPut(Message):
    FirstName: _Name | None = None
    LastName: _Name | None = None
    IsCompany: bool
    CompanyName: _Name | None = None
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
    """Tax information as it is kept and answered: the type is called `TaxPayerIdType` there."""
    if tax is None:
        return None
    kept = {name: value for name, value in tax.items() if name != "TaxPayerType"}
    return {"TaxPayerIdType": tax["TaxPayerType"], **kept, "IncludeIn1099": True}


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
        _check_tax(tax)
    values = {**_values(world, body), "TaxInformation": tax_answer(tax.model_dump() if tax else None)}
    return world.insert("owners", values)


def _update(world: World, owner: Record, body: OwnerPut) -> Record:
    return world.change(owner, _values(world, body))


def _values(world: World, body: OwnerPut) -> Values:
    _check_name(body)
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


def _check_name(body: OwnerPut) -> None:
    for field in ("CompanyName",) if body.IsCompany else ("FirstName", "LastName"):
        if not getattr(body, field):
            raise broken_rule(field, f"{field} is required when IsCompany is {str(body.IsCompany).lower()}.")


def _check_tax(tax: TaxInformationPost) -> None:
    if bool(tax.TaxPayerId) != bool(tax.TaxPayerType):
        field = "TaxPayerType" if tax.TaxPayerId else "TaxPayerId"
        raise broken_rule(f"TaxInformation.{field}", "TaxPayerId and TaxPayerType must be given together.")
    if tax.TaxPayerId and not re.fullmatch(_TAX_ID_FORMATS[str(tax.TaxPayerType)], tax.TaxPayerId, re.ASCII):
        raise broken_rule("TaxInformation.TaxPayerId", f"The value is not formatted as {tax.TaxPayerType}.")
    if tax.Address is not None:
        check_address(tax.Address, "TaxInformation.Address")


def _any_active(world: World, property_ids: list[int]) -> bool:
    rentals = [world.get("rentals", property_id) for property_id in property_ids]
    return any(rental is not None and rental["IsActive"] for rental in rentals)


def _phones(owner: Record) -> list[str]:
    """Every number as it is written and by its digits alone, since people search both ways."""
    numbers = [phone["Number"] for phone in owner["PhoneNumbers"] or []]
    return [*numbers, *(re.sub(r"\D", "", number) for number in numbers)]


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
        "phone": contains(_phones),
        **UPDATED,
    },
)
