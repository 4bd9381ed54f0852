"""A storm of pushes against Buildium's limit of calls, and how long a person who saves in the middle of it waits.

Everything is real: four worker processes, the clock and the web as `portal up` runs them, PostgreSQL, Valkey, and the
simulated Buildium over HTTP with its limit in force and its webhooks on their way back.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import Any
from uuid import UUID

import httpx
from flask import Flask
from sqlalchemy import func, select

from bench.asked import Asked
from bench.person import MACHINE, quiet_portal
from bench.report import percentile, say, table, verdict
from bench.servers import running_servers
from portal.acting import Actor, Role, acting_as
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from portal.extensions import db
from portal.sync import runs
from portal.sync.models import SyncRun, SyncStatus

LANES = ("people", "people", "bulk", "bulk")
NEEDED = ("gl_account", "bank_account", "property", "unit")
LIMIT = 10
USED, REFUSED, WAITED = 0.98, 0.01, 2.0  # the aims
SAVES = 12
POLL_SECONDS = 0.01
PATIENCE_SECONDS = 30
IMPORT_SECONDS = 120
PERSON = Actor.person(UUID(int=1), "Pat Manager", Role.MANAGER)
HEADINGS = ("storm", "pushes", "seconds", "calls", "calls/s", "of the limit", "429", "share")
DELAYS = ("a person's save, until Buildium has it", "saves", "median s", "p90 s", "worst s")


@dataclass
class Storm:
    """`delays` are the seconds of each person's save; `answers` Buildium's, by status."""

    pushes: int
    seconds: float = 0.0
    answers: dict[str, int] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)

    @property
    def refused(self) -> int:
        return self.answers.get("429", 0)

    @property
    def calls(self) -> int:
        return sum(self.answers.values())

    @property
    def rate(self) -> float:
        return (self.calls - self.refused) / self.seconds

    def row(self) -> list[str]:
        shares = f"{self.rate / LIMIT:.1%}", str(self.refused), f"{self.refused / self.calls:.2%}"
        return ["units", f"{self.pushes:,}", f"{self.seconds:.1f}", f"{self.calls:,}", f"{self.rate:.2f}", *shares]


def measure(asked: Asked) -> Iterator[str]:
    say("Storm: starting everything, and importing units …")
    company = {"SANDBOX_SIZE": str(asked.pushes), "SANDBOX_RATE": str(LIMIT)}
    with running_servers() as servers, servers.portal(LANES, company) as control:
        app = quiet_portal(servers.settings)
        with app.app_context(), acting_as(MACHINE):
            import_all()
        say(f"Storm: {asked.pushes:,} pushes queued at once; {len(LANES)} workers, {LIMIT} calls a second …")
        storm = Storm(asked.pushes)
        blow(app, control, storm)
    yield ""
    yield f"{asked.pushes:,} edits in one moment, pushed by {len(LANES)} worker processes ({', '.join(LANES)})"
    yield from table(HEADINGS, [storm.row()])
    share, refused = storm.rate / LIMIT, storm.refused / storm.calls
    yield f"Of the {LIMIT} calls a second, {share:.1%} were used (aim {USED:.0%}): {verdict(share >= USED)}"
    yield f"Refused as too many: {refused:.2%} (aim below {REFUSED:.0%}): {verdict(refused < REFUSED)}"
    yield from table(DELAYS, [delay_row(storm.delays)])
    yield f"The slowest took {max(storm.delays):.2f} s (aim below {WAITED:g} s): {verdict(max(storm.delays) < WAITED)}"
    yield ""


def import_all() -> None:
    """Have the workers import what is needed. Raises RuntimeError after two minutes, and when a run ends otherwise."""
    mine = SyncRun.batch == runs.begin(runs.Kind.IMPORT, NEEDED, "bench")
    until = time.monotonic() + IMPORT_SECONDS
    while time.monotonic() < until:
        states = set(db.session.scalars(select(SyncRun.state).where(mine)))
        db.session.rollback()
        if states == {"done"}:
            return
        if states - {"queued", "running", "done"}:
            break
        time.sleep(0.2)
    raise RuntimeError(f"the import ended in {states}")


def delay_row(delays: Sequence[float]) -> list[str]:
    found = median(delays), percentile(delays, 90), max(delays)
    return ["in the middle of it", str(len(delays)), *(f"{each:.2f}" for each in found)]


def blow(app: Flask, control: httpx.Client, storm: Storm) -> None:
    with app.app_context():
        edit_units(storm.pushes)
        control.delete("/requests").raise_for_status()
        began = time.monotonic()
        while left := waiting():
            done = storm.pushes - left
            # Evenly over the middle of the storm, one after the other.
            if len(storm.delays) < SAVES and done * (SAVES + 2) > storm.pushes * (len(storm.delays) + 1):
                storm.delays.append(save_and_wait(control, len(storm.delays)))
            time.sleep(0.1)
        storm.seconds = time.monotonic() - began
        storm.answers = control.get("/requests", params={"limit": 1}).json()["by_status"]


def edit_units(number: int) -> None:
    """One transaction of a machine: what it saves is bulk work."""
    with acting_as(MACHINE):
        for unit in db.session.scalars(select(Unit).order_by(Unit.buildium_unit_id).limit(number)):
            unit.market_rent = (unit.market_rent or Decimal(0)) + 1
        db.session.commit()


def waiting() -> int:
    with acting_as(MACHINE):
        unfinished = (SyncStatus.entity_type == "unit", SyncStatus.sync_status != "synced")
        left = db.session.scalar(select(func.count()).select_from(SyncStatus).where(*unfinished)) or 0
        db.session.rollback()
        return left


def save_and_wait(control: httpx.Client, turn: int) -> float:
    """Seconds from the beginning of a person's save until Buildium has it. Raises RuntimeError after half a minute."""
    with acting_as(PERSON):
        house = db.session.scalars(select(Property).order_by(Property.buildium_property_id).offset(turn)).first()
        assert house
        words, place = f"Saved in turn {turn}", f"/records/rentals/{house.buildium_property_id}"
        began = time.monotonic()
        house.structure_description = words
        db.session.commit()
    while time.monotonic() < began + PATIENCE_SECONDS:
        values: dict[str, Any] = control.get(place).json()["values"]
        if values["StructureDescription"] == words:
            return time.monotonic() - began
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"the save {turn} didn't arrive")
