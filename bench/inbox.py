"""The portal's webhook inbox beside one that checks the signature and inserts, in turns, under the same load."""

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
from bench.report import percentile, say, table, verdict
from bench.servers import Servers, running_servers
from portal.buildium.limiter import Lane
from portal.buildium.signatures import sign

CLIENTS = 8
ROUNDS = 12
LEAST = 0.85
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
    say("Inbox: starting PostgreSQL, Valkey and both sides …")
    with running_servers() as servers, servers.superuser() as superuser:
        superuser.execute(EVENTS)
        sides = [
            Side("bare", servers.bare_port, "bare_events"),
            Side("portal", servers.portal_port, "buildium_webhook_events"),
        ]
        with servers.web():
            take_turns(servers, superuser, sides, asked.events)
        bare, portal = sides
        ratio = median(portal.rates) / median(bare.rates)
        with redis.Redis.from_url(servers.settings.redis_url) as valkey:
            wakes = valkey.llen(f"rq:queue:{Lane.BULK}")
        yield ""
        yield f"{CLIENTS} clients, {ROUNDS} rounds in turns; events per second at the median round"
        yield from table(HEADINGS, [side.row(rows.count(superuser, side.table)) for side in sides])
        yield f"The portal keeps {ratio:.2f} of what the bare one keeps (aim {LEAST:g}): {verdict(ratio >= LEAST)}"
        yield f"It woke a worker {wakes} times meanwhile."
        yield ""


def take_turns(servers: Servers, superuser: psycopg.Connection[Any], sides: Sequence[Side], events: int) -> None:
    secret = servers.settings.buildium_webhook_secrets[0]
    share = max(CLIENTS, events // ROUNDS)
    for side in sides:
        burst(side.port, signed_events(secret, share))
        superuser.execute(f"truncate {side.table}".encode())
    say(f"Inbox: {ROUNDS} rounds of {share} events to each side …")
    for turn in range(ROUNDS):
        for side in sides if turn % 2 else reversed(sides):
            requests = signed_events(secret, share)
            began = time.perf_counter()
            answers = burst(side.port, requests)
            side.rates.append(share / (time.perf_counter() - began))
            side.seconds += [answer.seconds for answer in answers]


def signed_events(secret: str, number: int) -> list[bytes]:
    """Events that never came before, signed now, as requests."""
    requests = []
    for _ in range(number):
        event = {
            "EventName": "RentalUnit.Updated",
            "EventDateTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}7Z",
            "AccountId": 123456,
            "UnitId": next(numbers),
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
