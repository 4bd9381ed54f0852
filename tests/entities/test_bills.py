from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from portal.entities.bills.model import Bill, BillLine
from portal.entities.units.model import Unit
from portal.entities.work_orders.model import WorkOrder, WorkOrderLine
from portal.extensions import db
from tests.entities.bill_rows import Books, bill_of, expense, line_of, new_books, payment_of
from tests.people import sign_in, speaking_as
from tests.web.conftest import IMPORT, Store, Stored
from tests.web.pages import errors, fields, parsed, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient


@pytest.fixture
def books(store: Store) -> Books:
    books = new_books()
    store(*books.records())
    return books


def typed(books: Books, *lines: dict[str, Any], **header: Any) -> dict[str, Any]:
    """What the form of a good bill sends; `lines` change its only line, or are several."""
    given = {"vendor_id": str(books.vendor.id), "date": "2026-03-10", "due_date": "2026-03-31", **header}
    usual = {"gl_account_id": str(books.repairs.id), "property_id": str(books.house.id), "amount": "100"}
    for place, line in enumerate(lines or ({},)):
        given |= {f"lines-{place}-{name}": str(value) for name, value in {**usual, **line}.items()}
    return given


def the_bill(stored: Stored) -> Bill:
    (bill,) = stored(select(Bill))
    return bill  # type: ignore[no-any-return]


def summary(response: Any) -> list[str]:
    box = next(each for each in parsed(response).iter("div") if each.get("role") == "alert")
    return [words(each) for each in box.iter("li")]


def test_the_amount_of_a_bill_is_the_sum_of_its_lines(manager: FlaskClient, books: Books, stored: Stored) -> None:
    lines = ({"amount": "100.50", "memo": "Valve"}, {"amount": "$1,000", "unit_id": books.unit.id})
    response = manager.post("/bills/new", data=typed(books, *lines, reference_number="INV-7", amount="1"))
    bill = the_bill(stored)
    assert response.location == f"/bills/{bill.id}"
    assert (bill.amount, bill.open_amount, bill.reference_number) == (Decimal("1100.50"), Decimal("1100.50"), "INV-7")
    page = manager.get(response.location).text
    assert "$1,100.50" in page
    assert "Valve" in page
    with speaking_as(IMPORT):
        lines_stored = db.session.scalars(select(BillLine).order_by(BillLine.position)).all()
        assert [(each.position, each.memo, each.accounting_entity_type) for each in lines_stored] == [
            (0, "Valve", "Rental"),
            (1, None, "Rental"),
        ]


def test_the_bill_has_what_all_lines_have_in_common(manager: FlaskClient, books: Books, stored: Stored) -> None:
    manager.post("/bills/new", data=typed(books, {"unit_id": books.unit.id}, {"unit_id": books.unit.id}))
    bill = the_bill(stored)
    assert (bill.property_id, bill.unit_id, bill.category_id) == (books.house.id, books.unit.id, books.category.id)


def test_and_nothing_where_they_differ(manager: FlaskClient, books: Books, stored: Stored) -> None:
    other = {"property_id": books.other_house.id, "gl_account_id": books.cleaning.id}
    manager.post("/bills/new", data=typed(books, {"unit_id": books.unit.id}, other))
    bill = the_bill(stored)
    assert (bill.property_id, bill.unit_id, bill.category_id) == (None, None, None)


def test_whoever_changes_a_line_changes_the_bill(books: Books, store: Store, stored: Stored) -> None:
    bill = bill_of(books)
    store(bill)
    with speaking_as(IMPORT):
        line = db.session.scalars(select(BillLine)).one()
        line.amount, line.property_id = Decimal(70), books.other_house.id
        db.session.commit()
    assert the_bill(stored).amount == 70
    assert the_bill(stored).property_id == books.other_house.id


def test_a_category_fills_the_account(manager: FlaskClient, books: Books, stored: Stored) -> None:
    line = {"gl_account_id": "", "category_id": books.category.id}
    assert manager.post("/bills/new", data=typed(books, line)).status_code == 303
    assert the_bill(stored).category_id == books.category.id
    assert stored(select(BillLine.gl_account_id)) == [books.repairs.id]


def test_accounts_that_no_bill_may_be_booked_to_are_not_offered(
    manager: FlaskClient, books: Books, store: Store
) -> None:
    payable = expense("2000", "Owed to vendors")
    payable.default_account_name = "Accounts Payable"
    store(payable)
    page = manager.get("/bills/new").text
    assert "6100 Repairs" in page
    assert "Owed to vendors" not in page
    assert "Trust bank" not in page
    for account in (payable.id, books.bank.gl_account):
        refused = manager.post("/bills/new", data=typed(books, {"gl_account_id": account}))
        assert refused.status_code == 422
        assert errors(refused)["lines-0-gl_account_id"].startswith("Not a valid choice.")


