"""Up, down and up again; two at once; and a database from the future."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from alembic.script import ScriptDirectory

from portal import schema
from portal.rights import ROLES
from tests.database.acting import plain


def ask(url: str, query: str) -> list[str]:
    with psycopg.connect(plain(url), autocommit=True) as connection:
        return [name for (name,) in connection.execute(query).fetchall()]


def tables(url: str) -> list[str]:
    return ask(url, "select tablename from pg_tables where schemaname = 'public' order by 1")


def functions(url: str) -> list[str]:
    """Those of the portal: what belongs to an extension isn't ours."""
    return ask(
        url,
        """
        select proname from pg_proc
        where pronamespace = 'public'::regnamespace
            and not exists (select from pg_depend where objid = pg_proc.oid and deptype = 'e')
        order by 1
        """,
    )


def test_a_database_goes_up_and_down_and_up_again(database_url: str, empty_database: Callable[[], str]) -> None:
    # Needs the migrated database too, because the roles must stay while somebody else on the server uses them.
    url = empty_database()
    assert schema.current(url) is None
    schema.upgrade(url)
    assert schema.current(url) == schema.head()
    made = tables(url), functions(url)
    schema.downgrade(url)
    assert schema.current(url) is None
    assert (tables(url), functions(url)) == (["alembic_version"], [])
    assert set(ask(url, "select rolname from pg_roles where starts_with(rolname, 'portal_')")) >= set(ROLES)
    schema.upgrade(url)
    assert (tables(url), functions(url)) == made


def test_every_migration_can_be_undone_by_itself(database_url: str, empty_database: Callable[[], str]) -> None:
    url = empty_database()
    for script in reversed(list(schema.scripts().walk_revisions())):
        before = tables(url), functions(url)
        schema.upgrade(url, script.revision)
        if script.down_revision is not None:
            schema.downgrade(url, str(script.down_revision))
            assert (tables(url), functions(url)) == before
            schema.upgrade(url, script.revision)


def test_migrations_are_one_line_without_branches() -> None:
    scripts: ScriptDirectory = schema.scripts()
    assert len(scripts.get_heads()) == 1
    assert scripts.get_bases() == ["0001"]


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    schema.upgrade(database_url)
    assert schema.current(database_url) == schema.head()


def test_two_upgrades_at_once_wait_for_each_other(empty_database: Callable[[], str]) -> None:
    url = empty_database()
    with ThreadPoolExecutor(2) as pool:
        # Alembic's environment is one per process, so one of the two is only a lock that is held for a moment.
        with psycopg.connect(plain(url)) as other:
            other.execute("select pg_advisory_lock(8240002)")
            upgrade = pool.submit(schema.upgrade, url)
            with pytest.raises(TimeoutError):
                upgrade.result(timeout=0.5)
            assert schema.current(url) is None
        upgrade.result(timeout=60)
    assert schema.current(url) == schema.head()


def test_a_database_of_a_newer_portal_is_left_alone_with_a_clear_word(empty_database: Callable[[], str]) -> None:
    url = empty_database()
    schema.upgrade(url, "0001")
    with psycopg.connect(plain(url)) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    assert schema.is_ahead(url)
    with pytest.raises(schema.SchemaAheadError, match="at version 9999, which this portal does not know"):
        schema.upgrade(url)
    assert schema.current(url) == "9999"


def test_a_database_of_this_portal_is_not_ahead(database_url: str, empty_database: Callable[[], str]) -> None:
    assert not schema.is_ahead(database_url)
    assert not schema.is_ahead(empty_database())
