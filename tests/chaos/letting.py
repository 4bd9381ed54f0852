"""Leases and tenants. A new lease brings a tenant along, who is a record of its own on both sides."""

from __future__ import annotations

from tests.chaos.kind import HERE, Body, Kind, Value, address, day, mark


def lodger(number: int) -> str:
    return f"Lodger{number}"


def person(number: int) -> Body:
    return {"FirstName": f"First{number}", "LastName": lodger(number), "Address": address(number)}


LEASE = Kind(
    name="lease",
    pages="/leases",
    table="lease",
    id_column="buildium_lease_id",
    there="leases",
    path="/v1/leases",
    values=(Value("end_date", "LeaseToDate", lambda number: day(number + 10_000), column="endDate"),),
    new=lambda number, find: {
        "unit_id": find("unit"), "lease_type": "Fixed", "start_date": day(number), "end_date": day(number + 10_000),
        "new_tenants-0-first_name": f"First{number}", "new_tenants-0-last_name": lodger(number), "rent": "",
    },
    new_there=lambda number, find: {
        "UnitId": find("unit"), "LeaseType": "Fixed", "LeaseFromDate": day(number),
        "LeaseToDate": day(number + 10_000), "SendWelcomeEmail": False, "Tenants": [person(number)],
    },
    marker=Value("start_date", "LeaseFromDate", day, column="startDate"),
    samples="lease_type = 'Fixed' and status = 'Active' and not exists (select from lease other where"
    ' other."unitId" = lease."unitId" and other."startDate" > lease."startDate")',
    wanted=3,
    parents=("unit",),
    room={"unit": 1},
    derived=frozenset({"term_type", "status"}),
)  # fmt: skip

TENANT = Kind(
    name="tenant",
    pages="/tenants",
    table="tenants",
    id_column="buildium_tenant_id",
    there="tenants",
    path="/v1/leases/tenants",
    values=(
        Value("first_name", "FirstName", lambda number: f"First{number}"),
        Value("comment", "Comment"),
        Value("alternate_email", "AlternateEmail", lambda number: f"edit{number}@example.com"),
    ),
    new=lambda number, find: {
        "tenancies-0-lease_id": find("lease"), "first_name": f"First{number}", "last_name": lodger(number),
        "comment": f"edit {number}", "alternate_email": f"edit{number}@example.com", "address_line1": mark(number),
        **HERE,
    },
    new_there=lambda number, find: {
        **person(number), "LeaseId": find("lease"), "Comment": f"edit {number}",
        "AlternateEmail": f"edit{number}@example.com",
    },
    marker=Value("last_name", "LastName", lodger),
    samples="jsonb_typeof(extra_phones) is distinct from 'array'",
    wanted=3,
    parents=("lease",),
)  # fmt: skip
