"""Every page of a list walks one index, however deep it lies and whichever way it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from portal.acting import Actor, Door
from portal.entities.units.model import Unit
from portal.extensions import db
from portal.web.pagination import Order, Place, Stretch, stretches
from portal.web.screen import Sort, by_name
from tests.people import speaking_as

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, scoped_session

ID = UUID(int=1)
SORTS = {
    "units_market_rent_idx": (Sort(Unit.market_rent, nullable=True), 900),
    "units_unit_number_order_idx": (by_name(Unit.unit_number), "12"),
}
# Where there is hardly a row, only this tells what an index can do.
NOTHING_ELSE = ("enable_seqscan", "enable_bitmapscan", "enable_sort", "enable_incremental_sort")


def plan(stretch: Stretch) -> str:
    page = select(Unit.id).where(*stretch.conditions).order_by(*stretch.order).limit(51)
    query = page.compile(db.session.connection(), compile_kwargs={"literal_binds": True})
    for name in NOTHING_ELSE:
        db.session.execute(text(f"set local {name} = off"))
    return "\n".join(db.session.scalars(text(f"explain {query}")))


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    ("index", "where"),
    [
        (index, where)
        for index in SORTS
        for where in ("first", "filled", "empty")
        if where != "empty" or "rent" in index
    ],
)
def test_a_page_walks_the_index(
    session: scoped_session[Session], index: str, where: str, descending: bool, backwards: bool
) -> None:
    sort, value = SORTS[index]
    places: dict[str, Any] = {
        "first": Place(backwards=backwards),
        "filled": Place(value, ID, backwards),
        "empty": Place(None, ID, backwards),
    }
    order = Order("any", sort, Unit.id, descending)
    with speaking_as(Actor.machine(Door.COMMAND)):
        for stretch in stretches(order, places[where]):
            steps = plan(stretch)
            assert f"using {index}" in steps
            assert "Sort" not in steps
            assert ("Index Cond" in steps) == bool(stretch.conditions)
        db.session.rollback()
