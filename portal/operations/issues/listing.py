"""The list of issues: failures grouped by cause, the largest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, render_template, request
from sqlalchemy import Select, func, select

from portal.extensions import db
from portal.operations.blueprint import operations
from portal.operations.causes.catalogue import cause_named, slug
from portal.operations.causes.cause import Cause
from portal.operations.issues.models import Issue
from portal.operations.issues.states import (
    FIGURES,
    TONES,
    WORDS,
    IssueState,
    Standing,
    number_open,
    numbers_by_state,
    read,
    standings,
)
from portal.operations.lists import SIZE, STATE, Asked, Listing, read_list
from portal.operations.places import field_named
from portal.operations.words import kind, kinds
from portal.web.access import Permission, requires
from portal.web.filters import Choice

DIRECTIONS: Mapping[str, str] = {"out": "To Buildium", "in": "From Buildium"}
SORTS: Mapping[str, tuple[str, tuple[Any, ...]]] = {
    "impact": ("Most records first", (FIGURES.c.number.desc(), FIGURES.c.newest.desc(), Issue.id)),
    "newest": ("Newest failure first", (FIGURES.c.newest.desc().nulls_last(), Issue.id)),
    "oldest": ("Oldest failure first", (FIGURES.c.oldest.asc().nulls_last(), Issue.id)),
}
MOST_PAGES = 1000


def known_causes() -> Mapping[str, str]:
    """Asked of the database once per request."""
    if "issue_causes" not in g:
        found = db.session.scalars(select(Issue.cause).distinct().order_by(Issue.cause))
        g.issue_causes = {code: cause_title(code) for code in found}
    causes: Mapping[str, str] = g.issue_causes
    return causes


def cause_title(code: str) -> str:
    number = code.removeprefix("refused ")
    return f"{cause_named(code).title} ({number})" if number.isdecimal() else cause_named(code).title


ISSUES = Listing(
    "operations.issues",
    Issue,
    Issue.last_seen_at,
    filters=(
        Choice(STATE, "State", WORDS, lambda value: FIGURES.c.state == value),
        Choice("direction", "Direction", DIRECTIONS, lambda value: Issue.direction == value),
        Choice("entity_type", "Kind", kinds, lambda value: Issue.entity_type == value),
        Choice("cause", "Cause", known_causes, lambda value: Issue.cause == value),
        Choice("sort", "Order", {name: words for name, (words, _) in SORTS.items()}, lambda _: Issue.id == Issue.id),
    ),
)


@operations.get("/issues")
@requires(Permission.VIEW_SYNC)
def issues() -> str:
    asked = read_list(ISSUES, request.args)
    numbers = numbers_by_state(*asked.where(but=STATE))
    states = asked.tabs({**numbers, "": sum(numbers.values())}, {**WORDS, "": "All"})
    number = page_number(request.args.get("page", ""))
    found = page(asked, number)
    return render_template(
        "sync/issues.html",
        asked=asked,
        standings=found[:SIZE],
        states=states,
        total=numbers.get(asked.value(STATE), 0) if asked.value(STATE) else sum(numbers.values()),
        previous=asked.address(page=number - 1) if number > 1 else None,
        next=asked.address(page=number + 1) if len(found) > SIZE else None,
        first=asked.address() if number > 1 else None,
    )


def page(asked: Asked, number: int) -> list[Standing]:
    """One more than a page holds, where another follows. There are few issues, so that counting pages is no burden."""
    _, order = SORTS[asked.value("sort") or "impact"]
    wanted: Select[Any] = standings(*asked.where()).order_by(*order).limit(SIZE + 1).offset(SIZE * (number - 1))
    return read(db.session.execute(wanted))


def page_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and 0 < int(text[:9]) <= MOST_PAGES else 1


def needing_somebody(limit: int) -> tuple[list[Standing], int]:
    """Open issues for the overview, the oldest first, and how many there are."""
    wanted = standings(FIGURES.c.state == IssueState.OPEN.value)
    total = func.count().over().label("total")
    rows = db.session.execute(wanted.add_columns(total).order_by(FIGURES.c.oldest.asc(), Issue.id).limit(limit)).all()
    return [Standing(*row[:-1]) for row in rows], rows[0].total if rows else 0


@operations.context_processor
def issue_words() -> dict[str, Any]:
    """The words that pages about issues need; `open_issues` is for the tab, and asked only where it is shown."""
    return {
        "open_issues": number_open,
        "issue_words": WORDS,
        "issue_tones": TONES,
        "issue_title": title,
        "issue_cause": cause,
        "issue_field": field_words,
        "issue_directions": DIRECTIONS,
        "help_slug": slug,
    }


def cause(issue: Issue) -> Cause:
    return cause_named(issue.cause)


def title(issue: Issue) -> str:
    """“Property: Buildium refused the values”."""
    of = kind(issue.entity_type) or "Webhooks"
    return f"{of}: {cause(issue).title}"


def field_words(issue: Issue) -> str:
    """The field as people know it; the name that Buildium has for it where it isn't one of ours."""
    if not issue.field or issue.cause.startswith("run "):
        return ""
    item = field_named(issue.entity_type or "", issue.field)
    return item.words if item else issue.field
