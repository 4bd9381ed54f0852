"""The portal's pages beside the barest ones that show the same rows, over growing numbers of units.

Both sides are asked in turns, one request at a time, and so are all the pages: what disturbs the machine disturbs all.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from statistics import median

from bench import rows
from bench.asked import Asked
from bench.cases import DEEP_PAGES, Case, cases
from bench.connection import Answer, Connection, get
from bench.person import queries_of, quiet_portal, sign_in
from bench.report import milliseconds, say, table, verdict
from bench.servers import Servers, running_servers

# psycopg prepares a statement when it comes for the sixth time, and PostgreSQL keeps its plan from the sixth on.
WARMING = 15
DEEPEST = 1.2
LISTED = re.compile(rb'<a href="(/units/[0-9a-f-]{36})">')
HEADINGS = ("page", "bare ms", "p95", "portal ms", "p95", "ratio", "aim", "", "queries", "bytes", "bare bytes")


@dataclass
class Measured:
    """Seconds of every answer, and the size of the last page, of both sides."""

    case: Case
    portal: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    portal_bytes: int = 0
    bare_bytes: int = 0
    queries: int = 0

    @property
    def ratio(self) -> float:
        return median(self.portal) / median(self.bare)

    def row(self) -> list[str]:
        return [
            self.case.name,
            *milliseconds(self.bare),
            *milliseconds(self.portal),
            f"{self.ratio:.2f}",
            f"{self.case.aim:g}",
            verdict(self.ratio <= self.case.aim),
            str(self.queries),
            f"{self.portal_bytes:,}",
            f"{self.bare_bytes:,}",
        ]


@dataclass(frozen=True)
class Sides:
    """A kept-open connection to each side; `cookie` is the signed-in person's."""

    portal: Connection
    bare: Connection
    cookie: str

    def ask_portal(self, case: Case, turn: int) -> Answer:
        return good(self.portal, get(case.portal[turn % len(case.portal)], self.cookie))

    def ask_bare(self, case: Case, turn: int) -> Answer:
        return good(self.bare, get(case.bare[turn % len(case.bare)]))


def measure(asked: Asked) -> Iterator[str]:
    say("Pages: starting PostgreSQL, Valkey and both sides …")
    with running_servers() as servers:
        app = quiet_portal(servers.settings)
        cookie = sign_in(app, servers.settings)
        for size in asked.sizes:
            with servers.superuser() as superuser:
                began = time.monotonic()
                say(f"Pages: making {size:,} units …")
                number = rows.fill(superuser, size)
                say(f"Pages: {number:,} units after {time.monotonic() - began:.0f} s; asking {asked.requests} times …")
                wanted = cases(superuser)
            found = measure_cases(servers, cookie, wanted, asked.requests)
            for each in found:
                each.queries = queries_of(app, cookie, each.case.portal[0])
            yield from lines(number, asked.requests, found)


def measure_cases(servers: Servers, cookie: str, wanted: Sequence[Case], requests: int) -> list[Measured]:
    with servers.web():
        portal, bare = Connection(servers.portal_port), Connection(servers.bare_port)
        # A browser also sends back the cookie of the page, with the secret of its forms.
        others = good(portal, get("/", cookie)).cookies
        sides = Sides(portal, bare, "; ".join((cookie, *others)))
        for turn in range(WARMING):
            for case in wanted:
                compare(sides, Measured(case), turn)
        found = [Measured(case) for case in wanted]
        for turn in range(requests):
            for measured in found:
                compare(sides, measured, turn)
        return found


def compare(sides: Sides, measured: Measured, turn: int) -> None:
    """Ask both sides once; every other time the portal first. Raises RuntimeError where they show different units."""
    if turn % 2:
        portal, bare = sides.ask_portal(measured.case, turn), sides.ask_bare(measured.case, turn)
    else:
        bare, portal = sides.ask_bare(measured.case, turn), sides.ask_portal(measured.case, turn)
    measured.portal.append(portal.seconds)
    measured.bare.append(bare.seconds)
    measured.portal_bytes, measured.bare_bytes = len(portal.body), len(bare.body)
    if LISTED.findall(portal.body) != LISTED.findall(bare.body):
        raise RuntimeError(f"the two sides show different units: {measured.case.name}")


def good(connection: Connection, request: bytes) -> Answer:
    answer = connection.exchange(request)
    if answer.status != HTTPStatus.OK:
        raise RuntimeError(f"answered {answer.status}: {request.decode().splitlines()[0]}")
    return answer


def lines(number: int, requests: int, found: Sequence[Measured]) -> list[str]:
    medians = {each.case.name: median(each.portal) for each in found}
    depth = max(medians[deep] / medians[first] for deep, first in DEEP_PAGES.items())
    return [
        "",
        f"{number:,} units; {requests} requests to each side, one at a time; milliseconds at the median and p95",
        *table(HEADINGS, [each.row() for each in found]),
        f"Deep pages take up to {depth:.2f} times as long as the first (aim {DEEPEST:g}): {verdict(depth <= DEEPEST)}",
        "",
    ]
