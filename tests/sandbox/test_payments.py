"""Payments of bills: one bill, several with one check, voiding in the web pages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox import bodies, bodies_books
from tests.sandbox.running import Served, Subscriber
from tests.sandbox.test_rentals import errors

Body = dict[str, Any]


def of(bill: Body, *amounts: float) -> list[tuple[int, float]]:
    """What is paid on the first lines of a bill."""
    return [(line["Id"], amount) for line, amount in zip(bill["Lines"], amounts, strict=False)]


def balance(server: Served, bank_account_id: int) -> float:
    return float(server.api.get(f"/v1/bankaccounts/{bank_account_id}").json()["Balance"])


def payments(bill: Body) -> str:
    return f"/v1/bills/{bill['Id']}/payments"


def paid_date(server: Served, bill: Body) -> str | None:
    day = server.api.get(f"/v1/bills/{bill['Id']}").json()["PaidDate"]
    return None if day is None else str(day)


def test_a_payment_moves_the_balance_and_shows_no_bill_lines(
    server: Served, bills: list[Body], bank_account_id: int, account_id: int, property_id: int
) -> None:
    before = balance(server, bank_account_id)
    made = server.made(payments(bills[0]), bodies_books.full_payment(bank_account_id, of(bills[0], 33.33)))
    assert made["PaidBillIds"] == [bills[0]["Id"]]
    entity = {"Id": property_id, "AccountingEntityType": "Rental", "UnitId": None}
    assert made["Lines"] == [{"AccountingEntity": entity, "GLAccountId": account_id, "Amount": 33.33}]
    assert balance(server, bank_account_id) == pytest.approx(before - 33.33)
    assert server.api.get(f"{payments(bills[0])}/{made['Id']}").json() == made
    assert server.api.get(payments(bills[0])).json() == [made]
    assert server.api.get(payments(bills[1])).json() == []
    assert server.api.get(f"{payments(bills[1])}/{made['Id']}").status_code == 404


def test_a_bill_is_paid_with_the_last_cent(server: Served, bills: list[Body], bank_account_id: int) -> None:
    bill = bills[0]
    for entry_date, amounts in [("2026-05-02", (99.99, 50.0)), ("2026-04-01", (0.01,))]:
        assert paid_date(server, bill) is None
        body = bodies_books.payment(bank_account_id, of(bill, *amounts), EntryDate=entry_date)
        server.made(payments(bill), body)
    assert paid_date(server, bill) == "2026-05-02"


@pytest.mark.parametrize("amounts", [(100.01,), (0.0,), (-1.0,), (60.0, 50.01)])
def test_more_than_is_open_cannot_be_paid(
    server: Served, bills: list[Body], bank_account_id: int, amounts: tuple[float, ...]
) -> None:
    body = bodies_books.payment(bank_account_id, of(bills[0], *amounts))
    assert errors(server.api.post(payments(bills[0]), json=body)) == [f"Lines[{len(amounts) - 1}].Amount"]
    server.made(payments(bills[0]), bodies_books.payment(bank_account_id, of(bills[0], 100.0)))
    again = bodies_books.payment(bank_account_id, of(bills[0], 0.01))
    assert errors(server.api.post(payments(bills[0]), json=again)) == ["Lines[0].Amount"]


def test_one_line_named_twice_counts_together(server: Served, bills: list[Body], bank_account_id: int) -> None:
    line_id = bills[0]["Lines"][0]["Id"]
    body = bodies_books.payment(bank_account_id, [(line_id, 60.0), (line_id, 60.0)])
    assert errors(server.api.post(payments(bills[0]), json=body)) == ["Lines[1].Amount"]


def test_a_bill_that_was_cut_to_what_is_paid_has_nothing_open(
    server: Served, bills: list[Body], bank_account_id: int, account_id: int, property_id: int
) -> None:
    bill = bills[0]
    server.made(payments(bill), bodies_books.payment(bank_account_id, of(bill, 100.0)))
    body = bodies_books.bill(bill["VendorId"], [bodies_books.line(property_id, account_id, 100.0)])
    changed = server.api.put(f"/v1/bills/{bill['Id']}", json=body).json()
    again = bodies_books.payment(bank_account_id, of(changed, 1.0))
    assert errors(server.api.post(payments(bill), json=again)) == ["Lines"]


def test_a_payment_names_lines_of_its_bill_and_an_account_that_exists(
    server: Served, bills: list[Body], bank_account_id: int
) -> None:
    for body, field in [
        (bodies_books.payment(bank_account_id, of(bills[1], 1.0)), "Lines[0].BillLineId"),
        (bodies_books.payment(bank_account_id, []), "Lines"),
        (bodies_books.payment(999_999, of(bills[0], 1.0)), "BankAccountId"),
        (bodies_books.payment(bank_account_id, of(bills[0], 1.0), VendorCreditIds=[5]), "VendorCreditIds"),
        (bodies_books.payment(bank_account_id, of(bills[0], 1.0), CheckNumber="1" * 31), "CheckNumber"),
    ]:
        assert errors(server.api.post(payments(bills[0]), json=body)) == [field]
    good = bodies_books.payment(bank_account_id, of(bills[0], 1.0))
    assert server.api.post("/v1/bills/999999/payments", json=good).status_code == 404


def test_a_payment_is_never_changed_through_the_api(server: Served, bills: list[Body], bank_account_id: int) -> None:
    body = bodies_books.payment(bank_account_id, of(bills[0], 1.0))
    path = f"{payments(bills[0])}/{server.made(payments(bills[0]), body)['Id']}"
    assert [server.api.request(method, path, json=body).status_code for method in ("PUT", "PATCH", "DELETE")] == [
        405
    ] * 3


def test_a_locked_day_refuses_payments(server: Served, bills: list[Body], bank_account_id: int) -> None:
    server.switch(lock_date="2026-03-20")
    assert errors(
        server.api.post(payments(bills[0]), json=bodies_books.payment(bank_account_id, of(bills[0], 1.0)))
    ) == ["EntryDate"]
    body = bodies_books.several(bank_account_id, [bills[0]["Id"]])
    assert errors(server.api.post("/v1/bills/payments", json=body)) == ["EntryDate"]
    later = bodies_books.payment(bank_account_id, of(bills[0], 1.0), EntryDate="2026-03-21")
    assert server.api.post(payments(bills[0]), json=later).status_code == 201


def test_a_check_number_can_be_switched_to_count_once_per_account(
    server: Served, bills: list[Body], bank_account_id: int
) -> None:
    def body() -> Body:
        return bodies_books.payment(bank_account_id, of(bills[0], 1.0), CheckNumber="A-7")

    for _ in range(2):
        server.made(payments(bills[0]), body())
    server.switch(unique_check_numbers=True)
    assert errors(server.api.post(payments(bills[0]), json=body())) == ["CheckNumber"]
    other = server.made("/v1/bankaccounts", bodies.bank_account())["Id"]
    assert server.api.post(payments(bills[0]), json={**body(), "BankAccountId": other}).status_code == 201


def test_one_check_pays_some_bills_in_full_and_others_in_part(
    server: Served, bills: list[Body], bank_account_id: int
) -> None:
    first, second = bills
    server.made(payments(first), bodies_books.payment(bank_account_id, of(first, 40.0)))
    before = balance(server, bank_account_id)
    allocation = {"BillId": second["Id"], "Lines": [{"BillLineId": second["Lines"][1]["Id"], "Amount": 20.0}]}
    body = bodies_books.several(bank_account_id, [first["Id"]], PaymentAllocations=[allocation])
    response = server.api.post("/v1/bills/payments", json=body)
    made = response.json()
    assert made["PaidBillIds"] == [first["Id"], second["Id"]]
    assert [line["Amount"] for line in made["Lines"]] == [60.0, 50.0, 20.0]
    assert balance(server, bank_account_id) == pytest.approx(before - 130)
    assert [paid_date(server, bill) for bill in bills] == ["2026-03-20", None]
    assert server.api.get(response.headers["Location"].removeprefix(server.url)).json() == made
    assert made in server.api.get(payments(second)).json()


def test_a_payment_of_several_bills_names_each_once(server: Served, bills: list[Body], bank_account_id: int) -> None:
    first, second = (bill["Id"] for bill in bills)
    one_line = [{"BillLineId": bills[0]["Lines"][0]["Id"], "Amount": 1.0}]

    def refused(bill_ids: list[int], *allocations: Body) -> list[str]:
        body = bodies_books.several(bank_account_id, bill_ids, PaymentAllocations=list(allocations))
        return errors(server.api.post("/v1/bills/payments", json=body))

    assert refused([]) == ["BillIds"]
    assert refused([first, first]) == ["BillIds"]
    assert refused([first], {"BillId": first, "Lines": one_line}) == ["BillIds"]
    assert refused([], {"Lines": one_line}) == ["BillIds"]
    assert refused([], {"BillId": second, "Lines": one_line}) == ["PaymentAllocations[0].Lines[0].BillLineId"]
    assert refused([], {"BillId": second}) == ["PaymentAllocations[0].Lines"]
    server.made("/v1/bills/payments", bodies_books.several(bank_account_id, [first]))
    assert refused([first]) == ["BillIds"]
    missing = server.api.post("/v1/bills/payments", json=bodies_books.several(bank_account_id, [999_999]))
    assert missing.status_code == 404


def test_one_check_has_one_payee(
    server: Served, bills: list[Body], bank_account_id: int, account_id: int, property_id: int
) -> None:
    stranger = bodies_books.bill(bodies_books.vendor_id(server), [bodies_books.line(property_id, account_id)])
    other = server.made("/v1/bills", stranger)["Id"]
    body = bodies_books.several(bank_account_id, [bills[0]["Id"], other])
    assert errors(server.api.post("/v1/bills/payments", json=body)) == ["BillIds"]


def test_checks_are_queued_only_where_they_are_printed_locally(server: Served, bills: list[Body]) -> None:
    for local, status in [(False, 422), (True, 201)]:
        printing = bodies.checks(EnableLocalCheckPrinting=local)
        bank = server.made("/v1/bankaccounts", bodies.bank_account(CheckPrintingInfo=printing))["Id"]
        body = bodies_books.several(bank, [bills[0]["Id"]], QueueChecksForPrinting=True)
        assert server.api.post("/v1/bills/payments", json=body).status_code == status


def events_after(server: Served, subscriber: Subscriber, count: int) -> dict[str, Body]:
    """The next `count` events by their names."""
    return {event["EventName"]: event for event in subscriber.events(count)}


def test_a_payment_and_its_voiding_send_webhooks(
    server: Served, subscriber: Subscriber, bills: list[Body], bank_account_id: int
) -> None:
    before = balance(server, bank_account_id)
    server.switch(webhook_url=subscriber.url, webhook_delay=0)
    body = bodies_books.several(bank_account_id, [bill["Id"] for bill in bills])
    made = server.made("/v1/bills/payments", body)
    events = events_after(server, subscriber, 3)
    assert events["Bill.Payment.Created"]["PaymentId"] == made["Id"]
    assert events["Bill.Payment.Created"]["BillIds"] == [bill["Id"] for bill in bills]
    assert events["BankAccount.Transaction.Created"]["BankAccountId"] == bank_account_id
    assert events["Vendor.Transaction.Created"]["VendorId"] == bills[0]["VendorId"]
    assert paid_date(server, bills[0]) == "2026-03-20"
    server.control("DELETE", f"/records/bill_payments/{made['Id']}")
    gone = events_after(server, subscriber, 3)
    assert set(gone) == {"Bill.Payment.Deleted", "BankAccount.Transaction.Deleted", "Vendor.Transaction.Deleted"}
    assert [paid_date(server, bill) for bill in bills] == [None, None]
    assert balance(server, bank_account_id) == pytest.approx(before)
    assert server.api.get(payments(bills[0])).json() == []


def test_a_bill_can_be_switched_to_send_a_webhook_when_it_is_paid(
    server: Served, subscriber: Subscriber, bills: list[Body], bank_account_id: int
) -> None:
    server.switch(webhook_url=subscriber.url, webhook_delay=0, bill_events_on_payment=True)
    server.made(payments(bills[0]), bodies_books.payment(bank_account_id, of(bills[0], 100.0, 50.0)))
    assert "Bill.Updated" in events_after(server, subscriber, 5)


def test_a_payment_is_made_in_the_web_pages(server: Served, bills: list[Body], bank_account_id: int) -> None:
    body = {"PaidBillIds": bills[0]["Id"], **bodies_books.payment(bank_account_id, of(bills[0], 100.0, 50.0))}
    made = server.control("POST", "/records/bill_payments", body)
    assert [part["Amount"] for part in made["values"]["Allocations"]] == [100.0, 50.0]
    assert paid_date(server, bills[0]) == "2026-03-20"


def test_paying_needs_the_permission_for_bank_accounts_too(
    server: Served, bills: list[Body], bank_account_id: int, vendor_id: int
) -> None:
    server.switch(permissions={"Accounting > Bank Accounts": "View"})
    body = bodies_books.payment(bank_account_id, of(bills[0], 1.0))
    assert server.api.post(payments(bills[0]), json=body).status_code == 403
    several = bodies_books.several(bank_account_id, [bills[0]["Id"]])
    assert server.api.post("/v1/bills/payments", json=several).status_code == 403
    server.switch(permissions={"Accounting > General Ledger Transactions": "None"})
    path = f"/v1/vendors/{vendor_id}/transactions?transactiondatefrom=2026-01-01&transactiondateto=2026-02-01"
    assert server.api.get(path).status_code == 403


def test_a_bank_account_that_paid_something_cannot_be_deleted(server: Served, bills: list[Body]) -> None:
    bank = server.made("/v1/bankaccounts", bodies.bank_account())["Id"]
    server.made(payments(bills[0]), bodies_books.payment(bank, of(bills[0], 1.0)))
    assert server.plain.delete(f"/_control/records/bank_accounts/{bank}").status_code == 409
