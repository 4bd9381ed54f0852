"""Valid bodies of work orders, bills and payments; keywords change or add fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.sandbox import bodies
from tests.sandbox.running import Served

Body = dict[str, Any]
# Method, path, and a maker of full, fresh, valid bodies.
Write = tuple[str, str, Callable[[], Body]]


def vendor_id(server: Served) -> int:
    """A vendor of a category, both new."""
    category = server.control("POST", "/records/vendor_categories", {"Name": bodies.gl_account()["Name"]})
    vendor = {"IsCompany": True, "CompanyName": "Wharf Plumbing", "CategoryId": category["id"]}
    return int(server.control("POST", "/records/vendors", vendor)["id"])


def expense_account_id(server: Served) -> int:
    """A new ledger account that bills may use."""
    return int(server.made("/v1/glaccounts", bodies.gl_account())["Id"])


def line(entity_id: int, gl_account_id: int, amount: float = 100.0, **changes: Any) -> Body:
    entity = {"Id": entity_id, "AccountingEntityType": "Rental"}
    return {"AccountingEntity": entity, "GlAccountId": gl_account_id, "Amount": amount, **changes}


def full_line(entity_id: int, unit_id: int, gl_account_id: int, amount: float = 100.0, **changes: Any) -> Body:
    base = line(entity_id, gl_account_id, amount, Memo="Sink", Markup={"Amount": 10.0, "Type": "Percent"})
    base["AccountingEntity"]["UnitId"] = unit_id
    return {**base, **changes}


def bill(vendor_id: int, lines: list[Body], **changes: Any) -> Body:
    base = {"Date": "2026-03-02", "DueDate": "2026-04-01", "VendorId": vendor_id, "Lines": lines}
    return {**base, **changes}


def full_bill(vendor_id: int, lines: list[Body], **changes: Any) -> Body:
    return bill(vendor_id, lines, **{"Memo": "Leaking sink", "ReferenceNumber": "W-4711", **changes})


def payment(bank_account_id: int, lines: list[tuple[int, float]], **changes: Any) -> Body:
    """`lines` are pairs of a bill line's id and the amount paid on it."""
    paid = [{"BillLineId": line_id, "Amount": amount} for line_id, amount in lines]
    return {"BankAccountId": bank_account_id, "EntryDate": "2026-03-20", "Lines": paid, **changes}


def full_payment(bank_account_id: int, lines: list[tuple[int, float]], **changes: Any) -> Body:
    extras = {"Memo": "March", "CheckNumber": "1042", "VendorCreditIds": []}
    return payment(bank_account_id, lines, **{**extras, **changes})


def several(bank_account_id: int, bill_ids: list[int], **changes: Any) -> Body:
    return {"BankAccountId": bank_account_id, "EntryDate": "2026-03-20", "BillIds": bill_ids, **changes}


def task(staff_id: int, **changes: Any) -> Body:
    """The task inside a new work order."""
    base = {"Title": "Sink leaks", "Priority": "High", "Status": "New", "AssignedToUserId": staff_id}
    return {**base, **changes}


def work_order(vendor_id: int, **changes: Any) -> Body:
    return {"VendorId": vendor_id, "EntryAllowed": "Unknown", **changes}


def full_work_order(vendor_id: int, gl_account_id: int, staff_id: int, **changes: Any) -> Body:
    extras = {
        "Title": "Mend the sink",
        "WorkDetails": "The trap is cracked.",
        "InvoiceNumber": "W-4711",
        "ChargeableTo": "Owner",
        "EntryAllowed": "Yes",
        "EntryNotes": "Ring twice.",
        "VendorNotes": "Bring a trap.",
        "EntryContactId": staff_id,
        "EntryContactIds": [staff_id],
        "LineItems": [{"GlAccountId": gl_account_id, "Quantity": 2.5, "Memo": "Hours", "UnitPrice": 80.0}],
    }
    return work_order(vendor_id, **{**extras, **changes})


def writes(server: Served, unit_id: int, gl_account: int) -> dict[str, Write]:
    """Every POST and PUT of these records, by name, after making what they are about."""
    vendor, bank = vendor_id(server), server.first("/v1/bankaccounts")["Id"]
    building = server.api.get(f"/v1/rentals/units/{unit_id}").json()["PropertyId"]

    def one_line(amount: float = 10.0) -> Body:
        return full_line(building, unit_id, gl_account, amount)

    def one_bill(**changes: Any) -> Body:
        return full_bill(vendor, [one_line()], **changes)

    def order(**changes: Any) -> Body:
        return full_work_order(vendor, gl_account, 1002, **changes)

    embedded = task(1002, DueDate="2026-04-01", PropertyId=building, UnitId=unit_id)
    first = server.made("/v1/workorders", order(Task=embedded))
    made, payable = server.made("/v1/bills", one_bill()), server.made("/v1/bills", one_bill(Lines=[one_line(1e7)]))
    paid = payable["Lines"][0]["Id"]
    part = {"BillId": payable["Id"], "Lines": [{"BillLineId": paid, "Amount": 0.5}]}
    return {
        "create a work order": ("POST", "/v1/workorders", lambda: order(TaskId=first["Task"]["Id"])),
        "create a work order with its task": ("POST", "/v1/workorders", lambda: order(Task=embedded)),
        "update a work order": ("PUT", f"/v1/workorders/{first['Id']}", order),
        "create a bill": ("POST", "/v1/bills", lambda: one_bill(WorkOrderId=first["Id"])),
        "update a bill": (
            "PUT",
            f"/v1/bills/{made['Id']}",
            lambda: one_bill(Lines=[{**one_line(), "Id": made["Lines"][0]["Id"]}, one_line()]),
        ),
        "create a payment": ("POST", f"/v1/bills/{payable['Id']}/payments", lambda: full_payment(bank, [(paid, 0.5)])),
        "create a payment of several bills": (
            "POST",
            "/v1/bills/payments",
            lambda: several(
                bank,
                [server.made("/v1/bills", one_bill())["Id"]],
                QueueChecksForPrinting=False,
                VendorCreditIds=[],
                PaymentAllocations=[part],
            ),
        ),
    }
