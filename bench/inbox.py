"""The portal's webhook inbox beside one that checks the signature and inserts, in turns, under the same load; then how
long a worker takes to handle all that was kept, and with how many calls."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import count
from statistics import median
from typing import Any

import psycopg
import redis

from bench import rows
from bench.asked import Asked
from bench.bare import EVENTS
from bench.connection import Answer, Connection, post
from bench.person import MACHINE, quiet_portal
from bench.report import percentile, say, table, verdict
from bench.servers import Servers, running_servers
from portal.acting import acting_as
from portal.buildium.limiter import Lane
from portal.buildium.signatures import sign
from portal.sync import runs

CLIENTS = 8
PATIENCE_SECONDS = 300
UNITS = 200  # the records that the events are about
ROUNDS = 12
LEAST = 0.85
SANDBOX = {"SANDBOX_SIZE": str(UNITS), "SANDBOX_RATE": "10", "SANDBOX_WEBHOOK_DELAY": "3600"}
NEEDED = ("gl_account", "bank_account", "property", "unit")
HEADINGS = ("inbox", "events/s", "median ms", "p99 ms", "events", "kept")

numbers = count(1)


@dataclass
class Side:
    """One inbox: events per second of every round, and seconds of every answer."""

    name: str
    port: int
    table: str
    rates: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def row(self, kept: int) -> list[str]:
        times = f"{median(self.seconds) * 1000:.2f}", f"{percentile(self.seconds, 99) * 1000:.2f}"
        return [self.name, f"{median(self.rates):,.0f}", *times, f"{len(self.seconds):,}", f"{kept:,}"]


def measure(asked: Asked) -> Iterator[str]:
    say("Inbox: starting PostgreSQL, Valkey and both sides, and importing units …")
    with running_servers() as servers, servers.superuser() as superuser:
        superuser.execute(EVENTS)
        sides = [
            Side("bare", servers.bare_port, "bare_events"),
            Side("portal", servers.portal_port, "buildium_webhook_events"),
        ]
        company = imported(servers, superuser)
        with servers.web():
            take_turns(servers, superuser, sides, asked.events, company)
        bare, portal = sides
        ratio = median(portal.rates) / median(bare.rates)
        with redis.Redis.from_url(servers.settings.redis_url) as valkey:
            wakes = valkey.llen(f"rq:queue:{Lane.BULK}")
        yield ""
        yield f"{CLIENTS} clients, {ROUNDS} rounds in turns; events per second at the median round"
        yield from table(HEADINGS, [side.row(rows.count(superuser, side.table)) for side in sides])
        yield f"The portal keeps {ratio:.2f} of what the bare one keeps (aim {LEAST:g}): {verdict(ratio >= LEAST)}"
        yield f"It woke a worker {wakes} times meanwhile."
        yield from handled(servers, superuser)
        yield ""


@dataclass(frozen=True)
class Company:
    """Whose events they are, and about which units."""

    account: int
    units: Sequence[int]


def imported(servers: Servers, superuser: psycopg.Connection[Any]) -> Company:
    with servers.portal((), SANDBOX):
        app = quiet_portal(servers.settings)
        with app.app_context(), acting_as(MACHINE):
            runs.begin(runs.Kind.IMPORT, NEEDED, "bench")
            runs.run_all()
    (account,) = superuser.execute("select account_id from buildium_connection").fetchone() or (0,)
    units = superuser.execute("select buildium_unit_id from units where buildium_unit_id is not null").fetchall()
    with redis.Redis.from_url(servers.settings.redis_url) as valkey:
        valkey.flushdb()
    return Company(account, [number for (number,) in units])


def handled(servers: Servers, superuser: psycopg.Connection[Any]) -> Iterator[str]:
    """Start everything else, and wait until no event is open."""
    say("Inbox: handling them …")
    began = time.monotonic()
    with servers.portal(("bulk",), SANDBOX) as control:
        control.delete("/requests").raise_for_status()
        while open_events(superuser) and time.monotonic() < began + PATIENCE_SECONDS:
            time.sleep(0.05)
        seconds = time.monotonic() - began
        calls = control.get("/requests", params={"limit": 1}).json()["total"]
    states = superuser.execute("select state, count(*) from buildium_webhook_events group by 1 order by 2").fetchall()
    number = sum(count for _, count in states)
    told = ", ".join(f"{count:,} {state}" for state, count in states)
    yield f"{number:,} events, {seconds:.1f} s after the start of web, clock and worker: {told}."
    yield f"That took {calls:,} calls for {UNITS} units, {number / max(1, calls):.0f} events per call."


def open_events(superuser: psycopg.Connection[Any]) -> bool:
    found = superuser.execute(
        "select exists (select from buildium_webhook_events where state in ('received', 'failed'))"
    )
    return bool((found.fetchone() or (False,))[0])


def take_turns(
    servers: Servers, superuser: psycopg.Connection[Any], sides: Sequence[Side], events: int, company: Company
) -> None:
    secret = servers.settings.buildium_webhook_secrets[0]
    share = max(CLIENTS, events // ROUNDS)
    for side in sides:
        burst(side.port, signed_events(secret, share, company))
        superuser.execute(f"truncate {side.table} cascade".encode())
    say(f"Inbox: {ROUNDS} rounds of {share} events to each side …")
    for turn in range(ROUNDS):
        for side in sides if turn % 2 else reversed(sides):
            requests = signed_events(secret, share, company)
            began = time.perf_counter()
            answers = burst(side.port, requests)
            side.rates.append(share / (time.perf_counter() - began))
            side.seconds += [answer.seconds for answer in answers]


def signed_events(secret: str, number: int, company: Company) -> list[bytes]:
    """Events that never came before, signed now, as requests; unit after unit."""
    requests = []
    for _ in range(number):
        event = {
            "EventName": "RentalUnit.Updated",
            "EventDateTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.{(serial := next(numbers)) % 10**6:06}Z",
            "AccountId": company.account,
            "UnitId": company.units[serial % len(company.units)],
        }
        body, timestamp = json.dumps(event, separators=(",", ":")).encode(), str(int(time.time()))
        headers = {
            "buildium-webhook-timestamp": timestamp,
            "buildium-webhook-signature": sign(secret, timestamp, body),
        }
        requests.append(post("/webhooks/buildium", body, headers))
    return requests


def burst(port: int, requests: Sequence[bytes]) -> list[Answer]:
    """All of them through a few connections at once. Raises RuntimeError where one isn't accepted."""
    answers: list[Answer] = []

    def send(mine: Sequence[bytes]) -> None:
        connection = Connection(port)
        answers.extend(connection.exchange(request) for request in mine)
        connection.close()

    clients = [threading.Thread(target=send, args=(requests[first::CLIENTS],)) for first in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    accepted = sum(answer.status == HTTPStatus.ACCEPTED for answer in answers)
    if accepted < len(requests):
        raise RuntimeError(f"only {accepted} of {len(requests)} events were accepted")
    return answers
