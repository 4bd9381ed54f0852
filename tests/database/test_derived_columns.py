"""What follows from other columns is kept by the database: search words, names for display, twins, `updated_at`."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.database.acting import connected
from tests.database.rows import make, make_bill, make_lease, make_owner, make_property, make_unit, one

Connection = psycopg.Connection[Any]


@pytest.fixture
def connection(database_url: str) -> Any:
    with connected(database_url) as connection:
        yield connection


def words(connection: Connection, table: str, row_id: Any) -> str:
    return str(one(connection, f"select search_text from {table} where id = %s", row_id))


def audited(connection: Connection, row_id: Any) -> int:
    return int(one(connection, "select count(*) from audit_log where row_id = %s", str(row_id)))


def test_a_search_finds_names_addresses_phone_digits_and_buildium_ids(connection: Connection) -> None:
    jane = make_owner(connection, email="Jane@Example.org", phone_mobile="(617) 555-0199", buildium_owner_id=4711)
    found = words(connection, "owners", jane)
    assert [
        part for part in ("jane adams", "jane@example.org", "6175550199", "(617) 555-0199", "4711") if part not in found
    ] == []


class TestRenaming:
    """A new name of a property, unit, vendor or tenant is found at everything that hangs on it, at once."""

    @pytest.fixture
    def rows(self, connection: Connection) -> dict[str, Any]:
        house = make_property(connection, "Maple Court")
        unit = make_unit(connection, house, "12B")
        vendor = make(connection, "vendors", name="Plumb & Co")
        tenant = make(connection, "tenants", first_name="Tim", last_name="Tenant")
        lease = make_lease(connection, house, unit)
        make(connection, "lease_tenants", lease_id=lease, tenant_id=tenant)
        bank = make(connection, "bank_accounts", name="Operating")
        bill = make_bill(connection, vendor, property_id=house, unit_id=unit, reference_number="INV-77")
        return {
            "units": unit,
            "lease": lease,
            "tasks": make(connection, "tasks", subject="Leak", property_id=house, unit_id=unit),
            "work_orders": make(
                connection, "work_orders", subject="Fix", property_id=house, unit_id=unit, vendor_id=vendor
            ),
            "bills": bill,
            "bill_payments": make(
                connection, "bill_payments", bill_id=bill, bank_account_id=bank, amount=5, date="2026-01-05"
            ),
        }

    @pytest.mark.parametrize(
        ("change", "tables"),
        [
            ("properties set name = 'Renamed'", ["units", "lease", "tasks", "work_orders", "bills"]),
            ("units set unit_number = 'Renamed'", ["units", "lease", "tasks", "work_orders", "bills"]),
            ("vendors set name = 'Renamed'", ["work_orders", "bills", "bill_payments"]),
            ("tenants set last_name = 'Renamed'", ["lease"]),
            ("bills set reference_number = 'Renamed'", ["bills", "bill_payments"]),
        ],
    )
    def test_the_new_name_is_found_at_relatives(
        self, connection: Connection, rows: dict[str, Any], change: str, tables: list[str]
    ) -> None:
        connection.execute(f"update {change}")
        assert [table for table in rows if "renamed" in words(connection, table, rows[table])] == tables

    def test_and_is_no_change_of_theirs(self, connection: Connection, rows: dict[str, Any]) -> None:
        query = "select updated_at, version from units where id = %s"
        before = connection.execute(query, [rows["units"]]).fetchone()
        trail = {table: audited(connection, row_id) for table, row_id in rows.items()}
        connection.execute("update properties set name = 'Renamed'")
        assert connection.execute(query, [rows["units"]]).fetchone() == before
        assert {table: audited(connection, row_id) for table, row_id in rows.items()} == trail

    def test_a_tenant_who_leaves_the_lease_is_no_longer_found_there(
        self, connection: Connection, rows: dict[str, Any]
    ) -> None:
        connection.execute("delete from lease_tenants")
        assert "tenant" not in words(connection, "lease", rows["lease"])


class TestActive:
    """`status` and `is_active` of a property say the same; its units are as active as it is."""

    @pytest.mark.parametrize("change", ["status = 'Inactive'", "is_active = false"])
    def test_either_makes_the_other_and_the_units_follow(self, connection: Connection, change: str) -> None:
        house = make_property(connection)
        unit = make_unit(connection, house)
        connection.execute(f"update properties set {change}")
        assert connection.execute("select status, is_active from properties").fetchall() == [("Inactive", False)]
        assert one(connection, "select is_active from units where id = %s", unit) is False
        connection.execute("update properties set status = 'Active'")
        assert one(connection, "select is_active from units where id = %s", unit) is True

    @pytest.mark.parametrize("values", [{"status": "Inactive"}, {"is_active": False}])
    def test_a_property_can_begin_inactive(self, connection: Connection, values: dict[str, Any]) -> None:
        house = make_property(connection, **values)
        unit = make_unit(connection, house)
        query = "select status, properties.is_active, units.is_active from properties join units on property_id = %s"
        assert connection.execute(query + " where units.id = %s", [house, unit]).fetchone() == (
            "Inactive",
            False,
            False,
        )


@pytest.mark.parametrize(
    ("start", "end", "status"),
    [("2020-01-01", None, "Active"), ("2020-01-01", "2020-12-31", "Past"), ("2999-01-01", None, "Future")],
)
def test_a_lease_that_buildium_has_not_seen_takes_its_status_from_its_dates(
    connection: Connection, start: str, end: str | None, status: str
) -> None:
    house = make_property(connection)
    lease = make_lease(connection, house, make_unit(connection, house), startDate=start, endDate=end)
    assert one(connection, "select status from lease where id = %s", lease) == status


@pytest.mark.parametrize("table", ["tasks", "work_orders"])
class TestNamesForDisplay:
    def test_category_and_assignee_are_written_out(self, connection: Connection, table: str) -> None:
        category = make(connection, "task_categories", name="Plumbing")
        make(connection, "staff_users", buildium_user_id=7, first_name="Sam", last_name="Staff")
        made = make(connection, table, subject="Leak", category_id=category, assigned_to_user_id=7)
        names = f"select category, assigned_to from {table} where id = %s"
        assert connection.execute(names, [made]).fetchone() == ("Plumbing", "Sam Staff")
        connection.execute("update task_categories set name = 'Pipes'")
        connection.execute("update staff_users set last_name = 'Smith'")
        assert connection.execute(names, [made]).fetchone() == ("Pipes", "Sam Smith")
        assert "pipes" in words(connection, table, made)

    def test_a_staff_member_learned_of_later_is_written_out_then(self, connection: Connection, table: str) -> None:
        made = make(connection, table, subject="Leak", assigned_to_user_id=8, assigned_to="somebody")
        make(connection, "staff_users", buildium_user_id=8, first_name="Sue", last_name="Staff")
        assert one(connection, f"select assigned_to from {table} where id = %s", made) == "Sue Staff"

    def test_a_text_without_a_category_stays(self, connection: Connection, table: str) -> None:
        made = make(connection, table, subject="Leak", category="Typed by hand")
        assert one(connection, f"select category from {table} where id = %s", made) == "Typed by hand"


@pytest.mark.parametrize(
    ("change", "moves"), [("notes = 'new'", True), ("notes = notes", False), ("version = version + 1", False)]
)
@pytest.mark.parametrize(("table", "column"), [("vendors", "updated_at"), ("lease", '"updatedAt"')])
def test_updated_at_moves_with_real_changes_only(
    connection: Connection, table: str, column: str, change: str, moves: bool
) -> None:
    house = make_property(connection)
    made = (
        make(connection, "vendors", name="Plumb & Co")
        if table == "vendors"
        else make_lease(connection, house, make_unit(connection, house))
    )
    before = one(connection, f"select {column} from {table} where id = %s", made)
    connection.execute(f"update {table} set {change} where id = %s", [made])
    assert (one(connection, f"select {column} from {table} where id = %s", made) > before) is moves


def test_every_table_with_updated_at_keeps_it(connection: Connection) -> None:
    rows = connection.execute(
        """
        select attrelid::regclass::text from pg_attribute join pg_class on pg_class.oid = attrelid
        where attname in ('updated_at', 'updatedAt') and relkind = 'r' and relnamespace = 'public'::regnamespace
            and not exists (select from pg_trigger where tgrelid = attrelid and tgname = 'touch')
        """
    ).fetchall()
    assert {name for (name,) in rows} == {"owners_list_cache", "property_ownerships_cache"}


REFUSED = [
    ("ownership_percentage", "ownership", {"ownership_percentage": 101}),
    ("disbursement_percentage", "ownership", {"disbursement_percentage": -1}),
    ("year_built", "properties", {"name": "x", "year_built": 999}),
    ("(status|is_active)", "properties", {"name": "x", "status": "Sold"}),
    ("color", "task_categories", {"name": "x", "color": "red"}),
    ("status", "tasks", {"subject": "x", "status": "Done"}),
    ("market_rent", "units", {"unit_number": "x", "market_rent": -1}),
    ("bank_account_type", "bank_accounts", {"name": "x", "bank_account_type": "Escrow"}),
    ("sync_status", "buildium_sync_status", {"entity_type": "x", "entity_id": "x", "sync_status": "gone"}),
    ("id", "buildium_connection", {"id": 2}),
]


@pytest.mark.parametrize(("constraint", "table", "values"), REFUSED)
def test_what_can_not_be_is_refused(
    connection: Connection, constraint: str, table: str, values: dict[str, Any]
) -> None:
    known: dict[str, Any] = {}
    if table == "ownership":
        known = {"owner_id": make_owner(connection), "property_id": make_property(connection)}
    elif table == "units":
        known = {"property_id": make_property(connection)}
    with pytest.raises(psycopg.errors.CheckViolation, match=f"{table}_{constraint}_check"):
        make(connection, table, **known, **values)


def test_there_is_one_breaker_and_it_is_closed(connection: Connection) -> None:
    assert connection.execute("select id, state from buildium_connection").fetchall() == [(1, "closed")]


def test_a_buildium_id_belongs_to_one_record_but_a_check_may_pay_several_bills(connection: Connection) -> None:
    for entity_id in "ab":
        make(connection, "buildium_sync_status", entity_type="bill_payment", entity_id=entity_id, buildium_id=1)
    make(connection, "buildium_sync_status", entity_type="vendor", entity_id="a", buildium_id=1)
    with pytest.raises(psycopg.errors.UniqueViolation, match="buildium_sync_status_entity_type_buildium_id_key"):
        make(connection, "buildium_sync_status", entity_type="vendor", entity_id="b", buildium_id=1)
