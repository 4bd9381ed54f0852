"""Removing at work: an issue at the very moment when something fails for it, and few rows among many."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event

from portal.acting import acting_as
from portal.extensions import db
from portal.operations.keeping import forgetting
from portal.operations.keeping.kept import RULES, Rule
from tests.apps import another_portal
from tests.database.acting import act_as, plain
from tests.operations.rows import MACHINE
from tests.waiting import wait_until

FAILURE = (
    "insert into buildium_sync_status (entity_type, entity_id, sync_status, cause, error_message)"
    " values ('property', gen_random_uuid(), 'failed', 'refused 422', 'No.') returning issue_id"
)
BLOCKED = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
ROWS = 20_000
# A row each hour backwards: one in six is older than a year.
AGES = f"generate_series(1, {ROWS}) as n, lateral (select now() - n * interval '30 minutes' as at) as ages"
MANY = {
    "sync_issues": "(id, direction, cause, error, resolved_at) select gen_random_uuid(), 'out', 'refused 422', 'e', at",
    "sync_acts": "(kind, words, actor_name, at, finished_at) select 'retry', 'w', 'Pat', at, at",
    "sync_retries": "(act_id, words, requested_by, asked, state, created_at, finished_at)"
    " select gen_random_uuid(), 'w', 'Pat', 1, 'done', at, at",
    "sync_replays": "(filter, words, total, requested_by, state, created_at, finished_at)"
    " select '{}', 'w', 1, 'Pat', 'done', at, at",
    "sync_decision_batches": "(act, state, entity_type, found, total, requested_by, created_at, finished_at)"
    " select 'decide', 'done', 'property', 1, 1, 'Pat', at, at",
    "sync_decisions": "(status_id, entity_type, entity_id, local_version, fields, decided_by, decided_at)"
    " select gen_random_uuid(), 'property', 'x', 1, '{}', 'Pat', at",
    "buildium_sync_runs": "(kind, entity_type, state, created_at, finished_at)"
    " select 'full', 'property', 'done', at, at",
    "buildium_webhook_events": "(event_id, state, created_at) select n::text, 'processed', at",
    "buildium_api_log": "(endpoint, method, created_at) select '/', 'GET', at",
}
PARTS = {
    "sync_retry_items": "(retry_id, place, row_kind, row_id, state) select id, 1, 'record', id, 'succeeded'"
    " from sync_retries",
    "sync_decision_batch_rows": "(batch_id, status_id, local_version) select id, id, 1 from sync_decision_batches",
    "sync_drift": "(run_id, entity_type, finding, buildium_id) select id, 'property', 'changed', 7"
    " from buildium_sync_runs",
}


@pytest.fixture(scope="module")
def old_ones(addresses: Any, worker: str) -> Iterator[str]:
    """A database of its own, for real commits."""
    name = f"{addresses.prefix}_{worker}_kept"
    yield addresses.databases.make_migrated(name)
    addresses.databases.drop(name)


@pytest.fixture
def portal(old_ones: str, settings: Any) -> Iterator[Flask]:
    with another_portal(replace(settings, database_url=old_ones)) as app, app.app_context(), acting_as(MACHINE):
        yield app
        db.session.remove()


@pytest.fixture
def resolved(portal: Flask, old_ones: str) -> UUID:
    """An issue behind which nothing is for so long that it may go."""
    with machine(old_ones) as connection:
        found = connection.execute(FAILURE).fetchone()
        connection.execute("delete from buildium_sync_status")
        connection.execute("update sync_issues set resolved_at = now() - interval '9 years'")
        connection.commit()
    assert found
    return UUID(str(found[0]))


def machine(url: str) -> psycopg.Connection[Any]:
    connection = psycopg.connect(plain(url))
    act_as(connection, "portal_machine")
    return connection


def issues(url: str) -> list[UUID]:
    with machine(url) as connection:
        return [row[0] for row in connection.execute("select id from sync_issues").fetchall()]


def test_an_issue_stays_for_which_something_is_failing(portal: Flask, old_ones: str, resolved: UUID) -> None:
    with machine(old_ones) as failing:
        failing.execute(FAILURE)
        forgetting.forget_until(time.monotonic() + 60)
        failing.commit()
    assert issues(old_ones) == [resolved]


def test_a_failure_waits_for_a_removal_and_makes_the_issue_anew(portal: Flask, old_ones: str, resolved: UUID) -> None:
    def fail() -> None:
        with machine(old_ones) as failing:
            failing.execute(FAILURE)
            failing.commit()

    with ThreadPoolExecutor() as threads, machine(old_ones) as removing:
        removing.execute("delete from sync_issues")
        failed = threads.submit(fail)
        wait_until(lambda: failed.done() or is_blocked(old_ones))
        removing.commit()
        failed.result(10)
    assert issues(old_ones) == [resolved]


def is_blocked(url: str) -> bool:
    # As the one who signed in: nobody else is told what the others wait for.
    with psycopg.connect(plain(url)) as connection:
        found = connection.execute(BLOCKED).fetchone()
    return bool(found and found[0])


@pytest.fixture(scope="module")
def crowded(old_ones: str) -> str:
    with machine(old_ones) as connection:
        for table, values in MANY.items():
            connection.execute(f"insert into {table} {values} from {AGES}".encode())
        for table, values in PARTS.items():
            connection.execute(f"insert into {table} {values}".encode())
        connection.commit()
    with psycopg.connect(plain(old_ones), autocommit=True) as connection:
        connection.execute("vacuum analyze")
    return old_ones


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.model.__tablename__ in MANY], ids=lambda rule: rule.words
)
def test_what_may_go_is_found_by_indexes(portal: Flask, crowded: str, rule: Rule) -> None:
    seen, plans = statements(rule), []
    with machine(crowded) as connection:
        # Whether it is worth it depends on the size of a table; whether it can be done doesn't.
        connection.execute("set enable_seqscan = off")
        for statement, values in seen:
            plan = "\n".join(row[0] for row in connection.execute(b"explain " + statement.encode(), values).fetchall())
            assert "Seq Scan" not in plan, plan
            plans.append(plan)
    assert any(f"{rule.model.__tablename__}_{rule.at.key}_idx" in plan for plan in plans), plans


def statements(rule: Rule) -> list[tuple[str, Any]]:
    """What one turn of a rule asks of the database."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if not statement.startswith("select set_config"):
            seen.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        forgetting.forget(rule)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return seen
