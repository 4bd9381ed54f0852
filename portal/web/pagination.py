"""Keyset paging: a page begins after (or ends before) a record, so that a deep page costs what the first one costs and
no row is seen twice or missed while others are added."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, cast, func, literal, literal_column, or_, select, tuple_
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
    """Rows and their number in one query."""
    backwards = place is not None and place.backwards
    total = count_of(statement, whole).scalar_subquery().label("total")
    query = statement.add_columns(order.sort.by.label("sort_value"), total).options(*loads)
    query = query.order_by(*ordering(order, backwards)).limit(size + 1)
    if place is not None and place.id is not None:
        query = query.where(beyond(order, place))
    found: Sequence[Any] = db.session.execute(query).all()
    if place is not None and (not found or (backwards and place.id is not None and len(found) < size)):
        return page_of(statement, order, None, size, whole, loads)
    more = len(found) > size
    rows: list[Any] = list(found[:size])
    if backwards:
        rows.reverse()
    number = rows[0].total if rows else 0
    at_end = place is None or place.id is None
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


def ordering(order: Order, backwards: bool = False) -> tuple[ColumnElement[Any], ...]:
    """Both columns in the same direction; empty values at the end of the list, so at the start backwards."""
    down = order.descending != backwards
    value = order.sort.by.desc() if down else order.sort.by.asc()
    if order.sort.nullable:
        value = value.nulls_first() if backwards else value.nulls_last()
    return value, (order.key.desc() if down else order.key.asc())


def beyond(order: Order, place: Place) -> ColumnElement[bool]:
    """The rows on the far side of the place."""
    by, key, down = order.sort.by, order.key, order.descending != place.backwards
    value = None if place.value is None else cast(literal(place.value), by.type)

    def past(column: Any, limit: Any) -> ColumnElement[bool]:
        condition: ColumnElement[bool] = column < limit if down else column > limit
        return condition

    if not order.sort.nullable:
        return past(tuple_(by, key), tuple_(value, literal(place.id)))
    if value is None:
        same = and_(by.is_(None), past(key, place.id))
        return or_(same, by.is_not(None)) if place.backwards else same
    nearer = or_(past(by, value), and_(by == value, past(key, place.id)))
    return nearer if place.backwards else or_(nearer, by.is_(None))


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
