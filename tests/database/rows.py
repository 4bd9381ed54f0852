"""One row of everything, made with plain SQL, so that the tests here depend on nothing but the database."""

from __future__ import annotations

from typing import Any

import psycopg

Connection = psycopg.Connection[Any]


def make(connection: Connection, table: str, **values: Any) -> Any:
    """Insert a row; returns its id."""
    columns = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(["%s"] * len(values))
    return one(connection, f"insert into {table} ({columns}) values ({places}) returning id", *values.values())


def one(connection: Connection, query: str, *values: Any) -> Any:
    """The first column of the first row."""
    row = connection.execute(query, values).fetchone()
    return row and row[0]


def make_property(connection: Connection, name: str = "Maple Court", **values: Any) -> Any:
    return make(connection, "properties", name=name, **values)


def make_unit(connection: Connection, property_id: Any, unit_number: str = "12B", **values: Any) -> Any:
    return make(connection, "units", property_id=property_id, unit_number=unit_number, **values)


def make_owner(connection: Connection, last_name: str = "Adams", **values: Any) -> Any:
    return make(connection, "owners", **{"first_name": "Jane", "last_name": last_name} | values)


def make_ownership(connection: Connection, owner_id: Any, property_id: Any, **values: Any) -> Any:
    return make(connection, "ownership", owner_id=owner_id, property_id=property_id, **values)


def make_lease(connection: Connection, property_id: Any, unit_id: Any, **values: Any) -> Any:
    known = {"propertyId": property_id, "unitId": unit_id, "startDate": "2020-01-01"}
    return make(connection, "lease", **known | values)


def make_bill(connection: Connection, vendor_id: Any, **values: Any) -> Any:
    known = {"vendor_id": vendor_id, "date": "2026-01-01", "due_date": "2026-01-31", "amount": "120.50"}
    return make(connection, "bills", **known | values)


def make_user(connection: Connection, email: str, role: str = "staff", **values: Any) -> Any:
    known = {"email": email, "name": email, "role": role, "password_hash": "scrypt:secret"}
    return make(connection, "users", **known | values)