def test_a_unit_must_be_one_of_the_property(manager: FlaskClient, books: Books) -> None:
    line = {"property_id": books.other_house.id, "unit_id": books.unit.id}
    response = manager.post("/bills/new", data=typed(books, {}, line))
    assert response.status_code == 422
    assert summary(response) == ["Line 2: This unit belongs to Alder Court, not to Birch House."]


def test_a_unit_alone_brings_its_property(manager: FlaskClient, books: Books, stored: Stored) -> None:
    manager.post("/bills/new", data=typed(books, {"property_id": "", "unit_id": books.unit.id}))
    assert the_bill(stored).property_id == books.house.id


def test_a_line_without_a_property_is_the_companys(manager: FlaskClient, books: Books, stored: Stored) -> None:
    manager.post("/bills/new", data=typed(books, {"property_id": ""}))
    assert stored(select(BillLine.accounting_entity_type)) == ["Company"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("vendor_id", "", "Choose the vendor."),
        ("date", "", "Enter the date of the bill."),
        ("due_date", "", "Enter the due date."),
        ("due_date", "2026-03-10", "The due date must be later than the date of the bill."),
        ("due_date", "soon", "Enter a date as year-month-day"),
        ("reference_number", "x" * 41, "Field cannot be longer than 40 characters."),
        ("description", "x" * 246, "Field cannot be longer than 245 characters."),
        ("lines-0-amount", "", "Enter the amount."),
        ("lines-0-amount", "0", "Enter the amount."),
        ("lines-0-amount", "ten", "Enter an amount, such as 1250.00."),
        ("lines-0-gl_account_id", "", "Choose the account, or a category."),
        ("lines-0-memo", "x" * 241, "Field cannot be longer than 240 characters."),
        ("lines-0-markup_amount", "10", ""),
        ("lines-0-markup_type", "Percent", ""),
    ],
)
def test_what_is_missing_or_wrong_is_said(
    manager: FlaskClient, books: Books, field: str, value: str, message: str
) -> None:
    response = manager.post("/bills/new", data={**typed(books), field: value})
    assert response.status_code == 422
    if message:
        assert errors(response)[field].startswith(message)


def test_a_markup_of_more_than_a_hundred_percent_is_refused(manager: FlaskClient, books: Books) -> None:
    line = {"markup_type": "Percent", "markup_amount": "101"}
    response = manager.post("/bills/new", data=typed(books, line))
    assert summary(response) == ["Line 1: A markup is 100 percent at most."]
    assert manager.post("/bills/new", data=typed(books, {**line, "markup_amount": "100"})).status_code == 303


@pytest.mark.parametrize("amounts", [("5", "-5"), ("5", "-6"), ("99999999", "1")])
def test_the_whole_is_more_than_nothing_and_fits(manager: FlaskClient, books: Books, amounts: tuple[str, str]) -> None:
    response = manager.post("/bills/new", data=typed(books, *({"amount": each} for each in amounts)))
    assert "A bill is over more than nothing" in summary(response)[0]


def test_buttons_add_and_remove_lines_and_save_nothing(manager: FlaskClient, books: Books, stored: Stored) -> None:
    more = manager.post("/bills/new", data={**typed(books, {"memo": "Valve"}), "date": "soon", "lines-add": "1"})
    assert more.status_code == 200
    form = fields(more)
    assert (form["lines-0-memo"], form["lines-1-memo"], form["date"]) == ("Valve", "", "soon")
    assert 'formaction="#lines-2-category_id"' in more.text
    less = manager.post("/bills/new", data={**form, "lines-1-memo": "Pipe", "lines-remove": "0"})
    assert [value for name, value in fields(less).items() if name.endswith("memo")] == ["Pipe"]
    assert stored(select(Bill)) == []


