"""Bills: lines, dates, filters, and what can't be changed any more."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sandbox import bodies, bodies_books
from tests.sandbox.running import Served, Subscriber
from tests.sandbox.test_rentals import errors

Body = dict[str, Any]


def put(server: Served, bill: Body, lines: list[Body] | None = None, **changes: Any) -> httpx.Response:
    body = bodies_books.bill(bill["VendorId"], [as_sent(line) for line in bill["Lines"]] if lines is None else lines)
    return server.api.put(f"/v1/bills/{bill['Id']}", json={**body, **changes})


def as_sent(line: Body, **changes: Any) -> Body:
    """A line of an answer in the shape of a request."""
    entity = line["AccountingEntity"]
    unit_id = entity["Unit"]["Id"] if entity["Unit"] else None
    sent = {"Id": line["Id"], "GlAccountId": line["GLAccount"]["Id"], "Amount": line["Amount"], "Memo": line["Memo"]}
    entity = {"Id": entity["Id"], "AccountingEntityType": entity["AccountingEntityType"], "UnitId": unit_id}
    return {**sent, "AccountingEntity": entity, "Markup": line["Markup"], **changes}


def pay(server: Served, bill: Body, amount: float) -> None:
    bank = server.first("/v1/bankaccounts")["Id"]
    body = bodies_books.payment(bank, [(bill["Lines"][0]["Id"], amount)])
    server.made(f"/v1/bills/{bill['Id']}/payments", body)


def test_a_bill_comes_back_with_ids_for_its_lines_and_the_whole_account(server: Served, bill: Body) -> None:
    assert server.api.get(f"/v1/bills/{bill['Id']}").json() == bill
    first, second = bill["Lines"]
    assert first["Id"] != second["Id"]
    assert first["GLAccount"] == server.api.get(f"/v1/glaccounts/{first['GLAccount']['Id']}").json()
    assert (bill["PaidDate"], bill["ApprovalStatus"], bill["WorkOrderId"]) == (None, "NotNeeded", None)


def test_line_ids_are_unique_over_all_bills(server: Served, vendor_id: int, account_id: int, property_id: int) -> None:
    lines = [bodies_books.line(property_id, account_id)] * 3
    made = [server.made("/v1/bills", bodies_books.bill(vendor_id, lines)) for _ in range(3)]
    assert len({line["Id"] for each in made for line in each["Lines"]}) == 9


def test_a_unit_is_sent_flat_and_comes_back_nested(
    server: Served, vendor_id: int, account_id: int, property_id: int
) -> None:
    unit = server.api.get(f"/v1/rentals/units?propertyids={property_id}").json()[0]
    line = bodies_books.full_line(property_id, unit["Id"], account_id)
    made = server.made("/v1/bills", bodies_books.bill(vendor_id, [line]))
    assert made["Lines"][0]["AccountingEntity"]["Unit"]["Id"] == unit["Id"]
    assert made["Lines"][0]["Markup"] == {"Amount": 10.0, "Type": "Percent"}


@pytest.mark.parametrize("due", ["2026-03-01", "2026-03-02"])
def test_the_due_date_must_be_after_the_date(
    server: Served, vendor_id: int, account_id: int, property_id: int, due: str
) -> None:
    body = bodies_books.bill(vendor_id, [bodies_books.line(property_id, account_id)], DueDate=due)
    assert errors(server.api.post("/v1/bills", json=body)) == ["DueDate"]
    server.switch(due_date_may_equal_date=True)
    assert server.api.post("/v1/bills", json=body).status_code == (201 if due == body["Date"] else 422)


@pytest.mark.parametrize("name", ["Accounts Payable", "Accounts Receivable", "Undeposited Funds"])
def test_some_ledger_accounts_are_never_billed(server: Served, vendor_id: int, property_id: int, name: str) -> None:
    listed = server.api.get("/v1/glaccounts?limit=1000").json()
    excluded = next(account for account in listed if account["DefaultAccountName"] == name)
    bank = server.first("/v1/bankaccounts")["GLAccount"]
    for account in (excluded, bank):
        body = bodies_books.bill(vendor_id, [bodies_books.line(property_id, account["Id"])])
        assert errors(server.api.post("/v1/bills", json=body)) == ["Lines[0].GlAccountId"]


def test_what_a_new_bill_refers_to_must_exist(
    server: Served, vendor_id: int, account_id: int, property_id: int
) -> None:
    good = bodies_books.line(property_id, account_id)
    stranger = server.api.get("/v1/rentals/units?limit=1000").json()[-1]["Id"]
    for body, field, status in [
        (bodies_books.bill(999_999, [good]), "VendorId", 404),
        (bodies_books.bill(vendor_id, [good], WorkOrderId=999_999), "WorkOrderId", 404),
        (bodies_books.bill(vendor_id, [bodies_books.line(999_999, account_id)]), "Lines[0].AccountingEntity.Id", 404),
        (bodies_books.bill(vendor_id, [bodies_books.line(property_id, 999_999)]), "Lines[0].GlAccountId", 404),
        (
            bodies_books.bill(vendor_id, [bodies_books.full_line(property_id, stranger, account_id)]),
            "Lines[0].AccountingEntity.UnitId",
            422,
        ),
        (bodies_books.bill(vendor_id, []), "Lines", 422),
    ]:
        response = server.api.post("/v1/bills", json=body)
        assert (response.status_code, response.json()["Errors"][0]["Key"]) == (status, field)


def test_a_line_of_the_company_needs_the_id_of_the_company(server: Served, vendor_id: int, account_id: int) -> None:
    line = {**bodies_books.line(77, account_id), "AccountingEntity": {"Id": 77, "AccountingEntityType": "Company"}}
    body = bodies_books.bill(vendor_id, [line])
    assert errors(server.api.post("/v1/bills", json=body)) == ["Lines[0].AccountingEntity.Id"]
    server.switch(company_entity_id=77)
    assert server.made("/v1/bills", body)["Lines"][0]["AccountingEntity"]["AccountingEntityType"] == "Company"


def test_a_markup_in_percent_is_at_most_100(server: Served, vendor_id: int, account_id: int, property_id: int) -> None:
    for kind, status in [("Percent", 422), ("Amount", 201)]:
        line = bodies_books.line(property_id, account_id, Markup={"Amount": 100.5, "Type": kind})
        assert server.api.post("/v1/bills", json=bodies_books.bill(vendor_id, [line])).status_code == status


def test_a_put_keeps_lines_with_ids_adds_those_without_and_removes_the_others(
    server: Served, bill: Body, account_id: int, property_id: int
) -> None:
    kept = as_sent(bill["Lines"][1], Amount=75.25)
    changed = put(server, bill, [bodies_books.line(property_id, account_id, 5.0), kept]).json()
    assert [line["Amount"] for line in changed["Lines"]] == [5.0, 75.25]
    assert changed["Lines"][1]["Id"] == bill["Lines"][1]["Id"]
    assert changed["Lines"][0]["Id"] not in [line["Id"] for line in bill["Lines"]]
    assert (changed["Memo"], changed["ReferenceNumber"]) == (None, None)


def test_ids_of_removed_lines_are_never_given_out_again(
    server: Served, bill: Body, account_id: int, property_id: int
) -> None:
    seen = {line["Id"] for line in bill["Lines"]}
    for _ in range(3):
        line_id = put(server, bill, [bodies_books.line(property_id, account_id)]).json()["Lines"][0]["Id"]
        assert line_id not in seen
        seen.add(line_id)


def test_a_put_with_a_strange_line_or_none_is_refused(server: Served, bill: Body) -> None:
    strange = as_sent(bill["Lines"][0], Id=12)
    twice = [as_sent(bill["Lines"][0])] * 2
    assert errors(put(server, bill, [strange])) == ["Lines[0].Id"]
    assert errors(put(server, bill, twice)) == ["Lines[1].Id"]
    assert errors(put(server, bill, [])) == ["Lines"]
    assert put(server, bill, Lines=None).status_code == 422


def test_omitted_lines_can_be_switched_to_stay(server: Served, bill: Body) -> None:
    server.switch(omitted_bill_lines="kept")
    assert len(put(server, bill, [as_sent(bill["Lines"][0])]).json()["Lines"]) == 2
    assert len(put(server, bill, Lines=None).json()["Lines"]) == 2


def test_the_work_order_is_set_at_creation_only(server: Served, bill: Body) -> None:
    assert put(server, bill, WorkOrderId=1).status_code == 400


def test_the_total_cannot_fall_below_what_is_paid(server: Served, bill: Body) -> None:
    pay(server, bill, 60.0)
    first = bill["Lines"][0]
    assert put(server, bill, [as_sent(first, Amount=59.99)]).status_code == 409
    server.switch(bill_conflict_status=422)
    assert errors(put(server, bill, [as_sent(first, Amount=59.99)])) == ["Lines"]
    assert put(server, bill, [as_sent(first, Amount=60.0)]).json()["PaidDate"] == "2026-03-20"
    assert put(server, bill, [as_sent(first, Amount=60.01)]).json()["PaidDate"] is None


def test_a_bill_with_a_pending_eft_cannot_be_updated(server: Served, bill: Body) -> None:
    server.control("PATCH", f"/records/bills/{bill['Id']}", {"HasPendingEft": True})
    assert put(server, bill).status_code == 409


def test_a_locked_period_refuses_bills(
    server: Served, bill: Body, vendor_id: int, account_id: int, property_id: int
) -> None:
    server.switch(lock_date="2026-03-02")
    period = server.api.get("/v1/administration/accountinglockperiod").json()
    assert period["Global"]["LockDate"] == "2026-03-02"
    lines = [bodies_books.line(property_id, account_id)]
    assert errors(server.api.post("/v1/bills", json=bodies_books.bill(vendor_id, lines))) == ["Date"]
    late = bodies_books.bill(vendor_id, lines, Date="2026-03-03")
    assert server.api.post("/v1/bills", json=late).status_code == 201
    assert put(server, bill, Date="2026-03-03").status_code == 409
    server.switch(lock_date="")
    assert server.api.get("/v1/administration/accountinglockperiod").json()["Global"] is None
    assert put(server, bill, Date="2020-01-01").status_code == 200


def test_the_lock_date_must_be_a_date(server: Served) -> None:
    response = server.plain.patch("/_control/switches", json={"lock_date": "soon"})
    assert (response.status_code, response.json()["Errors"][0]["Key"]) == (400, "lock_date")


def found(server: Served, **query: Any) -> list[int]:
    return [each["Id"] for each in server.api.get("/v1/bills", params=query).json()]


def test_bills_are_filtered(server: Served, bill: Body, account_id: int) -> None:
    other_vendor = bodies_books.vendor_id(server)
    building = server.made("/v1/rentals", bodies.rental(server.first("/v1/bankaccounts")["Id"]))["Id"]
    lines = [bodies_books.line(building, account_id, Markup={"Amount": 1.0, "Type": "Amount"})]
    other = server.made("/v1/bills", bodies_books.bill(other_vendor, lines, ReferenceNumber="Qx~7/1"))
    mine, its = bill["Id"], other["Id"]
    assert found(server, vendorid=bill["VendorId"]) == [mine]
    assert found(server, referencenumber="qX~7") == [its]
    assert found(server, entitytype="Rental", entityid=building) == [its]
    assert found(server, entitytype="RentalOwner", entityid=building) == []
    assert {mine, its} <= set(found(server, paidstatus="Unpaid", limit=1000))
    assert its in found(server, paidstatus="UncollectedMarkups", vendorid=other_vendor)
    pay(server, other, 100.0)
    assert found(server, paidstatus="Paid", vendorid=other_vendor) == [its]
    assert found(server, vendorid=other_vendor, frompaiddate="2026-03-20", topaiddate="2026-03-20") == [its]
    assert found(server, vendorid=other_vendor, frompaiddate="2026-03-21") == []
    server.control("PATCH", f"/records/bills/{its}", {"ApprovalStatus": "Rejected"})
    assert its in found(server, approvalstatuses=["Rejected", "Pending"], limit=1000)
    assert found(server, approvalstatuses="Rejected", vendorid=bill["VendorId"]) == []


def test_filters_are_checked(server: Served) -> None:
    for query, status in [
        ("entityid=1001", 422),
        ("entityid=x&entitytype=Rental", 400),
        ("entityid=1&entitytype=Castle", 400),
        ("paidstatus=Late", 400),
        ("frompaiddate=2026-3-1", 400),
    ]:
        assert server.api.get(f"/v1/bills?{query}").status_code == status, query


def test_a_bill_sends_its_webhook_and_the_vendors(server: Served, subscriber: Subscriber, bill: Body) -> None:
    server.switch(webhook_url=subscriber.url, webhook_delay=0)
    assert put(server, bill, Memo="Seen").json()["Memo"] == "Seen"
    one, other = sorted(subscriber.events(2), key=lambda event: str(event["EventName"]))
    assert (one["EventName"], one["BillId"]) == ("Bill.Updated", bill["Id"])
    assert (other["EventName"], other["TransactionId"]) == ("Vendor.Transaction.Updated", bill["Id"])
    assert (other["TransactionType"], other["VendorId"]) == ("Bill", bill["VendorId"])
    server.control("PATCH", f"/records/bills/{bill['Id']}", {"Memo": "By hand"})
    assert {event["EventName"] for event in subscriber.events(2)} == {"Bill.Updated", "Vendor.Transaction.Updated"}
    server.control("DELETE", f"/records/bills/{bill['Id']}")
    assert {event["EventName"] for event in subscriber.events(2)} == {"Bill.Deleted", "Vendor.Transaction.Deleted"}


def test_a_bill_is_deleted_in_the_web_pages_unless_it_has_payments(server: Served, bill: Body) -> None:
    pay(server, bill, 1.0)
    assert server.plain.delete(f"/_control/records/bills/{bill['Id']}").status_code == 409
    payment = server.api.get(f"/v1/bills/{bill['Id']}/payments").json()[0]
    server.control("DELETE", f"/records/bill_payments/{payment['Id']}")
    file = server.control("POST", "/records/files", {"Title": "invoice.pdf", "BillId": bill["Id"]})
    server.control("DELETE", f"/records/bills/{bill['Id']}")
    assert server.plain.get(f"/_control/records/files/{file['id']}").status_code == 404
    assert server.api.get(f"/v1/bills/{bill['Id']}").status_code == 404
    assert server.api.get(f"/v1/bills/{bill['Id']}/payments").status_code == 404
    assert server.api.delete("/v1/bills/1001").status_code == 405
