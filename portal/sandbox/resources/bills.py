"""Bills (MAPPING §4.10): the amount is the sum of the lines, and only payments make a bill paid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, get_args

from pydantic import StringConstraints

from portal.sandbox.collection import Record, Values
from portal.sandbox.day_filters import ENTITY, from_day, of_entity, to_day
from portal.sandbox.errors import RefusedError, broken_rule
from portal.sandbox.filters import choices, contains, ids
from portal.sandbox.messages import enums
from portal.sandbox.messages.base import Int32, IsoDate, Message
from portal.sandbox.resource import Answer, Area, Create, Event, Filter, Patch, Predicate, Resource, Update
from portal.sandbox.resources.bill_balances import paid, paid_date, total
from portal.sandbox.resources.bill_lines import (
    BillLinePost,
    BillLinePut,
    check_lines,
    line_answer,
    numbered,
    stored_lines,
)
from portal.sandbox.rules import check_unlocked
from portal.sandbox.switches import Switches
from portal.sandbox.world import World

BILLS_AREA = Area("Accounting > Bills")
_HEADER = ("Date", "DueDate", "Memo", "VendorId", "ReferenceNumber")
_HIDDEN = ("Lines", "LinesGiven", "HasPendingEft")


class _Bill(Message):
    Date: IsoDate
    DueDate: IsoDate
    Memo: Annotated[str, StringConstraints(max_length=245)] | None = None
    VendorId: Int32
    ReferenceNumber: Annotated[str, StringConstraints(max_length=40)] | None = None


class BillPost(_Bill):
    WorkOrderId: Int32 | None = None
    Lines: list[BillLinePost]


class BillPut(_Bill):
    Lines: list[BillLinePut] | None = None


def bill_values(
    bill_id: int,
    *,
    date: str,
    due_date: str,
    vendor_id: int,
    lines: Sequence[Values],
    memo: str | None = None,
    reference_number: str | None = None,
    work_order_id: int | None = None,
    paid_date: str | None = None,
    approval_status: str = "NotNeeded",
) -> Values:
    """The stored values of a bill. The id is the one it will be given, since those of its lines follow from it;
    `lines` come from `line_values`. Its payments are records of their own: `paid_date` only repeats what they say."""
    done, given = numbered(bill_id, lines)
    return {
        "Date": date,
        "DueDate": due_date,
        "PaidDate": paid_date,
        "Memo": memo,
        "VendorId": vendor_id,
        "WorkOrderId": work_order_id,
        "ReferenceNumber": reference_number,
        "ApprovalStatus": approval_status,
        "Lines": done,
        "LinesGiven": given,
        "HasPendingEft": False,
    }


def _answer(world: World, bill: Record) -> Answer:
    shown = {name: value for name, value in bill.values.items() if name not in _HIDDEN}
    return {"Id": bill.id, **shown, "Lines": [line_answer(world, line) for line in bill["Lines"]]}


def _create(world: World, body: BillPost) -> Record:
    missing = world.switches.missing_parent_status
    _check(world, body, missing)
    if body.WorkOrderId is not None:
        world.needed("work_orders", body.WorkOrderId, "WorkOrderId", missing=missing)
    check_lines(world, body.Lines, missing)
    values = bill_values(
        world.next_id("bills"),
        date=body.Date,
        due_date=body.DueDate,
        vendor_id=body.VendorId,
        lines=stored_lines(body.Lines),
        memo=body.Memo,
        reference_number=body.ReferenceNumber,
        work_order_id=body.WorkOrderId,
    )
    return world.insert("bills", values)


def _update(world: World, bill: Record, body: BillPut) -> Record:
    if bill["HasPendingEft"]:
        raise _conflict(world, "Id", "A bill with a pending EFT cannot be updated.")
    check_unlocked(world, bill["Date"], "Date", status=world.switches.bill_conflict_status)
    _check(world, body, 422)
    lines, given = _merged(world, bill, body.Lines)
    if total(lines) < paid(world, bill.id):
        raise _conflict(world, "Lines", "The total cannot be less than the amount already paid.")
    done = {"Lines": lines, "LinesGiven": given, "PaidDate": paid_date(world, bill.id, lines)}
    return world.change(bill, {**body.model_dump(exclude={"Lines"}), **done})


def _check(world: World, body: _Bill, missing: int) -> None:
    too_early = body.DueDate < body.Date if world.switches.due_date_may_equal_date else body.DueDate <= body.Date
    if too_early:
        raise broken_rule("DueDate", "The due date must be after the date of the bill.")
    check_unlocked(world, body.Date, "Date")
    world.needed("vendors", body.VendorId, "VendorId", missing=missing)


def _merged(world: World, bill: Record, given: list[BillLinePut] | None) -> tuple[list[Values], int]:
    """The lines after an update: those with an id stay, those without are new, the others go (MAPPING §11)."""
    left = {line["Id"]: line for line in bill["Lines"]}
    for number, line in enumerate(given or []):
        if line.Id is not None and left.pop(line.Id, None) is None:
            raise broken_rule(f"Lines[{number}].Id", f"Line {line.Id} is not one of this bill, or is given twice.")
    keeps = world.switches.omitted_bill_lines == "kept"
    if given or not keeps:
        check_lines(world, given or [], 422)
    kept = list(left.values()) if keeps else []
    return numbered(bill.id, [*kept, *stored_lines(given or [])], bill["LinesGiven"])


def _conflict(world: World, field: str, text: str) -> RefusedError:
    """Which status such a conflict has isn't stated (MAPPING §10)."""
    return RefusedError(world.switches.bill_conflict_status, [(field, text)])


