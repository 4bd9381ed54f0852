"""The tables of related records on a detail page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import with_parent

from portal.extensions import db
from portal.web.pagination import Order, ordering
from portal.web.screen import Column, Related, Screen
from portal.web.screens import screens

MOST = 20


@dataclass(frozen=True)
class RelatedTable:
    """`more` tells that there are others than these; `note` is a warning about all of them, or empty."""

    related: Related
    screen: Screen
    columns: tuple[Column, ...]
    records: tuple[Any, ...]
    more: bool
    note: str


def related_tables(screen: Screen, record: Any) -> list[RelatedTable]:
    """One query each."""
    return [table_of(related, screens()[related.plural], record) for related in screen.related]


def table_of(related: Related, screen: Screen, record: Any) -> RelatedTable:
    column = screen.column(screen.order.removeprefix("-"))
    assert column.sort
    order = Order(column.name, column.sort, screen.model.id, screen.order.startswith("-"))
    statement = select(screen.model).where(with_parent(record, related.through)).options(*screen.loads)
    records = db.session.scalars(statement.order_by(*ordering(order)).limit(MOST + 1)).all()
    return RelatedTable(
        related=related,
        screen=screen,
        columns=tuple(screen.column(name) for name in related.columns),
        records=tuple(records[:MOST]),
        more=len(records) > MOST,
        note=related.note(record) if related.note else "",
    )