def test_lines_are_changed_in_place_added_and_removed(
    manager: FlaskClient, books: Books, store: Store, stored: Stored
) -> None:
    bill = bill_of(books, line_of(books, 10, memo="One"), line_of(books, 20, memo="Two"))
    one, two = (line.id for line in bill.lines)
    store(bill)
    form = fields(manager.get(f"/bills/{bill.id}/edit"))
    assert (form["lines-0-id"], form["lines-1-id"]) == (str(one), str(two))
    fewer = fields(manager.post(f"/bills/{bill.id}/edit", data={**form, "lines-remove": "0"}))
    new = {"lines-1-memo": "Three", "lines-1-amount": "5", "lines-1-gl_account_id": str(books.cleaning.id)}
    saved = manager.post(f"/bills/{bill.id}/edit", data={**fewer, "lines-0-memo": "Two and a half", **new})
    assert saved.status_code == 303
    kept = stored(select(BillLine).order_by(BillLine.position))
    assert [(each.memo, each.amount) for each in kept] == [("Two and a half", 20), ("Three", 5)]
    assert kept[0].id == two
    assert the_bill(stored).amount == 25


def test_a_save_of_lines_that_somebody_changed_meanwhile_is_held_back(
    manager: FlaskClient, books: Books, store: Store, stored: Stored
) -> None:
    bill = bill_of(books, line_of(books, 10, memo="One"))
    store(bill)
    page = f"/bills/{bill.id}/edit"
    form = fields(manager.get(page))
    assert manager.post(page, data={**form, "lines-0-memo": "Theirs"}).status_code == 303
    late = manager.post(page, data={**form, "lines-0-memo": "Mine"})
    assert late.status_code == 409
    assert "Theirs" in late.text
    again = fields(late)
    assert again["lines-0-memo"] == "Mine"
    assert manager.post(page, data={**again, "theirs": "lines", "reference_number": "9"}).status_code == 303
    assert stored(select(BillLine.memo)) == ["Theirs"]
    assert the_bill(stored).reference_number == "9"


def test_a_line_that_was_removed_meanwhile_comes_back_only_as_a_new_one(
    manager: FlaskClient, books: Books, store: Store, stored: Stored
) -> None:
    bill = bill_of(books, line_of(books, 10, memo="One"), line_of(books, 20, memo="Two"))
    store(bill)
    page = f"/bills/{bill.id}/edit"
    form = fields(manager.get(page))
    theirs = fields(manager.post(page, data={**form, "lines-remove": "1"}))
    assert manager.post(page, data=theirs).status_code == 303
    late = manager.post(page, data={**form, "lines-1-memo": "Mine"})
    assert late.status_code == 409
    assert fields(late)["lines-1-id"] == ""
    assert manager.post(page, data=fields(late)).status_code == 303
    assert sorted(stored(select(BillLine.memo))) == ["Mine", "One"]


def test_a_line_of_another_bill_is_refused(manager: FlaskClient, books: Books, store: Store) -> None:
    bill, other = bill_of(books), bill_of(books)
    stranger = str(other.lines[0].id)
    store(bill, other)
    form = fields(manager.get(f"/bills/{bill.id}/edit"))
    response = manager.post(f"/bills/{bill.id}/edit", data={**form, "lines-0-id": stranger})
    assert response.status_code == 422
    assert "Line 1 is not one of these any more." in summary(response)[0]


def test_the_same_reference_of_the_same_vendor_is_a_warning(
    manager: FlaskClient, books: Books, store: Store, stored: Stored
) -> None:
    bill = bill_of(books, reference_number="inv-7")
    store(bill)
    data = typed(books, reference_number="INV-7")
    warned = manager.post("/bills/new", data=data)
    assert warned.status_code == 422
    assert errors(warned)["reference_number"].startswith("Bill inv-7 of Mar 10, 2026 over $100.00 has the same vendor")
    assert f'href="/bills/{bill.id}"' in warned.text
    assert manager.post("/bills/new", data={**data, "another_bill": "1"}).status_code == 303
    assert len(stored(select(Bill.id))) == 2
    form = fields(manager.get(f"/bills/{bill.id}/edit"))
    assert manager.post(f"/bills/{bill.id}/edit", data={**form, "description": "x"}).status_code == 303


def test_a_copy_begins_with_vendor_and_lines(manager: FlaskClient, books: Books, store: Store, stored: Stored) -> None:
    bill = bill_of(books, line_of(books, 30, memo="One"), line_of(books, 12), reference_number="7", description="Words")
    store(bill)
    form = fields(manager.get(f"/bills/new?copy={bill.id}"))
    assert (form["vendor_id"], form["reference_number"], form["description"]) == (str(books.vendor.id), "", "Words")
    assert manager.post("/bills/new", data={**form, "date": "2026-05-01", "due_date": "2026-05-31"}).status_code == 303
    assert stored(select(Bill.amount)) == [42, 42]
    assert len(stored(select(BillLine.id))) == 4


