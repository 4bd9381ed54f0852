"""The first page after sign-in, and the search of everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from portal.extensions import db
from portal.web.access import Permission, may, requires
from portal.web.lists import read_list
from portal.web.pagination import COUNT_TO, Page, count_of
from portal.web.record_sync import record_sync
from portal.web.screen import Screen
from portal.web.screens import screens
from portal.web.search import LONGEST

FOUND_EACH = 8

home = Blueprint("home", __name__)


@dataclass(frozen=True)
class Tile:
    """A number, and the list that has exactly so many rows."""

    label: str
    number: int
    url: str
    tone: str = ""

    @property
    def counted(self) -> bool:
        return self.number <= COUNT_TO


@dataclass(frozen=True)
class Found:
    """What one screen has for a search, and the list with all of it."""

    screen: Screen
    page: Page
    url: str


# (screen, filters of its list, label, tone where it isn't zero)
PORTFOLIO: tuple[tuple[str, dict[str, str], str, str], ...] = (
    ("properties", {"status": "active"}, "Active properties", ""),
    ("units", {"status": "active"}, "Active units", ""),
    ("owners", {"status": "active"}, "Active owners", ""),
    ("owners", {"agreement": "60"}, "Agreements end within 60 days", "wait"),
    ("properties", {"operating_bank_account": "missing"}, "Properties without a bank account", "bad"),
)


@home.get("/")
@requires(Permission.VIEW_RECORDS)
def index() -> ResponseReturnValue:
    attention = record_sync().attention() if may(Permission.VIEW_SYNC) else ()
    return render_template("home/index.html", tiles=portfolio_tiles(), attention=attention)


@home.get("/search")
@requires(Permission.VIEW_RECORDS)
def search() -> ResponseReturnValue:
    sought = " ".join(request.args.get("q", "")[:LONGEST].split())
    found = [found_in(screen, sought) for screen in screens().values() if sought and screen.search is not None]
    return render_template("home/search.html", sought=sought, found=[each for each in found if each.page.records])


def portfolio_tiles() -> list[Tile]:
    """All numbers in one query."""
    wanted = [entry for entry in PORTFOLIO if entry[0] in screens()]
    lists = [read_list(screens()[plural], MultiDict(filters)) for plural, filters, _, _ in wanted]
    counts: Any = [count_of(asked.statement()).scalar_subquery() for asked in lists]
    numbers = db.session.execute(select(*counts)).one() if counts else ()
    return [
        Tile(label, number, asked.address(), tone if number else "")
        for (_, _, label, tone), asked, number in zip(wanted, lists, numbers, strict=True)
    ]


def found_in(screen: Screen, sought: str) -> Found:
    asked = read_list(screen, MultiDict({"q": sought}))
    return Found(screen, asked.first(FOUND_EACH), asked.address())
