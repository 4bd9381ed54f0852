"""People and workers who change everything that the dashboard counts, all the time, each through a connection of its
own."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from tests.database.acting import act_as, plain

ROWS = 30  # of each kind, and half as many again at most: fewer than a page holds
STATES = ("pending", "blocked", "syncing", "synced", "failed", "uncertain", "conflict", "missing", "held")
EVENTS = ("received", "processed", "coalesced", "echo", "ignored", "failed", "dead")
ALERTS = ("waiting", "sent", "failed")
KINDS = ("property", "unit", "vendor")
STATUSES = (200, 422, 429, 500, None)
MESSAGES = ("Not a postal code.", "Too long.", "Unknown country.", "Required.")

Connection = psycopg.Connection[Any]


def records(connection: Connection, chance: random.Random) -> None:
    """A third of them gets another state, and what failed another cause; one goes, one comes."""
    state, conflict = chance.choice(STATES), '{"Name": {"label": "Name", "ours": "a", "theirs": "b", "base": "c"}}'
    connection.execute(
        "update buildium_sync_status set sync_status = %s, cause = %s, error_message = %s, updated_at = now(),"
        " conflict = %s, next_attempt_at = null where id in (select id from buildium_sync_status"
        " order by random() limit %s for update skip locked)",
        (state, chance.choice(("refused 422", "retrying")), chance.choice(MESSAGES), conflict, ROWS // 3),
    )
    one_comes_or_goes(
        connection, "buildium_sync_status",
        "(entity_type, entity_id, record_name, sync_status) values (%s, gen_random_uuid(), 'Elm Court', 'synced')",
        [chance.choice(KINDS)],
    )  # fmt: skip


def events(connection: Connection, chance: random.Random) -> None:
    connection.execute(
        "update buildium_webhook_events set state = %s, error_message = %s where id in"
        " (select id from buildium_webhook_events order by random() limit %s for update skip locked)",
        (chance.choice(EVENTS), chance.choice(MESSAGES), ROWS // 3),
    )
    one_comes_or_goes(
        connection, "buildium_webhook_events",
        "(event_id, event_type, raw_body, state) values (gen_random_uuid(), 'Rental.Updated', '', 'processed')", [],
    )  # fmt: skip


def alerts(connection: Connection, chance: random.Random) -> None:
    connection.execute(
        "update sync_alerts set state = %s where id in"
        " (select id from sync_alerts order by random() limit %s for update skip locked)",
        (chance.choice(ALERTS), ROWS // 3),
    )
    one_comes_or_goes(
        connection, "sync_alerts",
        "(kind, channel, recipients, subject, body, url) values ('test', 'email', 'p@example.com', 's', 'b', 'u')", [],
    )  # fmt: skip


def calls(connection: Connection, chance: random.Random) -> None:
    for _ in range(3):
        one_comes_or_goes(
            connection, "buildium_api_log",
            "(endpoint, method, response_status, duration_ms) values ('/v1/rentals/7', 'PUT', %s, 143)",
            [chance.choice(STATUSES)],
        )  # fmt: skip


def issues(connection: Connection, chance: random.Random) -> None:
    """Somebody looks after them, and opens them again."""
    connection.execute(
        "update sync_issues set state = %s, settled_at = now() where id in"
        " (select id from sync_issues order by random() limit 5 for update skip locked)",
        [chance.choice(("open", "acknowledged"))],
    )


def one_comes_or_goes(connection: Connection, table: str, values: str, parameters: list[Any]) -> None:
    """As long as they fit on a page."""
    found = connection.execute(f"select count(*) from {table}".encode()).fetchone()
    if found and found[0] < ROWS:
        connection.execute(f"insert into {table} {values}".encode(), parameters)
    else:
        connection.execute(
            f"delete from {table} where id = (select id from {table} order by random() limit 1"
            " for update skip locked)".encode()
        )


WORKS: tuple[Callable[[Connection, random.Random], None], ...] = (records, events, alerts, calls, issues)


class Churn:
    """Threads that change rows until it is over."""

    def __init__(self, url: str) -> None:
        self.url, self.over, self.done, self.moved = url, False, 0, threading.Condition()
        self.failures: list[BaseException] = []

    def work(self, change: Callable[[Connection, random.Random], None], chance: random.Random) -> None:
        try:
            with psycopg.connect(plain(self.url)) as connection:
                while not self.over:
                    act_as(connection, "portal_machine")
                    change(connection, chance)
                    connection.commit()
                    with self.moved:
                        self.done += 1
                        self.moved.notify_all()
        except psycopg.Error as error:
            self.failures.append(error)

    def let_change(self, changes: int = 2 * len(WORKS)) -> None:
        """Wait until so many more changes are committed."""
        with self.moved:
            wanted = self.done + changes
            assert self.moved.wait_for(lambda: self.done >= wanted or bool(self.failures), 20), "nothing changes"
        assert not self.failures, self.failures


@contextmanager
def churning(url: str) -> Iterator[Churn]:
    churn = Churn(url)
    threads = [
        threading.Thread(target=churn.work, args=(work, random.Random(place))) for place, work in enumerate(WORKS)
    ]
    for thread in threads:
        thread.start()
    try:
        churn.let_change(10 * ROWS)
        yield churn
    finally:
        churn.over = True
        for thread in threads:
            thread.join(20)
    assert not churn.failures, churn.failures
