"""The dashboard's long lists: newest first, narrowed by GET parameters, paged by keyset."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm.interfaces import ORMOption
from werkzeug.datastructures import MultiDict

from portal.database import Base
from portal.web.filters import Filter
from portal.web.lists import Chosen, read_place
from portal.web.pagination import Order, Page, Place, page_of
from portal.web.screen import Sort

SIZE = 50
STATE = "state"  # the filter that is shown as tabs


@dataclass(frozen=True)
class Number:
    """A whole number."""

    name: str
    label: str
    condition: Callable[[int], ColumnElement[bool]]
    unit: str = ""
    field: str = "words"
    rare: bool = False

    def read(self, raw: str) -> int:
        if not is_integer(raw):
            raise ValueError(raw)
        return int(raw)

    def words(self, value: int) -> str:
        return f"{value} {self.unit}".strip()

    def where(self, value: int) -> ColumnElement[bool]:
        return self.condition(value)


@dataclass(frozen=True)
class Listing:
    """A list of `model`, newest first by `at`; `endpoint` is its page. A filter named “state” is shown as tabs."""

    endpoint: str
    model: type[Base]
    at: Any
    filters: tuple[Filter, ...]
    loads: tuple[ORMOption, ...] = ()

    @property
    def order(self) -> Order:
        return Order("newest", Sort(self.at), self.model.id, descending=True)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Asked:
    """What an address asks of a list. `notes` are sentences about what was left out."""

    listing: Listing
    chosen: tuple[Chosen, ...]
    place: Place | None
    notes: tuple[str, ...]

    def where(self, but: str = "") -> list[ColumnElement[bool]]:
        """The conditions of all filters in force but one: what a tab counts."""
        return [each.filter.where(each.value) for each in self.chosen if each.filter.name != but]

    def statement(self) -> Select[Any]:
        return select(self.listing.model).where(*self.where())

    def page(self) -> Page:
        return page_of(self.statement(), self.listing.order, self.place, SIZE, False, self.listing.loads)

    def value(self, name: str) -> str:
        """The filter as it was written in the address; empty where it isn't in force."""
        return next((each.raw for each in self.chosen if each.filter.name == name), "")

    def address(self, **changes: Any) -> str:
        """This list from its first page, with some parameters changed; None takes one away."""
        parameters: dict[str, Any] = {each.filter.name: each.raw for each in self.chosen}
        return url_for(self.listing.endpoint, **(parameters | changes))

    @property
    def asked_for(self) -> list[Filter]:
        """The filters of the form: tabs are another matter."""
        return [each for each in self.listing.filters if each.name != STATE]

    @property
    def narrowed(self) -> bool:
        return any(each.filter.name != STATE for each in self.chosen)

    def chips(self) -> list[tuple[str, str]]:
        """(words, address without it)."""
        return [
            (f"{each.filter.label}: {each.filter.words(each.value)}", self.address(**{each.filter.name: None}))
            for each in self.chosen
            if each.filter.name != STATE
        ]

    def without_filters(self) -> str:
        return url_for(self.listing.endpoint, state=self.value(STATE) or None)

    def tabs(self, counts: Mapping[str, int], names: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
        """(name, words, address, number of rows behind it); "" among `counts` and `names` is everything."""
        return [
            (name, words, self.address(state=name or None), f"{counts.get(name, 0):,}") for name, words in names.items()
        ]


def is_integer(text: str) -> bool:
    """Whether it is a whole number that an INTEGER column could hold."""
    return text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) < 2**31


def read_list(listing: Listing, given: MultiDict[str, str], **fixed: str) -> Asked:
    """What can't be understood is left out, and said on the page. `fixed` are filters that the address itself means."""
    notes: list[str] = []
    chosen = []
    for each in listing.filters:
        raw = fixed.get(each.name) or given.get(each.name, "").strip()
        if not raw:
            continue
        try:
            chosen.append(Chosen(each, raw, each.read(raw)))
        except ValueError:
            notes.append(f"The filter “{each.label}” knows no “{raw[:40]}”, so it was left out.")
    return Asked(listing, tuple(chosen), read_place(given, listing.order, notes), tuple(notes))