def test_a_bill_can_begin_at_a_property_or_a_vendor(manager: FlaskClient, books: Books) -> None:
    form = fields(manager.get(f"/bills/new?property_id={books.house.id}&vendor_id={books.vendor.id}"))
    assert (form["lines-0-property_id"], form["vendor_id"]) == (str(books.house.id), str(books.vendor.id))
    assert manager.get("/bills/new?copy=nonsense&property_id=nonsense").status_code == 200


def test_what_is_paid_sets_the_limits_of_an_edit(
    manager: FlaskClient, books: Books, store: Store, stored: Stored
) -> None:
    bill = bill_of(books, line_of(books, 60), line_of(books, 40))
    store(bill)
    store(payment_of(books, bill, 70))
    assert [the_bill(stored).paid_amount, the_bill(stored).open_amount] == [Decimal(70), Decimal(30)]
    form = fields(manager.get(f"/bills/{bill.id}/edit"))
    refused = manager.post(f"/bills/{bill.id}/edit", data={**form, "lines-0-amount": "29"})
    assert summary(refused) == ["$70.00 is paid already, so the lines can’t add up to less."]
    assert manager.post(f"/bills/{bill.id}/edit", data={**form, "lines-0-amount": "30"}).status_code == 303
    assert (the_bill(stored).status, the_bill(stored).open_amount) == ("paid", Decimal(0))


def test_a_whole_form_of_a_hundred_lines_can_be_saved(
    manager: FlaskClient, books: Books, store: Store, stored: Stored
) -> None:
    bill = bill_of(books, *(line_of(books, 1) for _ in range(100)))
    store(bill)
    form = fields(manager.get(f"/bills/{bill.id}/edit"))
    assert manager.post(f"/bills/{bill.id}/edit", data={**form, "lines-99-amount": "2"}).status_code == 303
    assert the_bill(stored).amount == 101


def test_a_viewer_sees_bills_and_changes_none(client: FlaskClient, books: Books, store: Store) -> None:

    bill = bill_of(books)
    store(bill)
    sign_in(client, "viewer")
    assert client.get(f"/bills/{bill.id}").status_code == 200
    assert client.get("/bills/ageing").status_code == 200
    posts = ("approval", "cancellation", "schedule", "schedule/pause", "schedule/removal", "files")
    assert {client.post(f"/bills/{bill.id}/{each}").status_code for each in posts} == {403}


def test_a_work_order_becomes_the_bill_of_its_vendor(
    manager: FlaskClient, books: Books, store: Store, stored: Stored
) -> None:
    items = [
        WorkOrderLine(position=0, quantity=Decimal(2), unit_price=Decimal("10.5"), gl_account_id=books.cleaning.id),
        WorkOrderLine(position=1, quantity=Decimal(1), unit_price=Decimal(9), memo="x" * 300),
    ]
    place = {"vendor_id": books.vendor.id, "property_id": books.house.id, "unit_id": books.unit.id}
    order = WorkOrder(subject="Fix the roof", invoice_number="R-1", lines=items, **place)
    store(order)
    form = fields(manager.get(f"/bills/new?work_order_id={order.id}"))
    assert (form["vendor_id"], form["reference_number"]) == (str(books.vendor.id), "R-1")
    assert (form["lines-0-amount"], form["lines-0-gl_account_id"]) == ("21.00", str(books.cleaning.id))
    assert (form["lines-1-memo"], form["lines-1-unit_id"]) == ("x" * 240, str(books.unit.id))
    more = {"date": "2026-03-10", "due_date": "2026-03-31", "lines-1-gl_account_id": str(books.repairs.id)}
    assert manager.post("/bills/new", data={**form, **more}).status_code == 303
    bill = the_bill(stored)
    assert (bill.amount, bill.work_order_id) == (Decimal(30), order.id)
    assert f"/work-orders/{order.id}" in manager.get(f"/bills/{bill.id}").text
    assert "1 bill found" in manager.get(f"/bills?work_order_id={order.id}").text


def test_what_is_chosen_among_many_can_be_taken_out_again(
    manager: FlaskClient, books: Books, store: Store, stored: Stored
) -> None:
    store(*(Unit(property_id=books.house.id, unit_number=f"{number:03}") for number in range(60)))
    bill = bill_of(books, line_of(books, unit_id=books.unit.id))
    store(bill)
    page = manager.get(f"/bills/{bill.id}/edit")
    assert 'id="lines-0-unit_id-none"' in page.text
    answer = manager.post(f"/bills/{bill.id}/edit", data={**fields(page), "lines-0-unit_id": ""})
    assert answer.status_code == 303
    assert stored(select(BillLine.unit_id)) == [None]
