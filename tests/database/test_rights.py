"""Row Level Security and grants: what each role may do with each table, by raw SQL."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from portal.rights import ADMINISTRATOR, GATE, MACHINE, MANAGER, NOBODY, ROLES, STAFF, VIEWER
from tests.database.acting import act_as, connected, owner, plain
from tests.database.rows import make_property, make_user, one

RECORDS = (
    *("properties", "units", "owners", "lease", "tenants", "bank_accounts", "gl_accounts", "staff_users"),
    *("vendors", "vendor_categories", "bills", "bill_categories", "bill_payments"),
    *("tasks", "task_categories", "work_orders"),
)
PARTS = (
    *("ownership", "lease_tenants", "bill_lines", "bill_files", "bill_payment_lines"),
    *("work_order_lines", "task_history", "task_history_files"),
)
SYNC = (
    *("buildium_sync_status", "buildium_webhook_events", "buildium_api_log", "buildium_api_cache"),
    *(
        "buildium_sync_runs",
        "buildium_connection",
        "sync_schedules",
        "sync_acts",
        "sync_drift",
        "buildium_webhook_refusals",
    ),
    *("sync_replays", "sync_alerts", "sync_alert_causes"),
    *("sync_decisions", "sync_decision_batches", "sync_decision_batch_rows"),
    *("sync_issues", "sync_retries", "sync_retry_items"),
)
CACHES = ["owners_list_cache", "property_ownerships_cache"]

# r(ead), a(dd), c(hange), d(elete); a role that isn't named has nothing.
READERS = {VIEWER: "r", STAFF: "r", MANAGER: "r", ADMINISTRATOR: "r", MACHINE: "r"}
RECORD = {VIEWER: "r", STAFF: "rac", MANAGER: "rac", ADMINISTRATOR: "rac", MACHINE: "rac"}
PART = {VIEWER: "r", STAFF: "racd", MANAGER: "racd", ADMINISTRATOR: "racd", MACHINE: "racd"}
EXPECTED: dict[str, dict[str, str]] = {
    **dict.fromkeys(RECORDS, RECORD),
    **dict.fromkeys(
        [
            *PARTS,
            "sync_pauses",
            "sync_shadows",
            "sync_adoptions",
            "sync_matches",
            "sync_deferred",
            "sync_event_switches",
            "sync_alert_silences",
        ],
        PART,
    ),
    **dict.fromkeys(SYNC, RECORD | {MACHINE: "racd"}),
    **dict.fromkeys([*CACHES, "audit_log"], READERS),
    "alembic_version": {NOBODY: "r", MACHINE: "r"},
    # People may change columns of users that aren't about rights: asked below.
    "users": {VIEWER: "r", STAFF: "r", MANAGER: "r", ADMINISTRATOR: "rac", MACHINE: "r", GATE: "r"},
    "user_sessions": {
        VIEWER: "rc",
        STAFF: "rc",
        MANAGER: "rc",
        ADMINISTRATOR: "rc",
        MACHINE: "rd",
        GATE: "rac",
    },
    "sign_in_attempts": {ADMINISTRATOR: "r", MACHINE: "rd", GATE: "rac"},
}
VERBS = {"r": "select", "a": "insert", "c": "update", "d": "delete"}


def test_every_table_has_its_line_here(database_url: str) -> None:
    with owner(database_url) as connection:
        rows = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
    assert {name for (name,) in rows} == set(EXPECTED)


@pytest.mark.parametrize("table", sorted(EXPECTED))
def test_a_role_has_exactly_these_rights(database_url: str, table: str) -> None:
    with owner(database_url) as connection:
        found = {
            role: "".join(
                letter
                for letter, verb in VERBS.items()
                if one(connection, "select has_table_privilege(%s, %s, %s)", role, table, verb)
            )
            for role in ROLES
        }
    assert {role: rights for role, rights in found.items() if rights} == EXPECTED[table]


def test_every_table_has_row_level_security_forced_upon_its_owner_too(database_url: str) -> None:
    with owner(database_url) as connection:
        rows = connection.execute(
            "select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"
            " and not (relrowsecurity and relforcerowsecurity)"
        ).fetchall()
    assert rows == []


def test_every_policy_but_those_of_users_and_sessions_admits_all_rows(database_url: str) -> None:
    """A condition is checked before a search and costs it its index (STACK, "RLS and search")."""
    with owner(database_url) as connection:
        rows = connection.execute(
            "select distinct tablename from pg_policies where coalesce(qual, 'true') <> 'true'"
            " or coalesce(with_check, 'true') <> 'true'"
        ).fetchall()
    assert {name for (name,) in rows} == {"users", "user_sessions"}


@pytest.mark.parametrize("table", sorted(set(EXPECTED) - {"alembic_version"}))
def test_nobody_sees_no_row(database_url: str, table: str) -> None:
    with connected(database_url, NOBODY) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(f"select from {table}")


def test_nobody_may_ask_for_the_version_and_not_change_it(database_url: str) -> None:
    with connected(database_url, NOBODY) as connection:
        assert one(connection, "select version_num from alembic_version")
        with pytest.raises(InsufficientPrivilege):
            connection.execute("delete from alembic_version")


def test_the_machine_may_read_everything_so_that_a_backup_is_whole(database_url: str) -> None:
    """`pg_dump --role=portal_machine --enable-row-security`, where the login user is no superuser."""
    with owner(database_url) as connection:
        rows = connection.execute(
            "select relname from pg_class where relkind in ('r', 'S') and relnamespace = 'public'::regnamespace"
            " and not has_table_privilege(%s, oid, 'select')",
            [MACHINE],
        ).fetchall()
    assert rows == []


def test_the_owner_of_the_tables_sees_no_record_without_acting_as_somebody(database_url: str) -> None:
    with owner(database_url) as connection:
        if one(connection, "select rolsuper from pg_roles where rolname = current_user"):
            pytest.skip("a superuser sees everything")
        if one(connection, "select current_setting('server_version_num')::int") < 160000:
            pytest.skip("before PostgreSQL 16 whoever may take a role has its rights all the time")
        act_as(connection, STAFF)
        make_property(connection)
        connection.execute("reset role")
        assert one(connection, "select count(*) from properties") == 0


@pytest.mark.parametrize("role", [VIEWER, STAFF, MANAGER, ADMINISTRATOR, MACHINE])
def test_whoever_may_read_records_sees_those_of_others(database_url: str, role: str) -> None:
    with connected(database_url, STAFF) as connection:
        made = make_property(connection)
        act_as(connection, role)
        assert one(connection, "select id from properties where id = %s", made) == made


def test_the_roles_can_be_taken_but_are_not_inherited(database_url: str) -> None:
    with owner(database_url) as connection:
        rows = connection.execute(
            "select rolname, rolcanlogin, rolinherit from pg_roles where rolname = any(%s)", [list(ROLES)]
        )
        assert {tuple(row) for row in rows} == {(role, False, False) for role in ROLES}


class TestUsers:
    """Everybody may see who is who; role, address and being active are the administrator's."""

    @pytest.fixture
    def people(self, database_url: str) -> Any:
        with connected(database_url, ADMINISTRATOR) as connection:
            ada, bob = make_user(connection, "ada@example.org"), make_user(connection, "bob@example.org")
            yield connection, ada, bob

    @pytest.mark.parametrize("role", [VIEWER, STAFF, MANAGER])
    def test_a_person_changes_their_own_password_and_nobody_elses(self, people: Any, role: str) -> None:
        connection, ada, bob = people
        act_as(connection, role, ada)
        change = "update users set password_hash = 'new', version = version + 1 where id = %s"
        assert connection.execute(change, [ada]).rowcount == 1
        assert connection.execute(change, [bob]).rowcount == 0

    @pytest.mark.parametrize("column", ["role = 'administrator'", "email = 'x@y.z'", "is_active = true"])
    @pytest.mark.parametrize("role", [VIEWER, STAFF, MANAGER, MACHINE, GATE])
    def test_nobody_but_an_administrator_changes_what_gives_rights(self, people: Any, role: str, column: str) -> None:
        connection, ada, _ = people
        act_as(connection, role, ada)
        with pytest.raises(InsufficientPrivilege):
            connection.execute(f"update users set {column} where id = %s", [ada])

    def test_an_administrator_changes_everybody(self, people: Any) -> None:
        connection, _, bob = people
        assert connection.execute("update users set role = 'manager' where id = %s", [bob]).rowcount == 1

    def test_signing_in_is_written_down_at_the_gate(self, people: Any) -> None:
        connection, ada, _ = people
        act_as(connection, GATE)
        assert connection.execute("update users set last_sign_in_at = now() where id = %s", [ada]).rowcount == 1

    def test_an_e_mail_address_is_taken_in_any_spelling(self, people: Any) -> None:
        connection, *_ = people
        with pytest.raises(psycopg.errors.UniqueViolation, match="users_email_key"):
            make_user(connection, "ADA@Example.org")

    @pytest.mark.parametrize("role", [VIEWER, STAFF, MANAGER])
    def test_a_person_sees_and_ends_their_own_sessions_only(self, people: Any, role: str) -> None:
        connection, ada, bob = people
        act_as(connection, GATE)
        for user in (ada, bob):
            connection.execute(
                "insert into user_sessions (token_hash, user_id, expires_at) values (%s, %s, now())",
                [uuid4().hex, user],
            )
        act_as(connection, role, ada)
        assert connection.execute("select user_id from user_sessions").fetchall() == [(ada,)]
        assert connection.execute("update user_sessions set ended_at = now()").rowcount == 1


def test_no_role_may_make_objects_in_the_schema(database_url: str) -> None:
    with psycopg.connect(plain(database_url)) as connection:
        allowed = [r for r in ROLES if one(connection, "select has_schema_privilege(%s, 'public', 'create')", r)]
    assert allowed == []
