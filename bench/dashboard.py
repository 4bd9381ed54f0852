"""Every page of the dashboard on a bad day: the time of its first and its deepest position, and its queries."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import psycopg

from bench import failures
from bench.asked import Asked
from bench.connection import Connection, get
from bench.pages import good
from bench.person import queries_of, quiet_portal, sign_in
from bench.report import milliseconds, say, table
from bench.servers import running_servers

RECORDS, CALLS, EVENTS = 200_000, 2_000_000, 500_000
TIMES = 15
HEADINGS = ("page", "first ms", "p95", "deepest ms", "p95", "queries")
DEEPEST = "before=end"

LISTS = (
    ("/sync/records", "records"),
    ("/sync/records?state=failed", "records refused"),
    ("/sync/records?state=failed&entity_type=unit", "units refused"),
    ("/sync/records?cause=permission", "records of one cause"),
    ("/sync/records?q=Record+1500", "records by a name"),
    ("/sync/conflicts", "conflicts"),
    ("/sync/conflicts?entity_type=bill&field=Comment", "conflicts of one field"),
    ("/sync/decisions", "decisions"),
    ("/sync/drift", "differences found"),
    ("/sync/drift?state=missed", "differences no webhook told of"),
    ("/sync/webhooks", "webhooks"),
    ("/sync/webhooks?state=dead", "webhooks given up"),
    ("/sync/webhooks?event_type=Lease.Updated", "webhooks of one event"),
    ("/sync/webhooks?event_type=Lease.Updated&entity_type=lease", "webhooks of one event and kind"),
    ("/sync/webhooks?q=3000123", "webhooks of one record"),
    ("/sync/api-log", "calls"),
    ("/sync/api-log?status=failed", "calls that went wrong"),
    ("/sync/api-log?status=429&method=PUT", "updates asked to wait"),
    ("/sync/api-log?status=none&entity_type=unit&within=week", "calls of a week without an answer"),
    ("/sync/api-log?operation=GET+/v1/leases/{id}", "calls of one operation"),
    ("/sync/api-log?slow=900", "slow calls"),
    ("/sync/api-log?method=PATCH&within=day", "patches of a day"),
    ("/sync/api-log?cause=push:unit:150000", "calls of one job"),
    ("/sync/runs", "imports"),
)
OTHERS = (
    ("/sync", "overview"),
    ("/sync/issues", "issues"),
    ("/sync/issues?state=open&sort=newest", "open issues, newest first"),
    ("/sync/retry?state=failed", "plan: send all refused again"),
    ("/sync/webhooks/replays/new?state=dead", "plan: handle all given up again"),
    ("/sync/api-log/pace?within=week", "pace of a week"),
    ("/sync/queues", "workers"),
    ("/sync/alerts", "alerts"),
    ("/sync/kept", "what is kept"),
    ("/", "home"),
)


def measure(_: Asked) -> Iterator[str]:
    say("Dashboard: starting PostgreSQL, Valkey and the portal …")
    with running_servers() as servers:
        app = quiet_portal(servers.settings)
        cookie = sign_in(app, servers.settings)
        with servers.superuser() as superuser:
            began = time.monotonic()
            failures.fill(superuser, RECORDS, CALLS, EVENTS)
            say(f"Dashboard: the rows are there after {time.monotonic() - began:.0f} s; asking {TIMES} times …")
            others = [*OTHERS, *singles(superuser)]
        with servers.web():
            portal = Connection(servers.portal_port)
            found = [line(portal, cookie, address, name, deep=True) for address, name in LISTS]
            found += [line(portal, cookie, address, name, deep=False) for address, name in others]
        addresses = [address for address, _ in (*LISTS, *others)]
        queries = [str(queries_of(app, cookie, address)) for address in addresses]
    yield f"{RECORDS:,} records in trouble, {CALLS:,} calls, {EVENTS:,} webhooks; {TIMES} requests each"
    yield from table(HEADINGS, [[*row, number] for row, number in zip(found, queries, strict=True)])


def singles(connection: psycopg.Connection[object]) -> list[tuple[str, str]]:
    """Pages about one thing."""

    def one(statement: str) -> object:
        found = connection.execute(statement.encode()).fetchone()
        assert found
        return found[0]  # type: ignore[index]

    largest = "select issue_id from buildium_sync_status where issue_id is not null group by 1 order by count(*) desc"
    issue = one(f"{largest} limit 1")
    row = one("select id from buildium_sync_status where sync_status = 'failed' order by id limit 1")
    call = one("select id from buildium_api_log where response_status = 422 order by created_at limit 1")
    return [
        (f"/sync/issues/{issue}", "the largest issue"),
        (f"/sync/issues/{issue}?{DEEPEST}", "the largest issue, last page"),
        (f"/sync/issues/{issue}/retry", "plan: send the largest issue again"),
        (f"/sync/records/{row}", "one record"),
        (f"/sync/api-log/{call}", "one call"),
    ]


def line(portal: Connection, cookie: str, address: str, name: str, *, deep: bool) -> list[str]:
    first = times(portal, cookie, address)
    if not deep:
        return [name, *milliseconds(first), "", ""]
    return [name, *milliseconds(first), *milliseconds(times(portal, cookie, joined(address)))]


def joined(address: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{DEEPEST}"


def times(portal: Connection, cookie: str, address: str) -> Sequence[float]:
    """Seconds of each answer, after a first one that warms."""
    request = get(address, cookie)
    good(portal, request)
    return [good(portal, request).seconds for _ in range(TIMES)]
