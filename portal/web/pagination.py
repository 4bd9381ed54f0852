"""Keyset paging: a page begins after (or ends before) a record, so that a deep page costs what the first one costs and
no row is seen twice or missed while others are added."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, cast, func, literal, literal_column, select, tuple_
from sqlalchemy.orm.interfaces import ORMOption

from portal.extensions import db
from portal.web.screen import Sort

COUNT_TO = 1000
END = "end"

PARSERS: dict[type[Any], Callable[[str], Any]] = {
    str: str,
    int: int,
    Decimal: Decimal,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    bool: lambda text: {"True": True, "False": False}[text],
}


@dataclass(frozen=True)
class Order:
    """What a list is sorted by: a column's name, what it sorts by, the id that decides between equals."""

    name: str
    sort: Sort
    key: Any
    descending: bool = False


@dataclass(frozen=True)
class Place:
    """Where a page begins: after the record with this sort value and id, or before it; without an id at the end."""

    value: Any = None
    id: Any = None
    backwards: bool = False


@dataclass(frozen=True)
class Page:
    """The records of one page and the tokens of its neighbours (None: there is none). `total` stops at COUNT_TO unless
    it was asked for whole; `counted` tells whether it is the whole number."""

    records: tuple[Any, ...]
    total: int
    counted: bool
    previous: str | None
    next: str | None


def page_of(
    statement: Select[Any], order: Order, place: Place | None, size: int, whole: bool, loads: tuple[ORMOption, ...]
) -> Page:
    """Rows and their number in one query, and a second one where a page holds both filled and empty sort values."""
    backwards = place is not None and place.backwards
    query = statement.add_columns(order.sort.by.label("sort_value")).options(*loads)
    total = count_of(statement, whole).scalar_subquery().label("total")
    found: list[Any] = []
    at_end = place is None or place.id is None
    for stretch in stretches(order, place):
        complete = at_end and bool(found) and len(found) == found[0].total
        if len(found) <= size and not complete:
            part = query.where(*stretch.conditions).order_by(*stretch.order).limit(size + 1 - len(found))
            # Counted once, with whatever comes first.
            found.extend(db.session.execute(part if found else part.add_columns(total)).all())
    if place is not None and (not found or (backwards and place.id is not None and len(found) < size)):
        return page_of(statement, order, None, size, whole, loads)
    more = len(found) > size
    number = found[0].total if found else 0
    rows = found[:size]
    if backwards:
        rows.reverse()
    return Page(
        records=tuple(row[0] for row in rows),
        total=min(number, number if whole else COUNT_TO),
        counted=whole or number <= COUNT_TO,
        previous=token(rows[0]) if rows and (more if backwards else not at_end) else None,
        next=token(rows[-1]) if rows and (not at_end if backwards else more) else None,
    )


def count_of(statement: Select[Any], whole: bool = False) -> Select[Any]:
    """How many rows, looking no further than one beyond COUNT_TO."""
    rows: Select[Any] = statement.with_only_columns(literal_column("1"), maintain_column_froms=True).order_by(None)
    return select(func.count()).select_from((rows if whole else rows.limit(COUNT_TO + 1)).subquery())


def ordering(order: Order) -> tuple[ColumnElement[Any], ...]:
    """Both columns in the same direction; empty values at the end."""
    by, key = way(order, order.descending)
    return by.nulls_last() if order.sort.nullable else by, key


def way(order: Order, down: bool) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Through the index, from its start or from its end."""
    by, key = order.sort.by, order.key
    return (by.desc(), key.desc()) if down else (by.asc(), key.asc())


@dataclass(frozen=True)
class Stretch:
    """Neighbouring rows of a list that one index holds together and in this order."""

    conditions: tuple[ColumnElement[bool], ...]
    order: tuple[ColumnElement[Any], ...]


def stretches(order: Order, place: Place | None) -> list[Stretch]:
    """The rows on the far side of the place, in the order of reading.

    Empty values are a stretch of their own, because only so one index serves every page in both directions: “greater,
    or empty” is no range of an index, and “downwards, empty ones last” not its order.
    """
    place = place or Place()
    by, key, down = order.sort.by, order.key, order.descending != place.backwards
    inside, filled = place.id is not None, place.value is not None
    ordered = way(order, down)
    past: tuple[ColumnElement[bool], ...] = ()
    if inside and filled:
        past = (beyond(tuple_(by, key), tuple_(cast(literal(place.value, by.type), by.type), literal(place.id)), down),)
    if not order.sort.nullable:
        return [Stretch(past, ordered)]
    with_value = Stretch((by.is_not(None), *past), ordered)
    among_empty = (beyond(key, literal(place.id), down),) if inside and not filled else ()
    without = Stretch((by.is_(None), *among_empty), ordered)
    if place.backwards:
        return [with_value] if inside and filled else [without, with_value]
    return [without] if inside and not filled else [with_value, without]


def beyond(column: Any, limit: Any, down: bool) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = column < limit if down else column > limit
    return condition


def token(row: Any) -> str:
    """The place of a row, for an address."""
    value = row.sort_value
    text = value.isoformat() if isinstance(value, date) else None if value is None else str(value)
    raw = json.dumps([text, str(row[0].id)], ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def place_of(text: str, order: Order, backwards: bool) -> Place:
    """The place a token stands for. Raises ValueError for anything that token() didn't make for this order."""
    if backwards and text == END:
        return Place(backwards=True)
    try:
        value, key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        parse = PARSERS[order.sort.by.type.python_type]
        record_id = UUID(str(key)) if order.key.type.python_type is UUID else int(key)
        return Place(None if value is None else parse(value), record_id, backwards)
    except (KeyError, TypeError, ArithmeticError, ValueError) as error:
        raise ValueError(text) from error
