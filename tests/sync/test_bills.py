"""Bills between the portal and Buildium: lines that keep their ids, headers, files, and creates that were lost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest

from portal.acting import Actor, Door, acting_as
from portal.entities.bills.model import Bill, BillFile
from portal.entities.properties.model import Property
from portal.entities.work_orders.model import WorkOrder
from portal.extensions import db
from portal.storage import storage
from portal.sync.current import current_sync
from portal.sync.page import Outcome
from portal.sync.pull import pull_one
from portal.sync.resolve import link_to
from portal.sync.runs import Kind, begin
from tests.bills import PATH, Books, books, pulled_bill
from tests.live import Live
from tests.records import unit_of


@pytest.fixture(name="books")
def their_books(live: Live) -> Books:
    return books(live)


def amounts(bill: Bill) -> list[Decimal]:
    return [line.amount for line in bill.lines]


def company_line(books: Books, amount: float = 40.0) -> dict[str, Any]:
    entity = {"Id": 1, "AccountingEntityType": "Company"}
    return {"AccountingEntity": entity, "GlAccountId": books.account.buildium_gl_account_id, "Amount": amount}


def their_line(books: Books, amount: float = 60.0) -> dict[str, Any]:
    entity = {"Id": books.house.buildium_property_id, "AccountingEntityType": "Rental"}
    return {"AccountingEntity": entity, "GlAccountId": books.account.buildium_gl_account_id, "Amount": amount}


def made_there(books: Books, *lines: dict[str, Any], **values: Any) -> int:
    header = {"Date": "2026-03-02", "DueDate": "2026-04-01", "VendorId": books.vendor.buildium_vendor_id}
    body = {**header, "Lines": list(lines), **values}
    return int(books.live.http.post(PATH, json=body).raise_for_status().json()["Id"])


def test_a_bill_arrives_with_its_lines_and_learns_their_ids(live: Live, books: Books) -> None:
    unit = unit_of(books.house, "2B")
    live.save(unit)
    live.work()
    bill = books.bill(100, "50.25", description="Leaking sink")
    bill.lines[1].unit_id, bill.lines[1].memo = unit.id, "Valve"
    bill.lines[1].markup_amount, bill.lines[1].markup_type = Decimal(10), "Percent"
    live.save(bill)
    live.work()
    assert live.state(bill) == "synced", live.row(bill).error_message
    there = books.there(bill)
    assert [line.buildium_line_id for line in bill.lines] == [each["Id"] for each in there["Lines"]]
    assert [each["Amount"] for each in there["Lines"]] == [100.0, 50.25]
    second = there["Lines"][1]
    assert (second["Memo"], second["Markup"]) == ("Valve", {"Amount": 10.0, "Type": "Percent"})
    assert second["AccountingEntity"]["Unit"]["Id"] == unit.buildium_unit_id
    assert (there["Memo"], there["ReferenceNumber"], bill.approval_status) == ("Leaking sink", "W-4711", "NotNeeded")
    assert live.asked("POST", PATH) == 1


def test_a_header_edit_goes_by_patch_and_touches_no_line(live: Live, books: Books) -> None:
    bill = books.sent(100)
    bill.description, bill.due_date = "Paid by June", date(2026, 5, 1)
    live.save(bill)
    live.work()
    assert (books.there(bill)["Memo"], books.there(bill)["DueDate"]) == ("Paid by June", "2026-05-01")
    assert (live.asked("PATCH", PATH), live.asked("PUT", PATH)) == (1, 0)


def test_lines_are_changed_added_and_removed_without_losing_the_others(live: Live, books: Books) -> None:
    bill = books.sent(100, 50, 25)
    first, _, third = [line.buildium_line_id for line in bill.lines]
    bill.lines[0].amount = Decimal(80)
    bill.lines = [bill.lines[0], bill.lines[2], books.line("7.50", position=3)]
    live.save(bill)
    live.work()
    assert live.state(bill) == "synced", live.row(bill).error_message
    there = {each["Id"]: each["Amount"] for each in books.there(bill)["Lines"]}
    assert (there.pop(first or 0), there.pop(third or 0), list(there.values())) == (80.0, 25.0, [7.5])
    assert {line.buildium_line_id for line in bill.lines} == {first, third, *there}
    assert (bill.amount, live.asked("PUT", PATH)) == (Decimal("112.50"), 1)


def test_a_line_added_there_and_one_changed_here_both_stay(live: Live, books: Books) -> None:
    bill = books.sent(100)
    line = {**their_line(books), "Id": None, "UnitId": None}
    there = books.there(bill)
    kept = {**their_line(books, 100.0), "Id": there["Lines"][0]["Id"]}
    body = {key: there[key] for key in ("Date", "DueDate", "VendorId", "ReferenceNumber")}
    live.http.put(f"{PATH}/{there['Id']}", json={**body, "Lines": [kept, their_line(books, 5.0)]}).raise_for_status()
    assert line["Id"] is None
    bill.lines[0].memo = "Ours"
    live.save(bill)
    live.work()
    live.work_later()
    assert live.state(bill) == "synced", live.row(bill).error_message
    assert [(each["Memo"], each["Amount"]) for each in books.there(bill)["Lines"]] == [("Ours", 100.0), (None, 5.0)]
    assert sorted(amounts(bill)) == [Decimal(5), Decimal(100)]


@pytest.mark.parametrize("reference", ["W-4711", None])
def test_a_bill_whose_answer_was_lost_is_found_and_never_sent_twice(
    live: Live, books: Books, reference: str | None
) -> None:
    bill = books.bill(100, 50, reference_number=reference, description="Sink")
    live.fault("commit_then_drop", method="POST", path=PATH)
    live.save(bill)
    live.work()
    assert live.state(bill) == "uncertain"
    live.work_later()
    live.work_later()
    assert live.state(bill) == "synced", live.row(bill).error_message
    assert [each["Id"] for each in live.get(PATH)] == [bill.buildium_bill_id]
    assert all(line.buildium_line_id for line in bill.lines)


def test_a_bill_that_a_person_links_keeps_the_lines_it_has_there(live: Live, books: Books) -> None:
    bill = books.bill(100, 50, description="Sink")
    live.fault("commit_then_drop", method="POST", path=PATH)
    live.save(bill)
    live.work()
    (mine,) = live.get(PATH)
    header = {key: mine[key] for key in ("ReferenceNumber", "Memo")}
    twin = made_there(books, their_line(books, 100), their_line(books, 50), **header)
    assert twin != mine["Id"]
    bill.lines[1].memo = "Valve"
    live.save(bill)
    live.work_later()
    link_to(live.row(bill), mine["Id"])
    live.work()
    live.work_later()
    assert live.state(bill) == "synced", live.row(bill).error_message
    there = books.there(bill)["Lines"]
    assert [each["Id"] for each in there] == [each["Id"] for each in mine["Lines"]]
    assert [line.buildium_line_id for line in bill.lines] == [each["Id"] for each in mine["Lines"]]
    assert [each["Memo"] for each in there] == [None, "Valve"]


def test_a_bill_that_never_arrived_waits_for_a_person(live: Live, books: Books) -> None:
    bill = books.bill(100)
    live.fault("drop", method="POST", path=PATH)
    live.save(bill)
    live.work()
    for _ in range(5):
        live.work_later()
    row = live.row(bill)
    assert (row.sync_status, row.cause, row.next_attempt_at) == ("uncertain", "not found after a lost answer", None)
    assert live.get(PATH) == []


def test_a_bill_made_in_buildium_comes_with_lines_amount_and_category(live: Live, books: Books) -> None:
    bill = pulled_bill(made_there(books, their_line(books, 60.0), their_line(books, 40.5), Memo="Theirs"))
    assert (bill.amount, bill.property_id, bill.vendor_id) == (Decimal("100.50"), books.house.id, books.vendor.id)
    assert (bill.status, bill.description) == ("pending", "Theirs")
    assert pull_one(current_sync().resource("bill"), bill.buildium_bill_id or 0) is Outcome.UNCHANGED


def test_a_line_that_buildium_took_off_goes_here_too_even_if_it_was_paid(live: Live, books: Books) -> None:
    bill = books.sent(100, 50)
    books.pay((bill, 30))
    live.work()
    there = books.there(bill)
    body = {key: there[key] for key in ("Date", "DueDate", "VendorId")}
    live.http.put(f"{PATH}/{there['Id']}", json={**body, "Lines": [their_line(books, 50.0)]}).raise_for_status()
    db.session.rollback()
    with acting_as(Actor.machine(Door.WEBHOOK)):
        assert pull_one(current_sync().resource("bill"), there["Id"]) is Outcome.UPDATED
    assert (amounts(bill), bill.paid_amount, bill.open_amount) == ([Decimal(50)], Decimal(30), Decimal(20))


class TestTheCompanysOwnLines:
    """Their id is described nowhere, so they are kept but never sent (MAPPING §3.4)."""

    def test_they_are_kept_apart_from_properties(self, live: Live, books: Books) -> None:
        bill = pulled_bill(made_there(books, their_line(books), company_line(books)))
        kinds = [(line.accounting_entity_type, line.buildium_entity_id, line.property_id) for line in bill.lines]
        assert kinds == [("Rental", None, books.house.id), ("Company", 1, None)]
        assert (bill.property_id, live.state(bill)) == (None, "synced")

    def test_the_header_of_such_a_bill_can_be_changed(self, live: Live, books: Books) -> None:
        bill = pulled_bill(made_there(books, their_line(books), company_line(books)))
        before = books.there(bill)["Lines"]
        bill.description = "Office rent"
        live.save(bill)
        live.work()
        assert live.state(bill) == "synced", live.row(bill).error_message
        assert (books.there(bill)["Memo"], books.there(bill)["Lines"]) == ("Office rent", before)

    def test_its_lines_can_not(self, live: Live, books: Books) -> None:
        bill = pulled_bill(made_there(books, their_line(books), company_line(books)))
        bill.lines[0].amount = Decimal(61)
        live.save(bill)
        live.work()
        row = live.row(bill)
        assert (row.sync_status, live.asked("PUT", PATH)) == ("blocked", 0)
        assert "a line of the company itself" in (row.error_message or "")

    def test_nor_can_a_new_bill_have_one(self, live: Live, books: Books) -> None:
        bill = books.bill(100)
        bill.lines[0].property_id, bill.lines[0].accounting_entity_type = None, "Company"
        live.save(bill)
        live.work()
        assert (live.state(bill), live.asked("POST", PATH)) == ("blocked", 0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"due_date": date(2026, 3, 2)}, "must be later than the date"),
        ({"reference_number": "R" * 41}, "41 characters"),
        ({"description": "D" * 246}, "246 characters"),
        ({"lines": []}, "Lines are missing"),
    ],
)
def test_what_buildium_would_refuse_is_said_before_it_is_asked(
    live: Live, books: Books, change: dict[str, Any], words: str
) -> None:
    bill = books.bill(100, amount=Decimal(100))
    for name, value in change.items():
        setattr(bill, name, value)
    live.save(bill)
    live.work()
    assert (live.state(bill), live.asked("POST", PATH)) == ("blocked", 0)
    assert words in (live.row(bill).error_message or "")


def test_no_line_is_booked_to_the_account_of_a_bank(live: Live, books: Books) -> None:
    bill = books.bill(100)
    bill.lines[0].gl_account_id = books.bank.gl_account  # type: ignore[assignment]
    live.save(bill)
    live.work()
    assert (live.state(bill), live.asked("POST", PATH)) == ("blocked", 0)
    assert "Line 1: Buildium takes no bills on the account" in (live.row(bill).error_message or "")


def test_a_bill_never_falls_below_what_is_paid(live: Live, books: Books) -> None:
    bill = books.sent(100)
    books.pay((bill, 60))
    live.work()
    bill.lines[0].amount = Decimal(50)
    live.save(bill)
    live.work()
    assert (live.state(bill), live.asked("PUT", PATH)) == ("blocked", 0)


def test_a_bill_waits_for_its_property(live: Live, books: Books) -> None:
    house = Property(name="Unsent")
    live.save(house)
    bill = books.bill(100)
    bill.lines[0].property_id = house.id
    live.save(bill)
    live.work()
    row = live.row(bill)
    assert (row.sync_status, row.blocked_on) == ("blocked", f"property:{house.id}")


def test_a_bill_cancelled_before_it_was_sent_is_not_sent_until_that_is_taken_back(live: Live, books: Books) -> None:
    bill = books.bill(100)
    bill.cancel()
    live.save(bill)
    live.work()
    assert (live.state(bill), live.asked("POST", PATH)) == ("blocked", 0)
    bill.restore()
    live.save(bill)
    live.work()
    assert live.state(bill) == "synced"


def test_a_bill_names_the_work_order_that_it_is_for(live: Live, books: Books) -> None:
    staff = live.add_there("users", FirstName="Mo", LastName="Manager", UserTypes=["Staff"], IsActive=True)
    todo = {"Title": "Sink", "AssignedToUserId": staff, "Priority": "Low", "TaskStatus": "New"}
    task = live.http.post("/v1/tasks/todorequests", json=todo).raise_for_status().json()["Id"]
    body = {"VendorId": books.vendor.buildium_vendor_id, "EntryAllowed": "Unknown", "TaskId": task}
    number = live.http.post("/v1/workorders", json=body).raise_for_status().json()["Id"]
    pull_one(current_sync().resource("work_order"), number)
    order = db.session.query(WorkOrder).filter_by(buildium_work_order_id=number).one()
    bill = books.sent(100, work_order_id=order.id)
    assert books.there(bill)["WorkOrderId"] == number


class TestFiles:
    def file(self, live: Live, bill: Bill, name: str = "scan.pdf") -> BillFile:
        kept = storage().keep(BytesIO(b"%PDF-1.7 a scan"), name)
        columns = {"file_name": kept.name, "file_type": kept.content_type, "file_size": kept.size}
        file = BillFile(file_url=kept.key, **columns)
        bill.files.append(file)
        live.save(bill)
        return file

    def test_a_file_goes_up_after_its_bill_and_is_found_when_it_appears(self, live: Live, books: Books) -> None:
        live.switch(file_delay=0)
        bill = books.bill(100)
        file = self.file(live, bill)
        live.work()
        live.work_later()
        db.session.refresh(file)
        (there,) = live.get(f"{PATH}/{bill.buildium_bill_id}/files")
        assert (there["Id"], there["Title"]) == (file.buildium_file_id, "scan.pdf")
        assert (file.upload_state, live.state(bill)) == ("sent", "synced")

    def test_a_file_that_is_slow_to_appear_is_sent_once(self, live: Live, books: Books) -> None:
        live.switch(file_delay=3600)
        bill = books.sent(100)
        file = self.file(live, bill)
        live.work()
        live.work_later()
        assert (file.upload_state, file.physical_file_name is not None) == ("waiting", True)
        live.switch(file_delay=0)
        assert live.asked("POST", f"{PATH}/{bill.buildium_bill_id}/files/uploads") == 1

    def test_files_that_only_buildium_has_are_listed_by_runs(self, live: Live, books: Books) -> None:
        live.switch(file_delay=0)
        bill = books.sent(100)
        number = live.add_there(
            "files", Title="theirs.pdf", PhysicalFileName="x1.pdf", Size=3000, BillId=bill.buildium_bill_id
        )
        begin(Kind.FULL, ["bill_file"], "test")
        live.work()
        db.session.refresh(bill)
        (file,) = bill.files
        assert (file.buildium_file_id, file.file_name, file.upload_state) == (number, "theirs.pdf", "sent")
        assert live.state(bill) == "synced"
