"""The kinds of records that the chaos run knows: a new one is a declaration here and nothing else.

A value that somebody types is unique in the whole run, so that wherever it turns up it tells whose edit it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Body = dict[str, Any]
Find = Callable[[str], Any]  # the name of a slot → its id, of the side that asks


@dataclass(frozen=True)
class Value:
    """One field that both sides edit: its name in the form, its column here, its place in Buildium's record (a name at
    the top level, so that an edit there changes nothing else), and what edit number n types."""

    field: str
    there: str
    typed: Callable[[int], str] = lambda number: f"edit {number} "
    column: str = ""
    number: bool = False

    @property
    def here(self) -> str:
        return self.column or self.field

    def sent(self, number: int) -> Any:
        """What edit number n puts into Buildium's record."""
        typed = self.typed(number).strip()
        if not self.number:
            return typed
        return float(typed) if "." in typed else int(typed)

    def same(self, value: Any) -> str | None:
        """One spelling for both sides."""
        if value is None or value == "":
            return None
        return f"{float(value):.2f}" if self.number else str(value).strip()


@dataclass(frozen=True)
class Kind:
    """`new` gives the fields of the form of a new record, `new_there` the message that creates one at Buildium; both
    get the number of the edit and a way to the ids of other slots. `marker` is (column, place at Buildium) of a text
    that creates write and nobody edits: it tells copies of one record. `samples` is a condition for the records of the
    sample portfolio that may be edited, `wanted` how many of them take part."""

    name: str
    pages: str
    table: str
    id_column: str
    there: str
    path: str
    values: tuple[Value, ...]
    new: Callable[[int, Find], Body]
    new_there: Callable[[int, Find], Body]
    marker: tuple[str, str] = ("address_line1", "Address.AddressLine1")
    samples: str = "true"
    wanted: int = 4
    parent: str = ""
    deletable: bool = False
    ignored: frozenset[str] = frozenset()  # places at Buildium that follow from other records
    editable: bool = True  # whether records made in the run are edited

    def value(self, field: str) -> Value:
        return next(each for each in self.values if each.field == field)


def mark(number: int) -> str:
    return f"{number} Marker Street"


HERE = {"city": "Portland", "state": "ME", "postal_code": "04101", "country": "UnitedStates"}


def address(number: int) -> Body:
    return {
        "AddressLine1": mark(number), "City": "Portland", "State": "ME", "PostalCode": "04101",
        "Country": "UnitedStates",
    }  # fmt: skip


def at(body: Mapping[str, Any] | None, place: str) -> Any:
    found: Any = body
    for key in place.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


PROPERTY = Kind(
    name="property",
    pages="/properties",
    table="properties",
    id_column="buildium_property_id",
    there="rentals",
    path="/v1/rentals",
    values=(
        Value("name", "Name", lambda number: f"House {number}"),
        Value("structure_description", "StructureDescription"),
        Value("reserve", "Reserve", lambda number: f"{number}.50", number=True),
    ),
    new=lambda number, find: {
        "name": f"House {number}", "structure_description": f"edit {number}", "reserve": f"{number}.50",
        "rental_sub_type": "MultiFamily", "operating_bank_account_id": find("bank"), "address_line1": mark(number),
        **HERE,
    },
    new_there=lambda number, find: {
        "Name": f"House {number}", "StructureDescription": f"edit {number}", "Reserve": float(f"{number}.5"),
        "RentalSubType": "MultiFamily", "OperatingBankAccountId": find("bank"), "Address": address(number),
    },
)  # fmt: skip

UNIT = Kind(
    name="unit",
    pages="/units",
    table="units",
    id_column="buildium_unit_id",
    there="units",
    path="/v1/rentals/units",
    values=(
        Value("unit_number", "UnitNumber", lambda number: f"N{number}"),
        Value("description", "Description"),
        Value("market_rent", "MarketRent", lambda number: f"{20_000 + number}.00", number=True),
        Value("unit_size", "UnitSize", lambda number: f"{500_000 + number}", number=True),
    ),
    new=lambda number, find: {
        "property_id": find("property"), "unit_number": f"N{number}", "description": f"edit {number}",
        "market_rent": f"{20_000 + number}.00", "unit_size": f"{500_000 + number}", "address_line1": mark(number),
        **HERE,
    },
    new_there=lambda number, find: {
        "PropertyId": find("property"), "UnitNumber": f"N{number}", "Description": f"edit {number}",
        "MarketRent": 20_000.0 + number, "UnitSize": 500_000 + number, "Address": address(number),
    },
    wanted=6,
    parent="property",
    deletable=True,
    ignored=frozenset({"IsActive"}),
)  # fmt: skip

OWNER = Kind(
    name="owner",
    pages="/owners",
    table="owners",
    id_column="buildium_owner_id",
    there="owners",
    path="/v1/rentals/owners",
    values=(
        Value("company_name", "CompanyName", lambda number: f"Holding {number}"),
        Value("comment", "Comment"),
        Value("alternate_email", "AlternateEmail", lambda number: f"edit{number}@example.com"),
    ),
    new=lambda number, find: {
        "is_company": "y", "company_name": f"Holding {number}", "comment": f"edit {number}",
        "alternate_email": f"edit{number}@example.com", "address_line1": mark(number),
        "properties-0-property_id": find("property"), **HERE,
    },
    new_there=lambda number, find: {
        "IsCompany": True, "CompanyName": f"Holding {number}", "Comment": f"edit {number}",
        "AlternateEmail": f"edit{number}@example.com", "Address": address(number), "PropertyIds": [find("property")],
    },
    samples="is_company and jsonb_typeof(extra_phones) is distinct from 'array'",
    wanted=2,
    parent="property",
    ignored=frozenset({"IsActive", "PropertyIds"}),
)  # fmt: skip

VENDOR = Kind(
    name="vendor",
    pages="/vendors",
    table="vendors",
    id_column="buildium_vendor_id",
    there="vendors",
    path="/v1/vendors",
    values=(
        Value("name", "CompanyName", lambda number: f"Works {number}"),
        Value("notes", "Comments"),
        Value("website", "Website", lambda number: f"https://edit{number}.example.com"),
    ),
    new=lambda number, find: {
        "is_company": "True", "name": f"Works {number}", "notes": f"edit {number}",
        "website": f"https://edit{number}.example.com", "category_id": find("vendor_category"),
        "address_line1": mark(number), **HERE,
    },
    new_there=lambda number, find: {
        "IsCompany": True, "CompanyName": f"Works {number}", "Comments": f"edit {number}",
        "Website": f"https://edit{number}.example.com", "CategoryId": find("vendor_category"),
        "Address": address(number),
    },
    samples="is_company and jsonb_typeof(extra_phones) is distinct from 'array' and category_id is not null",
    parent="vendor_category",
    deletable=True,
)  # fmt: skip

CATEGORY = Kind(
    name="vendor_category",
    pages="/vendor-categories",
    table="vendor_categories",
    id_column="buildium_category_id",
    there="vendor_categories",
    path="/v1/vendors/categories",
    values=(Value("name", "Name", lambda number: f"Trade {number}"),),
    new=lambda number, _: {"name": f"Trade {number}"},
    new_there=lambda number, _: {"Name": f"Trade {number}"},
    marker=("name", "Name"),
    samples="not is_system",
    wanted=2,
    editable=False,
)

KINDS = {each.name: each for each in (PROPERTY, UNIT, OWNER, VENDOR, CATEGORY)}
