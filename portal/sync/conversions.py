"""The two directions of values that are written differently on the two sides (MAPPING §1.4, §2.1, §3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from portal.sync.resource import Body, Direction, Field, at


def money_out(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def money_in(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.01"))


def date_out(value: date | None) -> str | None:
    return value.isoformat() if value else None


def date_in(value: Any) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None


def money(name: str, remote: str, **rest: Any) -> Field:
    return Field(name, remote, to_remote=money_out, to_local=money_in, **rest)


def day(name: str, remote: str, **rest: Any) -> Field:
    return Field(name, remote, to_remote=date_out, to_local=date_in, **rest)


def address(
    prefix: str = "",
    remote: str = "Address",
    direction: Direction = Direction.BOTH,
    countries: frozenset[str] | None = None,
) -> tuple[Field, ...]:
    """The seven parts of an address; line 1, postal code and country are what Buildium insists on (MAPPING §3.1)."""

    def part(name: str, key: str, label: str, longest: int | None = 100, **rest: Any) -> Field:
        return Field(prefix + name, f"{remote}.{key}", direction, longest=longest, label=label, **rest)

    return (
        part("address_line1", "AddressLine1", "Address line 1", required=True),
        part("address_line2", "AddressLine2", "Address line 2"),
        part("address_line3", "AddressLine3", "Address line 3"),
        part("city", "City", "City"),
        part("state", "State", "State", None),
        part("postal_code", "PostalCode", "Postal code", None, required=True),
        part("country", "Country", "Country", None, required=True, choices=countries),
    )


def phone(name: str, slot: str, kind: str) -> Field:
    """Requests have four named slots; answers a list of numbers with a type (MAPPING §3.2)."""
    return Field(name, f"PhoneNumbers.{slot}", read=phone_of(kind), shortest=10, longest=20)


def phone_of(kind: str) -> Callable[[Body], Any]:
    def read(body: Body) -> Any:
        numbers = at(body, "PhoneNumbers")
        found = [each for each in numbers or [] if isinstance(each, dict) and each.get("Type") == kind]
        return found[0].get("Number") if found else None

    return read


BEDROOMS = {
    "Studio": "0", "OneBed": "1", "TwoBed": "2", "ThreeBed": "3", "FourBed": "4", "FiveBed": "5",
    "SixBed": "6", "SevenBed": "7", "EightBed": "8", "NineBedPlus": "9+",
}  # fmt: skip
BATHROOMS = {
    "OneBath": "1", "OnePointFiveBath": "1.5", "TwoBath": "2", "TwoPointFiveBath": "2.5", "ThreeBath": "3",
    "ThreePointFiveBath": "3.5", "FourBath": "4", "FourPointFiveBath": "4.5", "FiveBath": "5", "FivePlusBath": "5+",
}  # fmt: skip


# A code made up since this was written: kept here as it is, so that it goes back as it came.
UNKNOWN_CODE = re.compile(r"[A-Z][A-Za-z]+")


def bedrooms_out(value: str | None) -> str | None:
    words = (value or "").strip()
    if words.lower() == "studio":
        return "Studio"
    if not words.removesuffix("+").isdecimal():
        return code_out(words)
    named = {local: remote for remote, local in BEDROOMS.items()}
    return named.get(words, "NineBedPlus" if int(words.removesuffix("+")) >= 9 else None)


def bathrooms_out(value: str | None) -> str | None:
    words = (value or "").strip().removesuffix(".0")
    named = {local: remote for remote, local in BATHROOMS.items()}
    if words in named:
        return named[words]
    try:
        return "FivePlusBath" if Decimal(words) > 5 else None
    except ArithmeticError:
        return code_out(words)


def code_out(words: str) -> str | None:
    return words if UNKNOWN_CODE.fullmatch(words) else None


def bedrooms_in(value: Any) -> str:
    return BEDROOMS.get(str(value), str(value))


def bathrooms_in(value: Any) -> str:
    return BATHROOMS.get(str(value), str(value))
