"""Properties, units, owners, and who owns what."""

from __future__ import annotations

from tests.chaos.kind import HERE, Kind, Value, address, mark

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
    derived=frozenset({"total_units", "rental_owner_ids", "square_footage"}),
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
    derived=frozenset({"square_footage", "is_active"}),
    parents=("property",),
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
    parents=("property",),
    ignored=frozenset({"IsActive", "PropertyIds"}),
    derived=frozenset({"is_active"}),
)  # fmt: skip

# The tie between an owner and a property, which Buildium keeps in the owner: see pairs.py.
OWNERSHIP = Kind(
    name="ownership",
    pages="/ownerships",
    table="ownership",
    id_column="",
    there="",
    path="",
    values=(),
    new=lambda number, find: {"property_id": find("property"), "owner_id": find("owner")},
    new_there=None,
    wanted=0,
    parents=("property", "owner"),
    editable=False,
    derived=frozenset({"owner_name"}),
)
