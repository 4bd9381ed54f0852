"""The buildings of the sample portfolio and their units."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import get_args

from portal.sandbox.collection import Values
from portal.sandbox.messages import enums
from portal.sandbox.sample import names

_SUB_TYPES: tuple[str, ...] = get_args(enums.RentalSubType)
# How many units a building of each kind has in proportion to the others.
_WEIGHTS = {"SingleFamily": 0, "CondoTownhome": 4, "MultiFamily": 18, "Storage": 24, "ParkingSpace": 16, "Office": 8}
_BEDROOMS: tuple[str, ...] = get_args(enums.Bedrooms)
_BATHROOMS: tuple[str, ...] = get_args(enums.Bathrooms)
_LONG_NOTE = (
    "Brick over granite, slate roof renewed after the storm of '98. Boiler room key in the office.\n"
    "Access: ring the caretaker first — « sonnez deux fois ». Snow contract from 15 November.\n"
)
_PROPERTIES_PER_UNIT = 10


@dataclass
class Building:
    """A property's stored values and those of its units."""

    values: Values
    units: list[Values] = field(default_factory=list)


def buildings(random: Random, size: int, banks: list[int], managers: list[int]) -> list[Building]:
    """`size` units in a tenth as many buildings, at least one and where possible one of every sub type."""
    count = max(1, min(size, max(size // _PROPERTIES_PER_UNIT, min(size, len(_SUB_TYPES)))))
    sub_types = [_SUB_TYPES[number] if number < len(_SUB_TYPES) else _sub_type(random) for number in range(count)]
    made = [_building(random, number, sub_type, banks, managers) for number, sub_type in enumerate(sub_types)]
    for building, units in zip(made, _unit_counts(random, size, sub_types), strict=True):
        building.units = [_unit(random, building.values, number) for number in range(units)]
    return made


def _sub_type(random: Random) -> str:
    return random.choices(_SUB_TYPES, [4 if kind in ("MultiFamily", "SingleFamily") else 1 for kind in _SUB_TYPES])[0]


def _unit_counts(random: Random, size: int, sub_types: list[str]) -> list[int]:
    """One unit each, and the rest dealt out by weight."""
    counts = [1] * len(sub_types)
    weights = [_WEIGHTS.get(kind, 6) for kind in sub_types]
    if not any(weights):
        weights = [1] * len(weights)
    for number in random.choices(range(len(counts)), weights, k=size - len(counts)):
        counts[number] += 1
    return counts


def _building(random: Random, number: int, sub_type: str, banks: list[int], managers: list[int]) -> Building:
    name, place = _name(number), random.choice(names.PLACES)
    values = {
        "Name": name,
        "StructureDescription": _description(random, number),
        "Address": address(random, place),
        "RentalSubType": sub_type,
        "OperatingBankAccountId": banks[-1] if place[3] == "Canada" else random.choice(banks),
        "PropertyManagerId": random.choice(managers) if random.random() < 0.85 else None,
        "Reserve": random.choice((0.0, 250.0, 500.0, 1000.0, 1234.56)),
        "YearBuilt": random.randint(1790, 2023) if random.random() < 0.9 else None,
        "IsActive": number % 14 != 13,
    }
    return Building(values)


def address(random: Random, place: tuple[str, str, str, str]) -> Values:
    """A street address in the place: (city, state, start of the postal code, country)."""
    city, state, postal, country = place
    end = (
        f"{random.randint(0, 99):02d}"
        if country == "UnitedStates"
        else f"{random.randint(1, 9)}K{random.randint(1, 9)}"
    )
    return {
        "AddressLine1": f"{random.randint(1, 990)} {random.choice(names.STREETS)}",
        "AddressLine2": random.choice((None, None, None, "Building B", "Rear entrance")),
        "AddressLine3": None,
        "City": city,
        "State": state,
        "PostalCode": postal + end,
        "Country": country,
    }


def _name(number: int) -> str:
    """Every fourth property has an odd name, as long as there are any; repeated names are numbered."""
    if number % 4 == 3 and number // 4 < len(names.ODD_PROPERTY_NAMES):
        return names.ODD_PROPERTY_NAMES[number // 4]
    turn, index = divmod(number, len(names.PROPERTY_NAMES))
    return names.PROPERTY_NAMES[index] + (f" {turn + 1}" if turn else "")


def _description(random: Random, number: int) -> str | None:
    if number == 5:
        return (_LONG_NOTE * 400)[:65_535]
    return random.choice((None, None, _LONG_NOTE, "Three storeys, lift, shared garden."))


def _unit(random: Random, building: Values, number: int) -> Values:
    residential = building["RentalSubType"] in ("CondoTownhome", "MultiFamily", "SingleFamily")
    label = _unit_number(building["RentalSubType"], number)
    return {
        "UnitNumber": label,
        "UnitSize": random.choice((None, *range(350, 2400, 50))),
        "MarketRent": random.choice((None, *(float(rent) for rent in range(800, 4200, 25)), 1187.33)),
        "Address": {**building["Address"], "AddressLine2": f"Unit {label}"},
        "UnitBedrooms": random.choice(_BEDROOMS) if residential else None,
        "UnitBathrooms": random.choice(_BATHROOMS) if residential else None,
        "Description": random.choice(
            (None, None, "Harbor side, morning sun.", "Nécessite peinture; café au rez-de-chaussée.")
        ),
        "IsUnitListed": random.random() < 0.05,
        # Leases say so, and nothing else in this portfolio.
        "IsUnitOccupied": False,
        "IsActive": building["IsActive"],
    }


def _unit_number(sub_type: str, number: int) -> str:
    if sub_type == "SingleFamily":
        return "Main" if number == 0 else f"Main {number + 1}"
    if sub_type in ("Storage", "ParkingSpace"):
        return f"{sub_type[0]}-{number + 1:03d}"
    floor, door = divmod(number, 4)
    return f"{floor + 1}{'ABCD'[door]}" if floor else ("½ Garden" if door == 3 else f"0{door + 1}")
