"""Reading the address of a list. What can't be understood is left out, and said on the page, instead of refused."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from sqlalchemy import Select, select
from werkzeug.datastructures import MultiDict

from portal.web import search
from portal.web.filters import Filter
from portal.web.pagination import END, Order, Page, Place, page_of, place_of
from portal.web.screen import Column, Screen

SIZES = (25, 50, 100, 200)
USUAL_SIZE = 50


@dataclass(frozen=True)
class Chosen:
    """A filter in force, with its value as it was written in the address and as it was understood."""

    filter: Filter
    raw: str
    value: Any


@dataclass(frozen=True)
class Asked:
    """What an address asks of a list. `notes` are sentences about what was left out."""

    screen: Screen
    sought: str
    chosen: tuple[Chosen, ...]
    order: Order
    columns: tuple[Column, ...]
    size: int
    place: Place | None
    whole: bool
    notes: tuple[str, ...]

    @property
    def narrowed(self) -> bool:
        return bool(self.sought or self.chosen)

    def statement(self) -> Select[Any]:
        statement = select(self.screen.model).where(*(each.filter.where(each.value) for each in self.chosen))
        return statement.where(search.found(self.screen.search, self.sought)) if self.sought else statement

    def sorted(self) -> str:
        return f"{'-' if self.order.descending else ''}{self.order.name}"

    def page(self) -> Page:
        return page_of(self.statement(), self.order, self.place, self.size, self.whole, self.screen.loads)

    def first(self, size: int) -> Page:
        """The first few records."""
        return page_of(self.statement(), self.order, None, size, False, self.screen.loads)

    def parameters(self) -> dict[str, Any]:
        """The address again, without the page; what is usual is left out."""
        usual = tuple(column.name for column in self.screen.columns if column.shown)
        columns = tuple(column.name for column in self.columns)
        return {
            "q": self.sought or None,
            **{each.filter.name: each.raw for each in self.chosen},
            "sort": self.sorted() if self.sorted() != self.screen.order else None,
            "columns": None if columns == usual else list(columns),
            "size": None if self.size == USUAL_SIZE else self.size,
            "count": "all" if self.whole else None,
        }

    def address(self, view: str = "index", /, **changes: Any) -> str:
        """This list with some parameters changed; None takes one away."""
        given = self._parameters | changes
        query = urlencode({name: value for name, value in given.items() if value is not None}, doseq=True)
        page = self._index if view == "index" else url_for(f"{self.screen.plural}.{view}")
        return f"{page}?{query}" if query else page

    # A list has dozens of addresses, which differ by their parameters only.

    @cached_property
    def _index(self) -> str:
        return url_for(f"{self.screen.plural}.index")

    @cached_property
    def _parameters(self) -> dict[str, Any]:
        return self.parameters()

    def without_filters(self) -> str:
        return self.address(q=None, **{each.filter.name: None for each in self.chosen})

    def chips(self) -> list[tuple[str, str]]:
        """(words, address without it) of everything that narrows the list."""
        sought = [(f"“{self.sought}”", self.address(q=None))] if self.sought else []
        return sought + [
            (f"{each.filter.label}: {each.filter.words(each.value)}", self.address(**{each.filter.name: None}))
            for each in self.chosen
        ]

    def sort_address(self, column: Column) -> str:
        """The list sorted by the column; downwards where it is sorted by it already."""
        again = self.order.name == column.name and not self.order.descending
        return self.address(sort=f"-{column.name}" if again else column.name)

    def direction(self, column: Column) -> str:
        """For aria-sort; empty where the list isn't sorted by this column."""
        return "" if self.order.name != column.name else "descending" if self.order.descending else "ascending"

    def last_address(self) -> str:
        return self.address(before=END)


def read_list(screen: Screen, given: MultiDict[str, str]) -> Asked:
    notes: list[str] = []
    order = read_order(screen, given.get("sort", ""), notes)
    return Asked(
        screen=screen,
        sought=" ".join(given.get("q", "")[: search.LONGEST].split()),
        chosen=read_filters(screen, given, notes),
        order=order,
        columns=read_columns(screen, given.getlist("columns")),
        size=read_size(given.get("size", ""), notes),
        place=read_place(given, order, notes),
        whole=given.get("count") == "all",
        notes=tuple(notes),
    )


def read_order(screen: Screen, text: str, notes: list[str]) -> Order:
    by_name = {column.name: column.sort for column in screen.columns if column.sort}
    name = (text or screen.order).removeprefix("-")
    if name not in by_name:
        notes.append(f"The list can’t be sorted by “{name[:40]}”.")
        text, name = "", screen.order.removeprefix("-")
    sort = by_name[name]
    assert sort
    return Order(name, sort, screen.model.id, (text or screen.order).startswith("-"))


def read_filters(screen: Screen, given: MultiDict[str, str], notes: list[str]) -> tuple[Chosen, ...]:
    chosen = []
    for each in screen.filters:
        raw = given.get(each.name, "").strip()
        if not raw:
            continue
        try:
            chosen.append(Chosen(each, raw, each.read(raw)))
        except ValueError:
            notes.append(f"The filter “{each.label}” knows no “{raw[:40]}”, so it was left out.")
    return tuple(chosen)


def read_columns(screen: Screen, names: list[str]) -> tuple[Column, ...]:
    """The first column always stays: it leads to the record."""
    first, *others = screen.columns
    wanted = [column for column in others if column.name in names]
    if not names:
        wanted = [column for column in others if column.shown]
    return (first, *wanted)


def read_size(text: str, notes: list[str]) -> int:
    if text and (not text.isdecimal() or int(text[:9]) not in SIZES):
        notes.append(f"A page has {', '.join(map(str, SIZES[:-1]))} or {SIZES[-1]} rows.")
        return USUAL_SIZE
    return int(text or USUAL_SIZE)


def read_place(given: MultiDict[str, str], order: Order, notes: list[str]) -> Place | None:
    for name, backwards in (("after", False), ("before", True)):
        if text := given.get(name):
            try:
                return place_of(text, order, backwards)
            except ValueError:
                notes.append("That page can’t be found, so this is the first one.")
    return None
