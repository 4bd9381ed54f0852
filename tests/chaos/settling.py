"""After the faults: everything that can come right by itself does, and an automatic person decides the rest.

The person follows a rule that depends on the seed alone, and each decision is written into the log, because the oracle
takes a value that somebody decided against for superseded.
"""

from __future__ import annotations

import random
import re
import time
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import httpx

from tests.chaos.company import Company
from tests.chaos.faults import pass_time
from tests.chaos.log import ACCEPTED, UNKNOWN, Log
from tests.chaos.people import Author, OddError

SECONDS = 600.0
TRIES_OF_A_PERSON = 4
ROWS = """
    select id::text, entity_type, entity_id, buildium_id, sync_status, conflict, candidates, next_attempt_at is null,
           coalesce(cause, ''), coalesce(error_message, ''), remote_snapshot
    from buildium_sync_status where sync_status <> 'synced' order by entity_type, created_at
"""
EVENTS = "select id::text, state from buildium_webhook_events where state in ('received', 'failed', 'dead')"
DECIDED = "select fields from sync_decisions where status_id = %s order by decided_at desc"
SEEN = re.compile(r'name="seen"\s+value="(\w+)"')
CHOICE = re.compile(r'name="choice:([^"]+)"')
RUNS = "select state from buildium_sync_runs where state in ('queued', 'running')"


@dataclass
class Left:
    """What is still open. `missing` are records that the person has let be."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    events: list[tuple[Any, ...]] = field(default_factory=list)
    runs: int = 0


@dataclass
class Settling:
    company: Company
    log: Log
    dice: random.Random
    tries: dict[str, int] = field(default_factory=dict)

    def settle(self) -> Left:
        """Bounded in time; what is left then is stuck."""
        self.calm()
        self.person = Author(self.company, "settling")
        end, compared = time.monotonic() + SECONDS, 0
        while time.monotonic() < end:
            left = self.look()
            if (left.rows or left.events or left.runs) and not self.is_hopeless(left):
                self.help_on(left)
                time.sleep(1.0)
            elif compared < 2:
                # The nightly comparison, twice: the first one may find what the second one has to prove healed. What
                # the person has given up on is tried again after it.
                compared += 1
                self.tries.clear()
                self.press("/sync/runs", {"kind": "full"})
                time.sleep(0.5)
            else:
                return left
        return self.look()

    def is_hopeless(self, left: Left) -> bool:
        """Whether all that is left are records that the person has given up on."""
        given_up = [row for row in left.rows if self.tries.get(row[0], 0) > TRIES_OF_A_PERSON]
        return bool(left.rows) and len(given_up) == len(left.rows) and not left.events and not left.runs

    def calm(self) -> None:
        """End every fault, and wait until all parts are there again."""
        with self.company.control as control:
            control.delete("/faults")
            control.delete("/webhooks/faults")
            control.post("/holds/release")
            control.post("/webhooks/enable")
        for part in ("valkey", "postgres", "web", "scheduler", "worker-people", "worker-bulk"):
            self.company.portal.part(part)
        end = time.monotonic() + 60
        while time.monotonic() < end and not self.is_ready():
            time.sleep(0.2)

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.company.portal.address}/readyz", timeout=10).is_success
        except httpx.TransportError:
            return False

    def look(self) -> Left:
        with self.company.control as control:
            control.post("/webhooks/enable")
        rows = [row for row in self.company.query(ROWS) if not self.is_let_be(row)]
        return Left(rows, self.company.query(EVENTS), len(self.company.query(RUNS)))

    def is_let_be(self, row: tuple[Any, ...]) -> bool:
        """A record that is really gone there, after the person has looked once more, stays as it is."""
        return bool(row[4] == "missing" and self.tries.get(row[0], 0) > 0)

    def help_on(self, left: Left) -> None:
        pass_time(self.company)
        for row in left.rows:
            try:
                self.help_row(row)
            except (OddError, httpx.TransportError) as error:
                self.log.note("decide", UNKNOWN, slot=f"{row[1]} {row[2]}", error=str(error)[:100])
        for number, state in left.events:
            if state == "dead" and self.once_more(number):
                self.press(f"/sync/webhooks/{number}/replay", {})

    def help_row(self, row: tuple[Any, ...]) -> None:
        number, kind, key, _, state, _, candidates, never, cause, words, _ = row
        facts: dict[str, Any] = {"slot": f"{kind} {key}", "cause": cause, "words": words[:200]}
        if state == "conflict":
            self.decide(number, kind, key)
        elif state == "uncertain" and candidates:
            chosen = str(candidates[0]["Id"])
            self.press(f"/sync/records/{number}/link", {"buildium_id": chosen})
            self.log.note("link", ACCEPTED, **facts, candidates=candidates, chosen=chosen)
        elif cause == "not found after a lost answer" and self.tries.get(number, 0) > 0:
            # Looked for once more, and nothing can be on its way any more: so it isn't there.
            self.press(f"/sync/records/{number}/anew", {})
            self.log.note("create anew", ACCEPTED, **facts)
        elif (state in ("failed", "missing", "blocked") or (state == "uncertain" and never)) and self.once_more(number):
            status = self.press(f"/sync/records/{number}/retry", {})
            self.log.note(f"retry {state}", ACCEPTED, **facts, status=status)

    def decide(self, number: str, kind: str, key: str) -> None:
        """Choose at random what the page shows; where that changes meanwhile, look again later."""
        page = self.person.read(f"/sync/records/{number}")
        shown, places = SEEN.search(page.text), sorted(set(CHOICE.findall(page.text)))
        if not shown or not places:
            return
        before = len(self.company.query(DECIDED, number))
        values = {f"choice:{unescape(place)}": self.dice.choice(("ours", "theirs")) for place in places}
        status = self.press(f"/sync/records/{number}/decision", {**values, "seen": shown[1]})
        decided = self.company.query(DECIDED, number)
        if len(decided) == before:
            self.log.note("decision refused", UNKNOWN, slot=f"{kind} {key}", status=status, values=values)
            return
        for place, each in decided[0][0].items():
            facts = {"place": place, "ours": each["ours"], "theirs": each["theirs"], "choice": each["side"]}
            self.log.note("decide", ACCEPTED, slot=f"{kind} {key}", **facts)

    def once_more(self, number: str) -> bool:
        self.tries[number] = self.tries.get(number, 0) + 1
        return self.tries[number] <= TRIES_OF_A_PERSON

    def press(self, address: str, values: dict[str, str]) -> int:
        """Press a button of the sync's pages; the status of the answer."""
        page = self.person.read("/sync")
        token = page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
        return self.person.send(address, {"csrf_token": token, **values}).status_code