def _document(bill: Record) -> Values:
    """What a PATCH can address: the writable fields, in the shape of a request."""
    return {**{name: bill[name] for name in _HEADER}, "Lines": bill["Lines"]}


def _entities(world: World, bill: Record) -> list[tuple[str, int | None]]:
    entities = [line["AccountingEntity"] for line in bill["Lines"]]
    return [(entity["AccountingEntityType"], entity["Id"]) for entity in entities]


def _paid_filter(name: str, raw: list[str], switches: Switches) -> Predicate:
    allowed = get_args(enums.BillPaidFilter)
    if raw[-1] not in allowed:
        raise RefusedError(400, [(name, f"'{raw[-1]}' is not one of {', '.join(allowed)}.")])
    return {
        "Paid": lambda world, bill: bill["PaidDate"] is not None,
        "Unpaid": lambda world, bill: bill["PaidDate"] is None,
        # Nobody collects markups here, so every one is uncollected.
        "UncollectedMarkups": lambda world, bill: any(line["Markup"] for line in bill["Lines"]),
    }[raw[-1]]


def vendor_event(vendor_id: int, transaction_id: int, kind: str) -> tuple[str, Values]:
    """The webhook about a transaction of a vendor."""
    ids = {"TransactionId": transaction_id, "TransactionType": kind, "VendorId": vendor_id}
    return "Vendor.Transaction", ids


def _delete(world: World, bill: Record) -> None:
    """Takes its files along; a bill with payments has to stay."""
    if world.find("bill_payments", "PaidBillIds", bill.id):
        raise RefusedError(409, message="The bill has payments; void them first.")
    for file in world.find("files", "BillId", bill.id):
        world.remove(file)


BILLS = Resource(
    kind="bills",
    path="/v1/bills",
    area=BILLS_AREA,
    answer=_answer,
    create=Create(BillPost, _create),
    update=Update(BillPut, _update),
    patch=Patch(_document, BillPut, _update),
    event=Event("Bill", "BillId", along=lambda world, bill: [vendor_event(bill["VendorId"], bill.id, "Bill")]),
    indexes=("VendorId", "WorkOrderId"),
    title=lambda bill: f"{bill['Date']} {bill['ReferenceNumber'] or bill['Memo'] or ''}".strip(),
    on_delete=_delete,
    narrow=of_entity(_entities),
    filters={
        **ENTITY,
        "vendorid": ids(lambda world, bill: [bill["VendorId"]], index="VendorId"),
        "referencenumber": contains(lambda bill: [bill["ReferenceNumber"]]),
        "paidstatus": Filter(_paid_filter),
        "frompaiddate": from_day(lambda world, bill: bill["PaidDate"]),
        "topaiddate": to_day(lambda world, bill: bill["PaidDate"]),
        "approvalstatuses": choices(get_args(enums.BillApproval), lambda bill: [bill["ApprovalStatus"]]),
    },
)
