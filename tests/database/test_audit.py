"""The audit trail: complete, truthful, without secrets, and out of everybody's reach."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from portal.database import Base, load_models
from portal.rights import ADMINISTRATOR, GATE, MACHINE, ROLES, STAFF
from portal.vault import Sealed
from tests.database.acting import ADA, act_as, connected, owner
from tests.database.rows import (
    make,
    make_bill,
    make_lease,
    make_owner,
    make_ownership,
    make_property,
    make_unit,
    make_user,
    one,
)

NOT_AUDITED = {
    *("audit_log", "alembic_version", "user_sessions", "sign_in_attempts"),
    *("owners_list_cache", "property_ownerships_cache"),
    *("buildium_sync_status", "buildium_webhook_events", "buildium_api_log", "buildium_api_cache"),
    *("buildium_sync_runs", "buildium_connection", "sync_schedules"),
    *("sync_alerts", "sync_alert_causes"),
    *("sync_decision_batches", "sync_decision_batch_rows"),
    *("sync_retries", "sync_retry_items", "sync_deferred", "sync_drift", "sync_matches", "sync_shadows"),
    "buildium_webhook_refusals",
}


def trail(connection: psycopg.Connection[Any], row_id: Any) -> list[tuple[str, dict[str, Any]]]:
    """(action, changes) of one record, oldest first."""
    query = "select action, changes from audit_log where row_id = %s order by id"
    return connection.execute(query, [str(row_id)]).fetchall()


def test_every_table_with_facts_is_audited(database_url: str) -> None:
    with owner(database_url) as connection:
        rows = connection.execute(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and not exists"
            " (select from pg_trigger where tgrelid = pg_class.oid and tgname = 'audit' and tgenabled = 'O')"
        ).fetchall()
    assert {name for (name,) in rows} == NOT_AUDITED


def test_raw_sql_leaves_who_what_and_how(database_url: str) -> None:
    with connected(database_url) as connection:
        made = make_property(connection, "Maple Court", reserve=5)
        connection.execute("update properties set name = 'Oak Court', reserve = null where id = %s", [made])
        assert trail(connection, made)[0][1]["name"] == [None, "Maple Court"]
        assert trail(connection, made)[1] == ("update", {"name": ["Maple Court", "Oak Court"], "reserve": [5, None]})
        who = "select actor_id, actor_name, database_role, door, table_name from audit_log where row_id = %s"
        assert set(connection.execute(who, [str(made)]).fetchall()) == {
            (ADA, "Ada", STAFF, "browser", "properties"),
        }


def test_a_deletion_keeps_what_was_deleted(database_url: str) -> None:
    with connected(database_url) as connection:
        share = make_ownership(connection, make_owner(connection), make_property(connection), ownership_percentage=40)
        connection.execute("delete from ownership where id = %s", [share])
        action, changes = trail(connection, share)[-1]
    assert action == "delete"
    assert changes["ownership_percentage"] == [40, None]
    assert "disbursement_percentage" not in changes


def test_what_goes_with_its_record_is_audited_under_the_role_that_deleted(database_url: str) -> None:
    with connected(database_url) as connection:
        house = make_property(connection)
        lease = make_lease(connection, house, make_unit(connection, house))
        tenant = make(connection, "tenants", first_name="Tim", last_name="Tenant")
        part = make(connection, "lease_tenants", lease_id=lease, tenant_id=tenant)
        connection.execute("delete from lease_tenants where lease_id = %s", [lease])
        assert [action for action, _ in trail(connection, part)] == ["insert", "delete"]


@pytest.mark.parametrize(
    "change", ["version = version + 1", "updated_at = now()", "name = name", "updated_at = now(), version = 9"]
)
def test_a_change_that_is_none_leaves_no_row(database_url: str, change: str) -> None:
    with connected(database_url) as connection:
        made = make_property(connection)
        connection.execute(f"update properties set {change} where id = %s", [made])
        assert [action for action, _ in trail(connection, made)] == ["insert"]


def test_signing_in_is_no_change_of_the_person(database_url: str) -> None:
    with connected(database_url, ADMINISTRATOR) as connection:
        user = make_user(connection, "ada@example.org")
        act_as(connection, GATE)
        connection.execute("update users set last_sign_in_at = now() where id = %s", [user])
        act_as(connection, MACHINE)
        assert [action for action, _ in trail(connection, user)] == ["insert"]


SECRETS = [
    ("owners", "tax_payer_id", {"last_name": "Adams"}),
    ("owners", "tax_id", {"last_name": "Adams"}),
    ("tenants", "tax_id", {"first_name": "Tim", "last_name": "Tenant"}),
    ("vendors", "tax_id", {"name": "Plumb & Co"}),
    ("vendors", "account_number", {"name": "Plumb & Co"}),
    ("bank_accounts", "account_number", {"name": "Operating"}),
    ("bank_accounts", "routing_number", {"name": "Operating"}),
    ("users", "password_hash", {"email": "a@b.c", "name": "A", "role": "staff"}),
    (
        "sync_decisions", "secrets",
        {"status_id": str(UUID(int=1)), "entity_type": "owner", "entity_id": "1", "local_version": 1, "fields": "{}",
         "decided_by": "A"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("table", "column", "known"), SECRETS)
def test_a_secret_is_never_in_the_trail_only_that_it_changed(
    database_url: str, table: str, column: str, known: dict[str, str]
) -> None:
    with connected(database_url, ADMINISTRATOR) as connection:
        made = make(connection, table, **known, **{column: "secret-one"})
        connection.execute(f"update {table} set {column} = 'secret-two' where id = %s", [made])
        rows = trail(connection, made)
    assert [changes[column] for _, changes in rows] == [[None, "•••"], ["•••", "•••"]]
    assert "secret" not in str([list(changes.values()) for _, changes in rows])


def test_every_encrypted_column_is_a_secret_of_the_trail(database_url: str) -> None:
    load_models()
    sealed = {
        (mapper.class_.__tablename__, name)
        for mapper in Base.registry.mappers
        for name, value in vars(mapper.class_).items()
        if isinstance(value, Sealed)
    }
    assert sealed | {("users", "password_hash")} == {(table, column) for table, column, _ in SECRETS}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "statement",
    [
        "insert into audit_log (database_role, action, table_name, row_id, changes) values ('x','insert','x','x','{}')",
        "update audit_log set actor_name = 'Bob'",
        "delete from audit_log",
        "truncate audit_log",
        "alter table properties disable trigger audit",
        "drop trigger audit on properties",
        "set local session_replication_role = replica",
        "create temp table fake (id int); create trigger fake after insert on fake execute function audit_change()",
    ],
)
def test_nobody_forges_erases_or_silences_the_trail(database_url: str, role: str, statement: str) -> None:
    with connected(database_url, role) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement)


def test_ten_thousand_rows_are_audited_in_moments(database_url: str) -> None:
    """About 30 µs a row of the 70 that an insert takes; the bound leaves room for a busy machine."""
    with connected(database_url) as connection:
        began = time.perf_counter()
        connection.execute(
            "insert into properties (name, address_line1, city, state, postal_code, country)"
            " select 'Property ' || n, n || ' Main Street', 'Boston', 'MA', '02101', 'UnitedStates'"
            " from generate_series(1, 10000) as n"
        )
        seconds = time.perf_counter() - began
        assert one(connection, "select count(*) from audit_log where xmin::text = txid_current()::text") == 10_000
    assert seconds < 5


def test_bills_and_leases_are_named_by_their_ids_whatever_type_those_have(database_url: str) -> None:
    with connected(database_url) as connection:
        house = make_property(connection)
        lease = make_lease(connection, house, make_unit(connection, house))
        bill = make_bill(connection, make(connection, "vendors", name="Plumb & Co"))
        assert [len(trail(connection, row_id)) for row_id in (lease, bill)] == [1, 1]
