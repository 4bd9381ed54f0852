"""Bill ↔ Bill (MAPPING §4.10). Its amount is the sum of its lines, which keep Buildium's ids through every update: one
sent without its id would be a new line (MAPPING §10.23).

The header's amount, property, unit and category follow from the lines, whoever changes them, see `Bill.sum_up`.
"""

from __future__ import annotations

from typing import Any

from portal.entities.bills.checks import check
from portal.entities.bills.errands import errands
from portal.entities.bills.model import Bill, BillLine
from portal.entities.checks import agree
from portal.sync.conversions import day, money, money_in
from portal.sync.items import Items
from portal.sync.likeness import Likeness, Trait
from portal.sync.resource import Body, Direction, Field, Resource, Search, at

ENTITY = "AccountingEntity"
RENTAL = "Rental"
ENTITY_TYPES = frozenset({"Association", "Company", RENTAL})
MARKUP_TYPES = frozenset({"Amount", "Percent"})


def rental(line: Body) -> Any:
    """The id of the property that bears a line. Ids of companies and associations are numbers of their own."""
    return at(line, f"{ENTITY}.Id") if at(line, f"{ENTITY}.AccountingEntityType") == RENTAL else None


def other_entity(line: Body) -> Any:
    return None if rental(line) else at(line, f"{ENTITY}.Id")


LINE_FIELDS = (
    Field("buildium_line_id", "Id"),
    Field("gl_account_id", "GlAccountId", read="GLAccount.Id", refers_to="gl_account", required=True, label="Account"),
    Field(
        "accounting_entity_type", f"{ENTITY}.AccountingEntityType", required=True, choices=ENTITY_TYPES,
        label="Who bears it",
    ),
    Field("property_id", f"{ENTITY}.Id", read=rental, refers_to="property"),
    # At a place of ours: requests have one id for properties and others alike, and `check` sends no others.
    Field("buildium_entity_id", f"{ENTITY}.OtherId", Direction.PULL, read=other_entity, label="Company"),
    Field("unit_id", f"{ENTITY}.UnitId", read=f"{ENTITY}.Unit.Id", refers_to="unit"),
    money("amount", "Amount", required=True),
    money("markup_amount", "Markup.Amount", label="Markup amount"),
    Field("markup_type", "Markup.Type", choices=MARKUP_TYPES, label="Markup"),
    Field("memo", "Memo", longest=240),
)  # fmt: skip

FIELDS = (
    Field("vendor_id", "VendorId", refers_to="vendor", required=True),
    day("date", "Date", required=True),
    day("due_date", "DueDate", required=True, label="Due"),
    Field("description", "Memo", longest=245, label="Memo"),
    Field("reference_number", "ReferenceNumber", longest=40),
    Field("work_order_id", "WorkOrderId", Direction.CREATE, refers_to="work_order"),
    Field("lines", "Lines", items=Items(BillLine, LINE_FIELDS, key="buildium_line_id"), required=True),
    day("paid_date", "PaidDate", direction=Direction.PULL, label="Paid on"),
    Field("approval_status", "ApprovalStatus", Direction.PULL),
)


def sought(sent: Body) -> dict[str, Any]:
    """By vendor and reference number; without one, by the property of the first line that has one (MAPPING §9)."""
    query = {"vendorid": sent.get("VendorId")}
    if sent.get("ReferenceNumber"):
        return {**query, "referencenumber": sent["ReferenceNumber"]}
    houses = [rental(line) for line in sent.get("Lines") or () if rental(line)]
    return {**query, "entitytype": RENTAL, "entityid": houses[0]} if houses else query


def same(sent: Body, found: Body) -> bool:
    header = agree(sent, found, "VendorId", "Date", "DueDate", "Memo", "ReferenceNumber")
    return header and booked(sent, "GlAccountId") == booked(found, "GLAccount.Id")


def booked(bill: Body, account: str) -> list[tuple[Any, Any]]:
    """What goes to which account, in any order."""
    return sorted((at(line, account), money_in(line.get("Amount"))) for line in bill.get("Lines") or ())


BILL = Resource(
    name="bill",
    model=Bill,
    path="/v1/bills",
    id_column="buildium_bill_id",
    fields=FIELDS,
    permission="Accounting > Bills",
    events={"Bill": "BillId"},
    likeness=Likeness(
        (Trait("reference number", ("ReferenceNumber",)), Trait("day", ("Date",))),
        (Trait("due day", ("DueDate",)),),
        ("VendorId",),
    ),
    search=Search(sought, same),
    careful=True,
    patched=True,
    check=check,
    errands=errands,
    loads=("lines",),
    consents=("status",),
    here=(
        "amount", "property_id", "unit_id", "category_id", "is_recurring", "recurring_schedule", "approved_at",
        "approved_by",
    ),
)  # fmt: skip
