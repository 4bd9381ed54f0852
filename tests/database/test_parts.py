"""The version of a whole grows with its parts, so that no older list of them is saved over a newer one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm.exc import StaleDataError

from portal.entities.work_orders.model import WorkOrder, WorkOrderLine
from portal.extensions import db
from tests.people import speaking_as
from tests.web.conftest import IMPORT


@pytest.fixture
def order(session: Any) -> Iterator[WorkOrder]:
    """One of two items, in the session of the test."""
    with speaking_as(IMPORT):
        made = WorkOrder(subject="Roof", lines=[item("Tiles", 0), item("Nails", 1)])
        db.session.add(made)
        db.session.commit()
        db.session.refresh(made)
        yield made


def item(memo: str, place: int, **values: Any) -> WorkOrderLine:
    return WorkOrderLine(memo=memo, quantity=Decimal(2), unit_price=Decimal(10), position=place, **values)


def version(order: WorkOrder) -> Any:
    return db.session.execute(select(WorkOrder.version).where(WorkOrder.id == order.id)).scalar_one()


def test_a_new_whole_begins_with_its_parts(order: WorkOrder) -> None:
    assert version(order) == 1


def test_it_grows_with_a_new_part_that_names_only_its_key(order: WorkOrder) -> None:
    db.session.add(item("Wood", 2, work_order_id=order.id))
    db.session.commit()
    assert version(order) == 2


def test_it_grows_with_a_changed_part_and_with_one_that_is_taken_off(order: WorkOrder) -> None:
    order.lines[0].memo = "Slates"
    db.session.commit()
    assert version(order) == 2
    order.lines.pop()
    db.session.commit()
    assert version(order) == 3
    db.session.delete(order.lines[0])
    db.session.commit()
    assert version(order) == 4


def test_it_grows_once_where_it_is_written_itself(order: WorkOrder) -> None:
    order.lines[0].memo, order.subject = "Slates", "Old roof"
    db.session.commit()
    assert version(order) == 2


def test_it_stays_where_no_part_has_changed(order: WorkOrder) -> None:
    order.lines[0].memo = "Tiles"
    db.session.commit()
    assert version(order) == 1


def test_one_that_somebody_else_saved_can_not_be_written_after_its_parts(order: WorkOrder) -> None:
    db.session.execute(update(WorkOrder).values(version=2).execution_options(synchronize_session=False))
    order.lines[0].memo = "Slates"
    db.session.flush()
    order.subject = "Old roof"
    with pytest.raises(StaleDataError):
        db.session.flush()
    db.session.rollback()
