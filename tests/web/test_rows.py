from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms.validators import InputRequired

from portal.entities.work_orders.model import WorkOrder, WorkOrderLine
from portal.extensions import db
from portal.web import conflict
from portal.web.fields import MoneyField, NumberField, line
from portal.web.forms import RecordForm
from portal.web.rows import Row, RowsField
from tests.people import speaking_as
from tests.web.conftest import IMPORT

STRANGER = "0d8f4f6e-5f0a-4f0e-9d35-6a5d0f6c1b2a"


class ItemRow(Row):
    memo = line("Memo", 20)
    quantity = NumberField("Quantity", [InputRequired("Enter the quantity.")], default=Decimal(1))
    unit_price = MoneyField("Price")

    def checks(self) -> Iterator[tuple[str, str]]:
        if self["unit_price"].data == 13:
            yield "unit_price", "Not thirteen."


class ItemsForm(RecordForm):
    subject = line("Title")
    lines = RowsField(
        "Items", ItemRow, WorkOrderLine, "item", required="Enter one item.", most=4, total=("quantity", "unit_price")
    )


@contextmanager
def sent(app: Flask, order: WorkOrder | None, given: dict[str, str]) -> Iterator[Any]:
    """The form as somebody sent it."""
    with app.test_request_context("/", method="POST", data=MultiDict(given)):
        yield ItemsForm(order, meta={"csrf": False})


@contextmanager
def shown(app: Flask, order: WorkOrder | None) -> Iterator[Any]:
    with app.test_request_context("/"):
        yield ItemsForm(order, meta={"csrf": False})


def typed(form: Any) -> dict[str, str]:
    """What the form sends as it stands."""
    inner = [field for entry in form.lines for field in entry.form]
    return {field.name: field._value() for field in (form.version, form.seen, form.subject, *inner)}


@pytest.fixture
def order(app: Flask, session: Any) -> Iterator[WorkOrder]:
    """One of two items, in the session of the test."""
    with speaking_as(IMPORT):
        made = WorkOrder(subject="Roof")
        made.lines = [
            WorkOrderLine(memo=memo, quantity=Decimal(2), unit_price=Decimal(price), position=place)
            for place, (memo, price) in enumerate((("Tiles", 10), ("Nails", 1)))
        ]
        db.session.add(made)
        db.session.commit()
        db.session.refresh(made)
        yield made


def listed(order: WorkOrder) -> list[tuple[str | None, Decimal, int]]:
    db.session.flush()
    db.session.expire_all()
    return [(each.memo, each.unit_price, each.position) for each in order.lines]


def test_a_new_form_has_one_empty_row_and_an_edit_those_that_are_there(app: Flask, order: WorkOrder) -> None:
    with shown(app, None) as form:
        assert [(entry.form.memo.data, entry.form.is_blank()) for entry in form.lines] == [(None, True)]
    with shown(app, order) as form:
        assert [entry.form.memo.data for entry in form.lines] == ["Tiles", "Nails"]
        assert form.lines.total() == Decimal("22.00")


def test_a_button_adds_a_row_and_keeps_what_was_typed(app: Flask, session: Any) -> None:
    with sent(app, None, {"lines-0-memo": "Tiles", "lines-0-unit_price": "x", "lines-add": "1"}) as form:
        assert form.rearranged()
        assert [entry.form.memo.data for entry in form.lines] == ["Tiles", None]
        assert form.lines[0].form.unit_price._value() == "x"
        assert form.lines[1].form.quantity._value() == "1.00"
        assert form.lines.next_id() == "lines-2-memo"


def test_a_button_takes_a_row_away_and_the_others_move_up(app: Flask, order: WorkOrder) -> None:
    with shown(app, order) as form:
        given = typed(form)
    with sent(app, order, {**given, "lines-remove": "0"}) as form:
        assert form.rearranged()
        assert [(entry.name, entry.form.memo.data) for entry in form.lines] == [("lines-0", "Nails")]
        again = typed(form)
    with sent(app, order, again) as form:
        assert not form.rearranged()
        assert form.validate()
        form.fill(order)
        assert listed(order) == [("Nails", Decimal(1), 0)]


def test_the_last_row_taken_away_leaves_an_empty_one(app: Flask, session: Any) -> None:
    with sent(app, None, {"lines-0-memo": "Tiles", "lines-remove": "0"}) as form:
        assert [entry.form.is_blank() for entry in form.lines] == [True]


def test_no_more_rows_than_the_most(app: Flask, session: Any) -> None:
    rows = {f"lines-{place}-memo": "x" for place in range(4)}
    with sent(app, None, {**rows, "lines-add": "1"}) as form:
        assert len(form.lines.entries) == 4
    with sent(app, None, {**rows, "lines-4-memo": "x"}) as form:
        assert not form.validate()
        assert ("lines", "Enter 4 items at most.") in list(form.all_errors())


def test_rows_are_updated_in_place_added_and_left_out(app: Flask, order: WorkOrder) -> None:
    tiles, nails = (str(each.id) for each in order.lines)
    given = {
        "lines-0-id": nails,
        "lines-0-memo": "Long nails",
        "lines-0-quantity": "2",
        "lines-0-unit_price": "1",
        "lines-3-memo": "Glue",
        "lines-3-quantity": "1",
        "lines-3-unit_price": "$1,000",
        "lines-7-memo": "",
        "lines-7-quantity": "1",
        "lines-7-unit_price": "",
    }
    with sent(app, order, given) as form:
        assert form.validate()
        form.fill(order)
    assert listed(order) == [("Long nails", Decimal(1), 0), ("Glue", Decimal(1000), 1)]
    assert str(order.lines[0].id) == nails
    assert db.session.get(WorkOrderLine, UUID(tiles)) is None


