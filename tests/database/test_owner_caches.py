"""The two cache tables equal what they summarise, whatever happened and by whatever path."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from portal.rights import ROLES, STAFF
from tests.database.acting import act_as, connected, owner
from tests.database.rows import make_owner, make_ownership, make_property, one

Connection = psycopg.Connection[Any]

STEPS = {
    "a new name": "update owners set last_name = 'Brown' where last_name = 'Adams'",
    "a new e-mail address": "update owners set email = 'new@example.org'",
    "a new mobile number": "update owners set phone_mobile = '617 555 0100'",
    "a phone at home only": "update owners set phone_home = '617 555 0101', phone_mobile = null",
    "a new agreement": "update owners set management_agreement_start_date = '2026-01-01'",
    "a person that becomes a company": "update owners set is_company = true, company_name = 'Oak Holdings LLC'",
    "other shares": "update ownership set ownership_percentage = 33.335, disbursement_percentage = 10",
    "another main owner": 'update ownership set "primary" = not "primary"',
    "a share that goes to another property": (
        "update ownership set property_id = (select id from properties where name = 'Oak Court')"
        " where property_id = (select id from properties where name = 'Maple Court')"
        " and owner_id = (select id from owners where first_name = 'Jane')"
    ),
    "a share that goes to another owner": (
        "update ownership set owner_id = (select id from owners where first_name = 'John')"
        " where owner_id = (select id from owners where first_name = 'Jane')"
    ),
    "a share that is taken away": (
        "delete from ownership where owner_id in (select id from owners where first_name = 'Jane')"
    ),
    "an upsert": (
        "insert into owners (id, last_name) select id, 'Clark' from owners"
        " on conflict (id) do update set last_name = excluded.last_name"
    ),
    "nothing": "update owners set comment = 'called'",
}


@pytest.fixture
def connection(database_url: str) -> Any:
    with connected(database_url) as connection:
        maple = make_property(connection, "Maple Court")
        make_property(connection, "Oak Court")
        jane = make_owner(connection, first_name="Jane", email="jane@example.org", phone_mobile="617 555 0199")
        make_owner(connection, first_name="John")
        make_ownership(connection, jane, maple, primary=True, ownership_percentage=50)
        yield connection


def differences(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute("select cache, difference from owner_cache_differences()").fetchall()


def test_new_owners_and_shares_are_in_the_caches(connection: Connection) -> None:
    assert differences(connection) == []
    listed = (
        "select display_name, primary_email, primary_phone, contact_id from owners_list_cache where display_name = %s"
    )
    assert connection.execute(listed, ["Jane Adams"]).fetchall() == [
        ("Jane Adams", "jane@example.org", "617 555 0199", None)
    ]
    shared = 'select display_name, "primary", ownership_percentage from property_ownerships_cache'
    assert connection.execute(shared).fetchall() == [("Jane Adams", True, 50)]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("role", ["portal_staff", "portal_machine"])
def test_the_caches_follow(connection: Connection, step: str, role: str) -> None:
    act_as(connection, role)
    connection.execute(STEPS[step])
    assert differences(connection) == []


def test_the_name_on_the_share_follows_its_owner_without_being_a_change(connection: Connection) -> None:
    before = connection.execute("select id, updated_at, owner_name from ownership").fetchall()
    connection.execute(STEPS["a new name"])
    after = connection.execute("select id, updated_at, owner_name from ownership").fetchall()
    assert [name for *_, name in before + after] == ["Jane Adams", "Jane Brown"]
    assert [row[:2] for row in before] == [row[:2] for row in after]
    assert one(connection, "select count(*) from audit_log where row_id = %s", str(after[0][0])) == 1


def test_the_check_sees_a_cache_that_is_wrong(database_url: str) -> None:
    """Only the owner of the tables could bring that about, by going around the triggers."""
    with owner(database_url) as connection:
        act_as(connection, STAFF)
        make_ownership(connection, make_owner(connection), make_property(connection))
        connection.execute("reset role")
        connection.execute("update owners_list_cache set display_name = 'Somebody'")
        connection.execute("delete from property_ownerships_cache")
        act_as(connection, STAFF)
        assert sorted(differences(connection)) == [
            ("owners_list_cache", "has"),
            ("owners_list_cache", "lacks"),
            ("property_ownerships_cache", "lacks"),
        ]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", ["owners_list_cache", "property_ownerships_cache"])
def test_nobody_writes_a_cache_directly(database_url: str, role: str, table: str) -> None:
    with connected(database_url, role) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(f"update {table} set display_name = 'x'")
