"""The transactions of a vendor: its bills and their payments."""

from __future__ import annotations

from typing import Any

from tests.sandbox import bodies_books
from tests.sandbox.running import Served
from tests.sandbox.test_payments import of, payments

Body = dict[str, Any]


def transactions(server: Served, vendor_id: int, **query: Any) -> list[Body]:
    dates = {"transactiondatefrom": "2026-01-01", "transactiondateto": "2026-12-31"}
    response = server.api.get(f"/v1/vendors/{vendor_id}/transactions", params={**dates, **query})
    assert response.status_code == 200, response.text
    return list(response.json())


def test_the_transactions_of_a_vendor_are_its_bills_and_payments(
    server: Served, bills: list[Body], vendor_id: int, bank_account_id: int
) -> None:
    body = bodies_books.full_payment(bank_account_id, of(bills[0], 25.0))
    made = server.made(payments(bills[0]), body)
    listed = transactions(server, vendor_id, orderby="TotalAmount desc")
    assert [each["Id"] for each in listed] == [bills[0]["Id"], bills[1]["Id"], made["Id"]]
    assert [each["TotalAmount"] for each in listed] == [150.0, 150.0, 25.0]
    check = {"Id": made["Id"], "Date": "2026-03-20", "TotalAmount": 25.0, "TransactionType": "Check"}
    assert transactions(server, vendor_id, transactiontypes="Check") == [
        {**check, "ReferenceNumber": "1042", "Memo": "March"}
    ]
    assert len(transactions(server, vendor_id, transactiontypes=["Bill", "Payment"])) == 2
    assert transactions(server, vendor_id, memo="arc", referencenumber="10") == transactions(
        server, vendor_id, transactiondatefrom="2026-03-20"
    )
    assert transactions(server, bodies_books.vendor_id(server)) == []


def test_a_search_in_the_transactions_of_a_vendor_needs_both_dates_within_a_year(
    server: Served, vendor_id: int
) -> None:
    path, first = f"/v1/vendors/{vendor_id}/transactions", "transactiondatefrom=2025-01-01"
    for query, status in [
        ("", 400),
        (first, 400),
        (f"{first}&transactiondateto=2026-01-01", 200),
        (f"{first}&transactiondateto=2026-01-02", 422),
        (f"{first}&transactiondateto=2024-12-31", 422),
        (f"{first}&transactiondateto=tomorrow", 400),
        (f"{first}&transactiondateto=2025-02-01&memo={'x' * 41}", 422),
        (f"{first}&transactiondateto=2025-02-01&transactiontypes=Loan", 400),
    ]:
        assert server.api.get(f"{path}?{query}").status_code == status, query
    missing = server.api.get(f"/v1/vendors/999999/transactions?{first}&transactiondateto=2025-02-01")
    assert missing.status_code == 404