def test_the_record_gets_a_new_version_where_only_a_row_changed(app: Flask, order: WorkOrder) -> None:
    before = order.version
    for price, grown in (("10", 0), ("11", 1)):
        with shown(app, order) as form:
            given = typed(form)
        with sent(app, order, {**given, "lines-0-unit_price": price}) as form:
            assert form.validate()
            form.fill(order)
        listed(order)
        assert order.version == before + grown


def test_a_form_without_any_row_field_leaves_the_rows_alone(app: Flask, order: WorkOrder) -> None:
    with sent(app, order, {"subject": "Walls"}) as form:
        assert form.validate()
        form.fill(order)
    assert [memo for memo, *_ in listed(order)] == ["Tiles", "Nails"]
    assert order.subject == "Walls"


def test_an_emptied_row_is_left_out_and_none_at_all_is_refused(app: Flask, order: WorkOrder) -> None:
    tiles = str(order.lines[0].id)
    given = {"lines-0-id": tiles, "lines-0-memo": " ", "lines-0-quantity": "", "lines-0-unit_price": ""}
    with sent(app, order, given) as form:
        assert not form.validate()
        assert list(form.all_errors()) == [("lines", "Enter one item.")]


def test_zero_is_something(app: Flask, session: Any) -> None:
    with sent(app, None, {"lines-0-quantity": "1", "lines-0-unit_price": "0"}) as form:
        assert form.validate()
        assert len(form.lines.filled()) == 1


def test_errors_name_the_row_and_the_field(app: Flask, session: Any) -> None:
    given = {
        "lines-0-memo": "fine",
        "lines-0-quantity": "1",
        "lines-1-memo": "m" * 21,
        "lines-1-unit_price": "x",
        "lines-1-quantity": "1",
        "lines-2-unit_price": "13",
        "lines-2-quantity": "",
    }
    with sent(app, None, given) as form:
        assert not form.validate()
        assert list(form.all_errors()) == [
            ("lines-1-memo", "Item 2: Field cannot be longer than 20 characters."),
            ("lines-1-unit_price", "Item 2: Enter an amount, such as 1250.00."),
            ("lines-2-quantity", "Item 3: Enter the quantity."),
            ("lines-2-unit_price", "Item 3: Not thirteen."),
        ]


@pytest.mark.parametrize("named", ["nonsense", STRANGER, "of another order", "twice"])
def test_an_id_that_is_no_child_of_the_record_is_refused(app: Flask, order: WorkOrder, named: str) -> None:
    other = WorkOrder(subject="Walls", lines=[WorkOrderLine(memo="Paint", quantity=Decimal(1), unit_price=Decimal(5))])
    db.session.add(other)
    db.session.flush()
    tiles = str(order.lines[0].id)
    wrong = {"of another order": str(other.lines[0].id), "twice": tiles}.get(named, named)
    rows = (tiles, wrong)
    given = {f"lines-{place}-id": each for place, each in enumerate(rows)}
    given |= {f"lines-{place}-{name}": "1" for place in (0, 1) for name in ("memo", "quantity")}
    with sent(app, order, given) as form:
        assert not form.validate()
        assert "Item 2 is not one of these any more." in next(form.all_errors())[1]


def test_rows_that_only_they_changed_are_taken_over(app: Flask, order: WorkOrder) -> None:
    with shown(app, order) as form:
        given = typed(form)
    order.lines[1].memo = "Screws"
    db.session.flush()
    with sent(app, order, {**given, "subject": "Mine"}) as yours:
        theirs = ItemsForm(order, formdata=None, meta={"csrf": False})
        found = conflict.differences(yours, theirs)
        assert {each.name: each.whose for each in found} == {"subject": "you", "lines": "them"}
        rows = next(each for each in found if each.name == "lines")
        assert (rows.yours.count("Nails"), rows.theirs.count("Screws"), rows.theirs.count("; ")) == (1, 1, 1)
        conflict.merge(yours, theirs, found)
        assert [entry.form.memo.data for entry in yours.lines] == ["Tiles", "Screws"]
        assert yours.validate()


def test_a_row_that_they_removed_and_you_changed_becomes_a_new_one(app: Flask, order: WorkOrder) -> None:
    with shown(app, order) as form:
        given = typed(form)
    del order.lines[1]
    db.session.flush()
    db.session.expire_all()
    with sent(app, order, {**given, "lines-1-memo": "Screws"}) as yours:
        theirs = ItemsForm(order, formdata=None, meta={"csrf": False})
        found = conflict.differences(yours, theirs)
        assert [each.whose for each in found] == ["both"]
        conflict.merge(yours, theirs, found)
        again = typed(yours)
    assert again["lines-1-id"] == ""
    with sent(app, order, again) as form:
        assert form.validate()
        form.fill(order)
    assert [memo for memo, *_ in listed(order)] == ["Tiles", "Screws"]


def test_their_rows_can_be_taken_as_they_are(app: Flask, order: WorkOrder) -> None:
    tiles, nails = (str(each.id) for each in order.lines)
    with sent(app, order, {"lines-0-id": tiles, "lines-0-memo": "Mine", "lines-0-quantity": "1"}) as form:
        conflict.take_theirs(form, ["lines"])
        assert form.validate()
        assert [entry.form["id"].data for entry in form.lines] == [UUID(tiles), UUID(nails)]
