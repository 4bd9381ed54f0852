"""What is said to Buildium about bills and payments, judged by its document."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tests.bills import PATH, books
from tests.contract.test_traffic import WIDE, agreed, clear
from tests.contract.traffic import Traffic
from tests.live import Live
from tests.records import unit_of

LINE = {"AccountingEntity", "GlAccountId", "Amount"}


def test_a_bill_with_everything_is_created_updated_and_cleared_again(live: Live, traffic: Traffic) -> None:
    desk = books(live)
    unit = unit_of(desk.house, "2B")
    live.save(unit)
    bill = desk.bill(100, "0.01", description="d" * 245, reference_number="r" * 40)
    line = bill.lines[1]
    line.unit_id, line.memo = unit.id, "m" * 240
    line.markup_amount, line.markup_type = Decimal("99.99"), "Percent"
    live.save(bill)
    agreed(live, unit, bill)
    (sent,) = traffic.bodies("POST", PATH)
    assert set(sent) == {"Date", "DueDate", "Memo", "VendorId", "ReferenceNumber", "Lines"}
    assert [set(each) for each in sent["Lines"]] == [LINE, LINE | {"Memo", "Markup"}]
    place = f"{PATH}/{bill.buildium_bill_id}"
    clear(bill, "description", "reference_number")
    live.save(bill)
    agreed(live, bill)
    changes: Any = traffic.bodies("PATCH", place)[0]
    assert changes == [{"op": "replace", "path": f"/{key}", "value": None} for key in ("Memo", "ReferenceNumber")]
    clear(line, "unit_id", "memo", "markup_amount", "markup_type")
    line.amount = Decimal("99999.99")
    live.save(bill)
    agreed(live, bill)
    (put,) = traffic.bodies("PUT", place)
    assert [set(each) for each in put["Lines"]] == [LINE | {"Id"}, LINE | {"Id"}]


def test_payments_of_one_bill_and_of_several_are_in_words_that_it_takes(live: Live, traffic: Traffic) -> None:
    desk = books(live)
    bills = [desk.sent(100, 50, reference_number=f"{WIDE[:30]}{number}") for number in range(3)]
    (alone,) = desk.pay((bills[0], 20), reference_number="1" * 30, memo="m" * 240)
    agreed(live, alone)
    (sent,) = traffic.bodies("POST", f"{PATH}/{bills[0].buildium_bill_id}/payments")
    assert set(sent) == {"BankAccountId", "EntryDate", "CheckNumber", "Memo", "Lines"}
    together = desk.pay((bills[1], 150), (bills[2], 120), on=date(2026, 4, 1))
    live.work()
    agreed(live, *together)
    (several,) = traffic.bodies("POST", f"{PATH}/payments")
    assert set(several) == {"BankAccountId", "EntryDate", "BillIds", "PaymentAllocations"}
    assert several["BillIds"] == [bills[1].buildium_bill_id]
    assert [each["Amount"] for each in several["PaymentAllocations"][0]["Lines"]] == [100.0, 20.0]
    partly = desk.pay((bills[0], 10), (bills[2], 10), on=date(2026, 4, 2))
    live.work()
    agreed(live, *partly)
    assert traffic.bodies("POST", f"{PATH}/payments")[-1]["BillIds"] == []


def test_bills_and_payments_that_were_lost_are_looked_for(live: Live, traffic: Traffic) -> None:
    desk = books(live)
    for reference in ("W-1", None):
        bill = desk.bill(100, reference_number=reference)
        live.fault("commit_then_drop", method="POST", path=PATH)
        live.save(bill)
        live.work()
        for _ in range(3):
            live.work_later()
        assert live.state(bill) == "synced", live.row(bill).error_message
    asked = [each.request.url.params for each in traffic.answers if each.request.url.path == PATH]
    assert any("referencenumber" in each for each in asked)
    assert any("entityid" in each and "entitytype" in each for each in asked)
