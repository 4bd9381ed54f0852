"""Two years of the sample portfolio: references exist, dates are in order, the books balance, on whatever day."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portal.sandbox.collection import Record
from tests.sandbox.test_sample import TODAY, by_kind

Kinds = dict[str, list[Record]]
DAYS = (TODAY, date(2024, 2, 29), date(2025, 12, 31), date(2026, 11, 21), date(2028, 2, 29), date(2031, 1, 1))
# Which kind a field refers to; a field of the same name means the same everywhere.
REFERS_TO = {
    "PropertyId": "rentals",
    "UnitId": "units",
    "LeaseId": "leases",
    "TenantId": "tenants",
    "TaskId": "tasks",
    "TaskHistoryId": "task_history",
    "VendorId": "vendors",
    "WorkOrderId": "work_orders",
    "BillId": "bills",
    "BankAccountId": "bank_accounts",
    "OperatingBankAccountId": "bank_accounts",
    "AssignedToUserId": "users",
    "PropertyManagerId": "users",
    "LastUpdatedByUserId": "users",
    "UnitAgreementId": "leases",
    "GlAccountId": "gl_accounts",
    "GLAccountId": "gl_accounts",
    "ExpenseGLAccountId": "gl_accounts",
    "PaidBillIds": "bills",
    "PropertyIds": "rentals",
}


@pytest.fixture(scope="module", params=DAYS, ids=str)
def sample(request: pytest.FixtureRequest) -> Kinds:
    """A portfolio of 150 units, made on different days."""
    return by_kind(150, request.param)


@pytest.fixture(scope="module")
def large() -> Kinds:
    return by_kind(1000)


def ids_of(kinds: Kinds) -> dict[str, dict[int, Record]]:
    return {kind: {record.id: record for record in records} for kind, records in kinds.items()}


def references(value: Any) -> list[tuple[str, int]]:
    """Every (field, id) in the values of a record, however deep."""
    if isinstance(value, list):
        return [found for each in value for found in references(each)]
    if not isinstance(value, dict):
        return []
    found = [reference for each in value.values() for reference in references(each)]
    for name in REFERS_TO.keys() & value.keys():
        ids = value[name] if isinstance(value[name], list) else [value[name]]
        found += [(name, each) for each in ids if each is not None]
    return found


def test_everything_that_is_referred_to_exists(sample: Kinds) -> None:
    known = ids_of(sample)
    for records in sample.values():
        for record in records:
            for field, record_id in references(record.values):
                # A bill line's unit and the like may be absent, but never wrong.
                assert record_id in known[REFERS_TO[field]], f"{record.kind} {record.id}: {field} {record_id}"


def test_units_leases_and_tasks_agree_on_their_property(sample: Kinds) -> None:
    known = ids_of(sample)
    for record in [*sample["leases"], *sample["tasks"]]:
        if record["UnitId"] is not None:
            assert known["units"][record["UnitId"]]["PropertyId"] == record["PropertyId"]
    for task in sample["tasks"]:
        assert task["PropertyId"] is None or known["rentals"][task["PropertyId"]]["IsActive"]


def test_ids_go_by_time_and_nothing_is_of_today_or_later(sample: Kinds, request: pytest.FixtureRequest) -> None:
    today = datetime.combine(request.node.callspec.params["sample"], time(), UTC)
    for kind, records in sample.items():
        assert all(record.created <= record.updated < today for record in records), kind
        moments = [record.created for record in records]
        if kind not in ("lease_notes", "lease_moveouts"):
            assert moments == sorted(moments), kind
        assert [record.id for record in records] == list(range(1001, 1001 + len(records)))


def test_some_things_are_fresh_and_the_company_is_three_years_old(sample: Kinds) -> None:
    newest = max(record.created for records in sample.values() for record in records)
    oldest = min(record.created for records in sample.values() for record in records)
    assert timedelta(days=1080) < newest - oldest < timedelta(days=1100)
    for kind in ("leases", "tasks", "task_history", "bills", "bill_payments"):
        assert newest - max(record.created for record in sample[kind]) < timedelta(days=31), kind


def test_leases_end_after_they_start_and_people_leave_after_their_notice(sample: Kinds) -> None:
    leases = ids_of(sample)["leases"]
    for lease in leases.values():
        assert lease["LeaseToDate"] is None or lease["LeaseFromDate"] < lease["LeaseToDate"]
        assert (lease["LeaseToDate"] is None) is (lease["LeaseType"] == "AtWill")
    for link in sample["lease_tenants"]:
        assert link["MoveInDate"] == leases[link["LeaseId"]]["LeaseFromDate"]
    for out in sample["lease_moveouts"]:
        lease = leases[out["LeaseId"]]
        assert lease["LeaseFromDate"] <= out["NoticeGivenDate"] <= out["MoveOutDate"]


def test_nobody_lives_in_a_unit_that_others_still_live_in(sample: Kinds) -> None:
    left = {(out["LeaseId"], out["TenantId"]): out["MoveOutDate"] for out in sample["lease_moveouts"]}
    last: dict[int, str] = {}
    people: dict[int, list[int]] = defaultdict(list)
    for link in sample["lease_tenants"]:
        people[link["LeaseId"]].append(link["TenantId"])
    for lease in sorted(sample["leases"], key=lambda lease: (lease["UnitId"], lease["LeaseFromDate"])):
        assert last.get(lease["UnitId"], "") < lease["LeaseFromDate"]
        outs = [left.get((lease.id, tenant)) for tenant in people[lease.id]]
        assert 1 <= len(outs) <= 3
        last[lease["UnitId"]] = max(str(out or lease["LeaseToDate"] or "9999") for out in outs)


def test_a_history_tells_how_its_task_came_to_stand(sample: Kinds) -> None:
    entries: dict[int, list[Record]] = defaultdict(list)
    for entry in sample["task_history"]:
        entries[entry["TaskId"]].append(entry)
    for task in sample["tasks"]:
        told = entries[task.id]
        assert [entry["TaskStatus"] for entry in told][:1] == ["New"]
        for field in ("TaskStatus", "AssignedToUserId", "Priority", "DueDate"):
            assert told[-1][field] == task[field]
        assert (told[0].created, told[-1].created) == (task.created, task.updated)
        assert told[0]["Message"] == task["Description"]


def test_residents_ask_while_they_live_there(sample: Kinds) -> None:
    known, left = ids_of(sample), {out["LeaseId"]: out["MoveOutDate"] for out in sample["lease_moveouts"]}
    on_lease = {(link["LeaseId"], link["TenantId"]) for link in sample["lease_tenants"]}
    for task in sample["tasks"]:
        if task["TaskType"] != "ResidentRequest":
            continue
        lease = known["leases"][task["UnitAgreementId"]]
        assert (lease.id, task["RequestedById"]) in on_lease
        asked = task.created.date().isoformat()
        assert lease["LeaseFromDate"] <= asked <= left.get(lease.id, "9999")


def test_work_orders_follow_their_task_and_bills_their_work_order(sample: Kinds) -> None:
    known = ids_of(sample)
    for order in sample["work_orders"]:
        task = known["tasks"][order["TaskId"]]
        assert order.created >= task.created
        assert task["TaskStatus"] not in ("New",)
    for bill in sample["bills"]:
        if bill["WorkOrderId"] is None:
            continue
        order = known["work_orders"][bill["WorkOrderId"]]
        task = known["tasks"][order["TaskId"]]
        assert bill.created > order.created
        assert task["TaskStatus"] in ("Completed", "Closed")
        assert bill["VendorId"] == order["VendorId"]
        assert total(bill["Lines"]) == sum(money(item["Quantity"] * item["UnitPrice"]) for item in order["LineItems"])
        assert {line["AccountingEntity"]["Id"] for line in bill["Lines"]} == {task["PropertyId"]}


def test_bills_are_due_after_their_date_and_never_paid_before_or_twice(sample: Kinds) -> None:
    paid: dict[int, Decimal] = defaultdict(Decimal)
    last: dict[int, str] = {}
    bills = ids_of(sample)["bills"]
    for payment in sample["bill_payments"]:
        assert total(payment["Lines"]) == total(payment["Allocations"]) > 0
        vendors = {bills[bill_id]["VendorId"] for bill_id in payment["PaidBillIds"]}
        assert len(vendors) == 1
        for part in payment["Allocations"]:
            bill = bills[part["BillId"]]
            assert payment["EntryDate"] >= bill["Date"]
            paid[bill.id] += money(part["Amount"])
            last[bill.id] = max(last.get(bill.id, ""), payment["EntryDate"])
    for bill in bills.values():
        assert bill["DueDate"] > bill["Date"]
        assert paid[bill.id] <= total(bill["Lines"])
        assert bill["PaidDate"] == (last[bill.id] if paid[bill.id] == total(bill["Lines"]) else None)


def test_check_numbers_are_unique_by_bank_account(sample: Kinds) -> None:
    checks = [(each["BankAccountId"], each["CheckNumber"]) for each in sample["bill_payments"] if each["CheckNumber"]]
    assert len(checks) == len(set(checks))


def test_there_is_as_much_of_everything_as_in_life(large: Kinds) -> None:
    per_hundred = {kind: len(records) / 10 for kind, records in large.items()}
    for kind, about in (
        ("leases", 180),
        ("tenants", 260),
        ("tasks", 150),
        ("work_orders", 70),
        ("bills", 185),
        ("bill_payments", 130),
    ):
        assert 0.8 * about < per_hundred[kind] < 1.2 * about, (kind, per_hundred[kind])
    assert 12 <= len(large["vendors"]) <= 40
    assert {task["TaskType"] for task in large["tasks"]} == {
        "ResidentRequest",
        "Todo",
        "RentalOwnerRequest",
        "ContactRequest",
    }


def test_some_bills_are_overdue_some_partly_paid_and_some_due_soon(large: Kinds) -> None:
    allotted: dict[int, Decimal] = defaultdict(Decimal)
    for payment in large["bill_payments"]:
        for part in payment["Allocations"]:
            allotted[part["BillId"]] += money(part["Amount"])
    unpaid = [bill for bill in large["bills"] if bill["PaidDate"] is None]
    assert 0.02 < len(unpaid) / len(large["bills"]) < 0.15
    assert any(bill["DueDate"] < TODAY.isoformat() and not allotted[bill.id] for bill in unpaid)
    assert any(bill["DueDate"] >= TODAY.isoformat() and not allotted[bill.id] for bill in unpaid)
    assert any(0 < allotted[bill.id] < total(bill["Lines"]) for bill in unpaid)
    assert any(len(payment["PaidBillIds"]) > 1 for payment in large["bill_payments"])


def test_leases_end_in_each_of_the_next_three_months_and_begin_there(large: Kinds) -> None:
    leaving = {out["LeaseId"] for out in large["lease_moveouts"]}
    for first, last in ((0, 30), (31, 60), (61, 90)):
        window = [(TODAY + timedelta(days=days)).isoformat() for days in (first, last)]
        ending = [lease for lease in large["leases"] if window[0] <= (lease["LeaseToDate"] or "") <= window[1]]
        assert len(ending) > 20
        assert any(lease.id in leaving for lease in ending)
    assert sum(lease["LeaseFromDate"] > TODAY.isoformat() for lease in large["leases"]) > 30


def money(amount: float) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.01"))


def total(lines: list[dict[str, Any]]) -> Decimal:
    return sum((money(line["Amount"]) for line in lines), Decimal(0))
