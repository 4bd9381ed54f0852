"""The newest migration goes down and up again while people save and workers push."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from portal import schema

pytestmark = pytest.mark.slow

# `PORTAL_ROWS=100000` for the whole row of the matrix.
ROWS = int(os.environ.get("PORTAL_ROWS", "5000"))
MOST_SECONDS = 10  # for one save; a second on a machine with nothing else to do
COLUMNS = """
    select table_name || '.' || column_name, udt_name || ' ' || is_nullable || ' ' || coalesce(column_default, '')
    from information_schema.columns where table_schema = 'public'
"""
EVERYTHING = f"""
    {COLUMNS}
    union all select indexname, indexdef from pg_indexes where schemaname = 'public'
    union all select conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) from pg_constraint
    where connamespace = 'public'::regnamespace
    union all select tablename || '.' || policyname,
        cmd || roles::text || coalesce(qual, '') || coalesce(with_check, '')
    from pg_policies where schemaname = 'public'
    union all select tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
"""
MACHINE = "select set_config('role', 'portal_machine', true), set_config('portal.door', 'push', true)"


class Office:
    """Somebody who saves a property as a worker does, again and again, until the block ends."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.done = threading.Event()
        self.longest, self.saves, self.wrong = 0.0, 0, list[str]()
        self.thread = threading.Thread(target=self.work)

    def __enter__(self) -> Office:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join(60)

    def work(self) -> None:
        with psycopg.connect(self.url) as connection:
            while not self.done.is_set():
                began = time.monotonic()
                try:
                    self.save(connection)
                except psycopg.Error as error:
                    connection.rollback()
                    self.wrong.append(str(error))
                self.longest = max(self.longest, time.monotonic() - began)

    def save(self, connection: psycopg.Connection[Any]) -> None:
        self.saves += 1
        connection.execute(MACHINE)
        connection.execute(
            "update properties set reserve = %s where name = %s", (self.saves, f"House {self.saves % 7}")
        )
        connection.execute(
            "insert into buildium_sync_status as row (entity_type, entity_id) values ('property', %s)"
            " on conflict (entity_type, entity_id) do update set local_version = row.local_version + 1",
            (f"{self.saves % 7}",),
        )
        connection.commit()


def plain(url: str) -> str:
    return url.replace("+psycopg", "")


def ask(url: str, query: str) -> dict[str, str]:
    with psycopg.connect(plain(url), autocommit=True) as connection:
        return dict(connection.execute(query.encode()).fetchall())


def fill(url: str, rows: int) -> None:
    with psycopg.connect(plain(url)) as connection:
        connection.execute(MACHINE)
        connection.execute("insert into properties (name) select 'House ' || n from generate_series(1, %s) n", [rows])


def count(url: str) -> int:
    with psycopg.connect(plain(url)) as connection:
        connection.execute(MACHINE)
        found = connection.execute("select count(*) from properties").fetchone()
        return int(found[0]) if found else 0


@pytest.mark.fault(32)
def test_down_and_up_under_load_leaves_schema_and_rows_as_they_were_and_stops_nobody(
    fresh_database: Callable[[], str],
) -> None:
    url = fresh_database()
    fill(url, ROWS)
    before = ask(url, EVERYTHING)
    with Office(plain(url)) as office:
        for _ in range(2):
            schema.downgrade(url, "-1")
            assert schema.current(url) != schema.head()
            schema.upgrade(url)
    assert ask(url, EVERYTHING) == before
    assert count(url) == ROWS
    assert office.saves > 20
    assert office.wrong == []
    assert office.longest < MOST_SECONDS


@pytest.mark.fault(32)
def test_what_the_code_before_the_newest_migration_writes_fits_after_it(fresh_database: Callable[[], str]) -> None:
    """Workers of the version before go on while it runs: nothing they name may go, nothing new may be demanded."""
    url = fresh_database()
    after = ask(url, COLUMNS)
    schema.downgrade(url, "-1")
    before = ask(url, COLUMNS)
    assert {name: after.get(name, "gone").split()[0] for name in before} == {
        name: kind.split()[0] for name, kind in before.items()
    }
    known = {name.partition(".")[0] for name in before}
    demanded = [
        name
        for name in after.keys() - before.keys()
        if name.partition(".")[0] in known and after[name].split(" ", 2)[1:] == ["NO", ""]
    ]
    assert demanded == []


@pytest.mark.fault(32)
def test_a_portal_that_is_older_than_its_tables_says_so_and_one_that_is_newer_waits(
    fresh_database: Callable[[], str],
) -> None:
    url = fresh_database()
    schema.downgrade(url, "-1")
    assert schema.current(url) != schema.head()
    assert not schema.is_ahead(url)
    schema.upgrade(url)
    assert schema.current(url) == schema.head()
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(schema.SchemaAheadError, match="it was migrated by a newer one"):
        schema.upgrade(url)
