"""The first page of the dashboard: is everything in step, what isn't, and does every part work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import render_template, url_for

from portal.operations.blueprint import operations
from portal.operations.by_kind import COLUMNS, lines
from portal.operations.calls.traffic import PERIODS, SERIES, bars, stretches
from portal.operations.counts import ALL, RETRYING, dead_events, records_by_kind, totals
from portal.operations.issues.listing import needing_somebody
from portal.operations.machinery.lamps import lamps, signs, tasks
from portal.operations.machinery.workers import workforce
from portal.operations.moments import clock, relative
from portal.operations.pauses.pages import DIRECTIONS, MODES, in_force
from portal.operations.words import kinds
from portal.sync.states import State
from portal.web.access import Permission, requires
from portal.web.formats import plural
from portal.webhooks.models import EventState

NEEDS_YOU = 5  # issues on the first page; the list has the others


@dataclass(frozen=True)
class Tile:
    """A number that opens exactly the rows it counts."""

    number: str
    label: str
    url: str
    tone: str = ""
    hint: str = ""


@operations.get("")
@requires(Permission.VIEW_SYNC)
def index() -> str:
    found = signs()
    by_kind = records_by_kind()
    calls = stretches(PERIODS["day"])
    needy, waiting = needing_somebody(NEEDS_YOU)
    return render_template(
        "sync/overview.html",
        needs_you=needy,
        needing=waiting,
        open_issues=lambda: waiting,  # the tab's number is known already
        tiles=tiles(totals(by_kind), dead_events(), found.next_try),
        lamps=lamps(found, workforce(), tasks()),
        columns=COLUMNS,
        lines=lines(by_kind),
        pauses=in_force(),
        kinds=kinds(),
        directions=DIRECTIONS,
        modes=MODES,
        series=[(each, bars(calls, number)) for number, each in enumerate(SERIES)],
        stretches=calls,
    )


def tiles(counts: Mapping[str, int], dead: int, next_try: datetime | None) -> list[Tile]:
    total = counts.get(ALL, 0)
    good = counts.get(State.SYNCED, 0)
    when = f"Next try {relative(next_try)}, at {clock(next_try)}" if next_try and counts.get(RETRYING) else ""

    def tile(state: str, label: str, tone: str = "", hint: str = "") -> Tile:
        number = counts.get(state, 0)
        return Tile(f"{number:,}", label, url_for("operations.records", state=state), tone if number else "", hint)

    return [
        Tile(
            share(good, total), "in sync", url_for("operations.records", state=State.SYNCED.value),
            "good" if good == total else "", f"{good:,} of {plural(total, 'record')}",
        ),
        tile(State.PENDING.value, "waiting to be sent", "wait"),
        tile(RETRYING, "of them tried again", "wait", when),
        tile(State.BLOCKED.value, "can’t be sent yet", "wait", "Something is missing"),
        tile(State.CONFLICT.value, "changed on both sides", "bad", "Somebody has to choose"),
        tile(State.FAILED.value, "refused by Buildium", "bad", "Somebody has to correct them"),
        tile(State.UNCERTAIN.value, "with unknown outcome", "wait", "Being looked up in Buildium"),
        tile(State.MISSING.value, "gone in Buildium", "bad"),
        tile(State.HELD.value, "paused"),
        Tile(
            f"{dead:,}", "webhooks given up", url_for("operations.webhooks", state=EventState.DEAD.value),
            "bad" if dead else "",
        ),
    ]  # fmt: skip


def share(part: int, whole: int) -> str:
    """Never 100 % while a single record isn't in step."""
    if not whole:
        return "–"
    percent = 100 * part / whole
    return "100%" if part == whole else f"{min(percent, 99.9):.1f}%"
