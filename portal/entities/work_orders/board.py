"""The board: the open work orders of a list in columns, by how they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from portal.entities.work_orders.model import FINISHED, WorkOrder
from portal.entities.work_orders.queries import days_open, days_overdue, due_day, stands
from portal.extensions import db
from portal.web.lists import Asked
from portal.web.pagination import COUNT_TO, count_of
from portal.web.record_sync import Freshness, record_sync
from portal.words import TASK_STATUSES

MOST = 20
USUAL = ("New", "InProgress", "Deferred", "Completed")
OPEN = ("New", "InProgress", "Deferred")


@dataclass(frozen=True)
class Card:
    """One work order, its due day, the days it has been open (None: finished) and overdue, and how it stands against
    Buildium."""

    order: WorkOrder
    due: date | None
    days_open: int | None
    days_overdue: int
    fresh: Freshness | None


@dataclass(frozen=True)
class BoardColumn:
    """The first few cards of one status. `number` is how many there are, or one more than can be counted."""

    status: str
    cards: tuple[Card, ...]
    number: int
    url: str

    @property
    def words(self) -> str:
        return TASK_STATUSES[self.status]

    @property
    def counted(self) -> bool:
        return self.number <= COUNT_TO

    @property
    def has_more(self) -> bool:
        return self.number > len(self.cards)


def columns_of(asked: Asked, moved: UUID | None) -> list[BoardColumn]:
    """The list's filter as columns; the one that was just moved is always among the cards of its own. A query for each
    column, one for all numbers and two for how the cards stand against Buildium."""
    wanted = statuses(asked)
    parts = [asked.statement().where(stands(each)) for each in wanted]
    numbers: Any = [count_of(part).scalar_subquery() for part in parts]
    counts = db.session.execute(select(*numbers)).one()
    found = [orders_of(asked, part, each, moved) for part, each in zip(parts, wanted, strict=True)]
    fresh = freshness([order for orders in found for order in orders])
    return [
        BoardColumn(
            status,
            tuple(card_of(each, fresh.get(each.id)) for each in orders),
            number,
            asked.address(status=status),
        )
        for status, orders, number in zip(wanted, found, counts, strict=True)
    ]


def card_of(order: WorkOrder, fresh: Freshness | None) -> Card:
    return Card(order, due_day(order), days_open(order), days_overdue(order), fresh)


def statuses(asked: Asked) -> tuple[str, ...]:
    """The columns that the list's own filter leaves; closed work orders are shown to those who ask for them."""
    chosen = next((each.value for each in asked.chosen if each.filter.name == "status"), None)
    if chosen is None:
        return USUAL
    return OPEN if chosen == "open" else (chosen,)


def orders_of(asked: Asked, part: Select[Any], status: str, moved: UUID | None) -> Sequence[WorkOrder]:
    """Those that are due first; of finished ones those that changed last."""
    by_day = (WorkOrder.scheduled_date.asc().nulls_last(), WorkOrder.id)
    order: tuple[ColumnElement[Any], ...] = (
        (WorkOrder.updated_at.desc(), WorkOrder.id.desc()) if status in FINISHED else by_day  # type: ignore[assignment]
    )
    first = ((WorkOrder.id == moved).desc(),) if moved else ()
    return db.session.scalars(part.options(*asked.screen.loads).order_by(*first, *order).limit(MOST)).all()


def freshness(orders: Sequence[WorkOrder]) -> Mapping[UUID, Freshness]:
    """How they stand against Buildium. A status travels with the task: as long as that waits, it is what counts."""
    sync = record_sync()
    own = sync.freshness("work_order", [str(each.id) for each in orders]) if orders else {}
    tasks = sync.freshness("task", [str(each.task_id) for each in orders if each.task_id]) if orders else {}
    found: dict[UUID, Freshness] = {}
    for each in orders:
        mine, its = own.get(str(each.id)), tasks.get(str(each.task_id))
        told = its if its and its.tone != "good" and (mine is None or mine.tone == "good") else mine
        if told:
            found[each.id] = told
    return found
