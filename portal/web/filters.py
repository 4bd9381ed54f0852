"""Filters of a list: a GET parameter, how it is asked for, how it is read, and the rows it leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from portal.extensions import db
from portal.web.formats import day, moment, time_zone, today
from portal.web.screens import screens

Condition = Callable[[Any], ColumnElement[bool]]


class Filter(Protocol):
    """`name` is the GET parameter; `field` says how templates/components/filter.html asks for it; a `rare` one is asked
    for out of the way."""

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def field(self) -> str: ...

    @property
    def rare(self) -> bool: ...

    def read(self, raw: str) -> Any:
        """The value; ValueError where `raw` is none."""
        ...

    def words(self, value: Any) -> str:
        """The value as the chip of the filter says it."""
        ...

    def where(self, value: Any) -> ColumnElement[bool]: ...


@dataclass(frozen=True)
class Choice:
    """One of a few codes."""

    name: str
    label: str
    codes: Mapping[str, str] | Callable[[], Mapping[str, str]]  # a function where they are known only at run time
    condition: Condition
    field: str = "choice"
    rare: bool = False

    @property
    def choices(self) -> Mapping[str, str]:
        return self.codes() if callable(self.codes) else self.codes

    def read(self, raw: str) -> str:
        if raw not in self.choices:
            raise ValueError(raw)
        return raw

    def words(self, value: str) -> str:
        return self.choices[value]

    def where(self, value: str) -> ColumnElement[bool]:
        return self.condition(value)


def ends(column: InstrumentedAttribute[date | None], never: str, over: str = "") -> Condition:
    """For a Choice of when something ends: the code `never` for no date, `over` for before today, and any other one for
    within that many days. Today still counts, as in Buildium's own filter of insurances (MAPPING §4.8)."""

    def condition(code: str) -> ColumnElement[bool]:
        if code == never:
            return column.is_(None)
        return column < today() if code == over else column.between(today(), today() + timedelta(days=int(code)))

    return condition


@dataclass(frozen=True)
class Words:
    """A few letters; the condition decides where they have to be."""

    name: str
    label: str
    condition: Condition
    field: str = "words"
    rare: bool = False

    def read(self, raw: str) -> str:
        if len(raw) > 100:
            raise ValueError(raw)
        return raw

    def words(self, value: str) -> str:
        return value

    def where(self, value: str) -> ColumnElement[bool]:
        return self.condition(value)


@dataclass(frozen=True)
class Day:
    """A date."""

    name: str
    label: str
    condition: Condition
    field: str = "day"
    rare: bool = False

    def read(self, raw: str) -> date:
        return date.fromisoformat(raw)

    def words(self, value: date) -> str:
        return day(value)

    def where(self, value: date) -> ColumnElement[bool]:
        return self.condition(value)


@dataclass(frozen=True)
class Instant:
    """A moment; without an offset it is the portal's time."""

    name: str
    label: str
    condition: Condition
    field: str = "instant"
    rare: bool = False

    def read(self, raw: str) -> datetime:
        value = datetime.fromisoformat(raw)
        return value if value.tzinfo else value.replace(tzinfo=time_zone())

    def words(self, value: datetime) -> str:
        return moment(value)

    def where(self, value: datetime) -> ColumnElement[bool]:
        return self.condition(value)


@dataclass(frozen=True)
class Of:
    """Belonging to one record of the screen `plural`: set by a link, shown as a chip, not asked for."""

    name: str
    label: str
    plural: str
    condition: Condition
    field: str = "of"
    rare: bool = False

    def read(self, raw: str) -> UUID | int:
        return screens()[self.plural].read_id(raw)

    def words(self, value: UUID | int) -> str:
        record = db.session.get(screens()[self.plural].model, value)
        return str(record) if record else "one that does not exist"

    def where(self, value: UUID | int) -> ColumnElement[bool]:
        return self.condition(value)
