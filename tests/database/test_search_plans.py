"""With 20,000 rows under a person's role, a search goes through the trigram index and a list through its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.database.acting import act_as, plain

Connection = psycopg.Connection[Any]
ROWS = 20_000


@pytest.fixture(scope="module")
def crowded(addresses: Any, worker: str) -> Iterator[str]:
    """The address of a database of its own: statistics outlive a rollback."""
    name = f"{addresses.prefix}_{worker}_crowded"
    url = addresses.databases.make_migrated(name)
    with psycopg.connect(plain(url)) as connection:
        act_as(connection, "portal_machine")
        connection.execute(
            "insert into properties (name, city) select md5(n::text), 'Boston' from generate_series(1, %s) as n", [ROWS]
        )
        connection.execute("insert into units (property_id, unit_number) select id, '1' from properties")
        connection.execute(
            "insert into buildium_sync_status (entity_type, entity_id, sync_status)"
            " select 'property', n, case when n %% 10 = 0 then 'failed' else 'synced' end"
            " from generate_series(1, %s) as n",
            [ROWS],
        )
        connection.commit()
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute("vacuum analyze properties, units, buildium_sync_status")
    yield url
    addresses.databases.drop(name)


@pytest.fixture
def plan(crowded: str) -> Iterator[Callable[..., str]]:
    with psycopg.connect(plain(crowded)) as connection:
        act_as(connection, "portal_manager")
        yield lambda query: "\n".join(row for (row,) in connection.execute(f"explain {query}").fetchall())


SEARCHES = {
    "three letters and more": "search_text like '%4a8a08%'",
    "two letters, at the beginning of a word": "search_text like 'zq%' or search_text like '% zq%'",
}


@pytest.mark.parametrize("term", SEARCHES)
@pytest.mark.parametrize("table", ["properties", "units"])
def test_a_search_goes_through_the_trigram_index(plan: Callable[..., str], table: str, term: str) -> None:
    assert f"Bitmap Index Scan on {table}_search_text_idx" in plan(f"select id from {table} where {SEARCHES[term]}")


def test_a_page_sorted_by_name_walks_its_index(plan: Callable[..., str]) -> None:
    page = 'select id from properties order by lower(name) collate "C", id limit 51'
    assert "using properties_name_idx" in plan(page)
    assert "Sort" not in plan(page)


def test_a_deep_page_begins_where_the_last_one_ended(plan: Callable[..., str]) -> None:
    page = plan(
        "select id from properties"
        " where (lower(name) collate \"C\", id) > ('f', '00000000-0000-0000-0000-000000000000')"
        ' order by lower(name) collate "C", id limit 51'
    )
    assert "using properties_name_idx" in page
    assert "Index Cond" in page
    assert "Sort" not in page


def test_the_newest_failures_come_without_sorting(plan: Callable[..., str]) -> None:
    page = plan(
        "select id from buildium_sync_status where sync_status = 'failed' order by updated_at desc, id desc limit 51"
    )
    assert "using idx_buildium_sync_status" in page
    assert "Sort" not in page


def test_due_work_is_found_by_its_own_small_index(plan: Callable[..., str]) -> None:
    due = plan(
        "select id from buildium_sync_status where sync_status in ('pending', 'uncertain')"
        " and next_attempt_at <= now() order by next_attempt_at, id limit 20"
    )
    assert "buildium_sync_status_due_idx" in due
