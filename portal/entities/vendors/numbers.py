"""The names and numbers of a vendor as Buildium has them, for a table that has them otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from portal.entities.vendors.model import Vendor

# Buildium's types of numbers that a request can carry, in the order in which the first becomes `phone_number`
# (MAPPING §4.8); a fax never does.
CALLED = ("Office", "Cell", "Home")
CARRIED = (*CALLED, "Fax")


class CompanyName:
    """A company's `name`. A person has none at Buildium: there `name` is only how the two names read together."""

    stored = "name"

    @overload
    def __get__(self, vendor: None, owner: type) -> CompanyName: ...
    @overload
    def __get__(self, vendor: Vendor, owner: type) -> str | None: ...
    def __get__(self, vendor: Vendor | None, owner: type) -> CompanyName | str | None:
        if vendor is None:
            return self
        return None if vendor.is_company is False else vendor.name

    def __set__(self, vendor: Vendor, value: str | None) -> None:
        if value:
            vendor.name = value


class Number:
    """A vendor's phone number of one type, whether it is the `phone_number` or one of the `extra_phones`."""

    stored = "phone_number"

    def __init__(self, kind: str) -> None:
        self.kind = kind

    @overload
    def __get__(self, vendor: None, owner: type) -> Number: ...
    @overload
    def __get__(self, vendor: Vendor, owner: type) -> str | None: ...
    def __get__(self, vendor: Vendor | None, owner: type) -> Number | str | None:
        return self if vendor is None else numbers_of(vendor).get(self.kind)

    def __set__(self, vendor: Vendor, value: str | None) -> None:
        keep_numbers(vendor, {**numbers_of(vendor), self.kind: value}, others_of(vendor))


class OtherNumbers:
    """The numbers of types that no request can carry, as [{"Number": …, "Type": …}]."""

    @overload
    def __get__(self, vendor: None, owner: type) -> OtherNumbers: ...
    @overload
    def __get__(self, vendor: Vendor, owner: type) -> list[dict[str, Any]] | None: ...
    def __get__(self, vendor: Vendor | None, owner: type) -> OtherNumbers | list[dict[str, Any]] | None:
        return self if vendor is None else others_of(vendor) or None

    def __set__(self, vendor: Vendor, value: list[dict[str, Any]] | None) -> None:
        keep_numbers(vendor, dict(numbers_of(vendor)), value or [])


def numbers_of(vendor: Vendor) -> dict[str, str | None]:
    """Number by Buildium's type, of those that a request can carry."""
    kept: dict[str, str | None] = {
        each["Type"]: each["Number"] for each in vendor.extra_phones or () if each.get("Type") in CARRIED
    }
    return kept | ({vendor.phone_type or "Office": vendor.phone_number} if vendor.phone_number else {})


def others_of(vendor: Vendor) -> list[dict[str, Any]]:
    return [each for each in vendor.extra_phones or () if each.get("Type") not in CARRIED]


def keep_numbers(vendor: Vendor, numbers: dict[str, str | None], others: list[dict[str, Any]]) -> None:
    main = next((kind for kind in CALLED if numbers.get(kind)), None)
    vendor.phone_number = numbers.get(main) if main else None
    vendor.phone_type = main
    listed = [{"Number": numbers[kind], "Type": kind} for kind in CARRIED if kind != main and numbers.get(kind)]
    vendor.extra_phones = [*listed, *others] or None
