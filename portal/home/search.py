"""The search of everything: one statement, with a branch for each kind of record.

Each branch looks at no more than COUNT_TO matches, wherever they are, and at those that must not be missed: names that
begin with the words, along the index that lists are sorted by, and the record with this Buildium id. The best few of
them are shown. What is counted is what the list of the kind has for the same words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import CTE, ColumnElement, Select, Text, case, cast, false, func, literal, or_, select, union_all
from sqlalchemy import inspect as mapped
from sqlalchemy.dialects.postgresql import JSONB

from portal.extensions import db
from portal.home.kinds import KINDS, Kind
from portal.web.pagination import COUNT_TO
from portal.web.screen import Screen
from portal.web.screens import screens
from portal.web.search import LONGEST, beginning, digits_of, escaped, found, like

MOST = 8
MOST_INTEGER = 2**31 - 1
# Columns whose whole value somebody types who knows which record is wanted.
REFERENCES = ("unit_number", "reference_number", "invoice_number", "account_number", "email", "alternate_email")
PHONES = ("phone_home", "phone_work", "phone_mobile", "phone_number")
EXACT, NAME, WORD, ELSEWHERE = range(4)


@dataclass(frozen=True)
class Hit:
    title: str
    facts: tuple[str, ...]
    url: str


@dataclass(frozen=True)
class Group:
    """The best hits among one kind. `number` is how many there are, or one more than can be counted; `url` has all."""

    screen: Screen
    hits: tuple[Hit, ...]
    number: int
    url: str

    @property
    def counted(self) -> bool:
        return self.number <= COUNT_TO


def cleaned(text: str) -> str:
    """What is sought, as a list reads it."""
    return " ".join(text[:LONGEST].split())


def search(sought: str) -> list[Group]:
    """What there is for `sought`, kinds with the best hits first. One query."""
    wanted = {plural: screens()[plural] for plural in KINDS if plural in screens()} if sought else {}
    branches = [branch(screen, KINDS[plural], sought) for plural, screen in wanted.items()]
    by_kind: dict[str, list[Any]] = {}
    for row in db.session.execute(union_all(*branches)) if branches else ():
        by_kind.setdefault(row.kind, []).append(row)
    best = {plural: min(row.rank for row in rows) for plural, rows in by_kind.items()}
    order = sorted(by_kind, key=lambda plural: (best[plural], list(KINDS).index(plural)))
    return [group(wanted[plural], by_kind[plural], sought) for plural in order]


def group(screen: Screen, rows: list[Any], sought: str) -> Group:
    kind = KINDS[screen.plural]
    rows.sort(key=lambda row: (row.rank, (row.title or "").casefold(), row.id))
    return Group(
        screen,
        tuple(hit(screen, kind, row) for row in rows),
        rows[0].number,
        url_for(f"{screen.plural}.index", q=sought),
    )


def hit(screen: Screen, kind: Kind, row: Any) -> Hit:
    facts = [fact.write(text) for fact, text in zip(kind.facts, row.facts, strict=True) if text]
    address = url_for(f"{screen.plural}.show", record_id=screen.read_id(row.id))
    return Hit(row.title or "Without a name", tuple(facts), address)


def branch(screen: Screen, kind: Kind, sought: str) -> Select[Any]:
    """(kind, id, rank, title, facts, number) of the best few."""
    model, plural = screen.model, screen.plural
    near = matches(screen, sought).limit(COUNT_TO + 1).cte(f"near_{plural}")
    best = best_of(screen, near, sought).subquery(f"best_{plural}")
    facts = [cast(fact.read(model), Text) for fact in kind.facts]
    return select(
        literal(plural).label("kind"),
        cast(model.id, Text).label("id"),
        best.c.rank,
        cast(kind.title(model), Text).label("title"),
        cast(func.jsonb_build_array(*facts), JSONB).label("facts"),
        select(func.count()).select_from(near).scalar_subquery().label("number"),
    ).join_from(best, model, model.id == best.c.id)


def best_of(screen: Screen, near: CTE, sought: str) -> Select[Any]:
    """The best of the matches that were looked at and of those that are looked for by name and by Buildium id."""
    # Without the condition of the search, which a name that begins with the words always meets: it would tempt the
    # planner away from the index of names.
    parts = [select(near)]
    name = name_of(screen)
    if name is not None:
        named = ranked(screen, sought).where(beginning(name, sought)).order_by(name, screen.model.id).limit(MOST)
        parts.append(select(named.subquery()))
    if screen.buildium_id and (number := integer_of(sought)) is not None:
        parts.append(matches(screen, sought).where(getattr(screen.model, screen.buildium_id) == number).limit(MOST))
    every = union_all(*parts).subquery()
    rank, word = func.min(every.c.rank), func.min(every.c.word)
    return select(every.c.id, rank.label("rank")).group_by(every.c.id).order_by(rank, word, every.c.id).limit(MOST)


def matches(screen: Screen, sought: str) -> Select[Any]:
    return ranked(screen, sought).where(found(screen.search, sought))


def ranked(screen: Screen, sought: str) -> Select[Any]:
    """(id, rank, what comes first among equals) of all records."""
    name = name_of(screen)
    word = cast(screen.search if name is None else name, Text)
    return select(screen.model.id.label("id"), rank_of(screen, sought).label("rank"), word.label("word"))


def rank_of(screen: Screen, sought: str) -> ColumnElement[int]:
    words, name = sought.lower(), name_of(screen)
    begins = like(screen.search, f"{escaped(words)}%")
    return case(
        (is_exactly(screen, words), EXACT),
        (begins if name is None else or_(begins, like(name, f"{escaped(words)}%")), NAME),
        (like(screen.search, f"% {escaped(words)}%"), WORD),
        else_=ELSEWHERE,
    )


def is_exactly(screen: Screen, words: str) -> ColumnElement[bool]:
    model, columns = screen.model, mapped(screen.model).columns
    conditions = [func.lower(getattr(model, each)) == words for each in REFERENCES if each in columns]
    name = name_of(screen)
    if name is not None:
        conditions.append(name == words)
    if screen.buildium_id and (number := integer_of(words)) is not None:
        conditions.append(getattr(model, screen.buildium_id) == number)
    if digits := digits_of(words):
        phones = [getattr(model, each) for each in PHONES if each in columns]
        conditions.extend(func.regexp_replace(each, r"\D", "", "g") == digits for each in phones)
    return or_(false(), *conditions)


def name_of(screen: Screen) -> Any:
    """What the list sorts names by, along an index; None where it has no such column."""
    named = (each.sort.by for each in screen.columns if each.sort and each.name in ("name", "subject", *REFERENCES[:3]))
    return next(named, None)


def integer_of(sought: str) -> int | None:
    """A number that a Buildium id may be."""
    number = int(sought) if sought.isascii() and sought.isdecimal() and len(sought) <= 10 else MOST_INTEGER + 1
    return number if number <= MOST_INTEGER else None
