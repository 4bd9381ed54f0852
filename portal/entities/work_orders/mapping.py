"""Work order ↔ Work order (MAPPING §4.17). Its property, unit and dates are its task's, which is sent before it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from portal.entities.checks import agree
from portal.entities.days import day_in
from portal.entities.work_orders.model import WorkOrder, WorkOrderLine
from portal.sync.conversions import money
from portal.sync.items import Items
from portal.sync.likeness import Likeness, Trait
from portal.sync.resource import Body, Direction, Field, Problem, Resource, Search, at
from portal.words import ENTRY_ALLOWED

LONG_TEXT = 65_535


def exactly(value: Any) -> Decimal:
    return Decimal(str(value))


def own(key: str) -> Callable[[Body], Any]:
    """What an answer says of the order itself, where that isn't simply what it says of the task."""

    def read(body: Body) -> Any:
        value = known(body.get(key))
        return None if value == at(body, f"Task.{key}") else value

    return read


def known(value: Any) -> Any:
    return None if value in ("Unknown", "") else value


def title(body: Body) -> Any:
    return body.get("Title") or at(body, "Task.Title")


def contact_ids(body: Body) -> list[int] | None:
    return sorted(each["Id"] for each in body.get("EntryContacts") or () if isinstance(each.get("Id"), int)) or None


# Items have no identity: an update replaces all of them.
LINE_FIELDS = (
    Field("gl_account_id", "GlAccountId", refers_to="gl_account", label="Account"),
    Field("quantity", "Quantity", to_remote=float, to_local=exactly, required=True),
    Field("memo", "Memo"),
    Field("unit_price", "UnitPrice", to_remote=float, to_local=exactly, required=True),
)

FIELDS = (
    Field("subject", "Title", read=title, longest=127, label="Title"),
    Field("vendor_id", "VendorId", refers_to="vendor", required=True),
    Field("task_id", "TaskId", Direction.CREATE, read="Task.Id", refers_to="task"),
    Field("description", "WorkDetails", longest=LONG_TEXT, label="Work details"),
    Field("notes", "VendorNotes", longest=LONG_TEXT, label="Notes for the vendor"),
    Field("entry_allowed", "EntryAllowed", choices=frozenset(ENTRY_ALLOWED), required=True),
    Field("entry_notes", "EntryNotes", longest=LONG_TEXT),
    Field("entry_contact_ids", "EntryContactIds", read=contact_ids, label="People to call at the door"),
    Field("invoice_number", "InvoiceNumber", longest=50),
    Field("chargeable_to", "ChargeableTo", longest=100),
    Field("lines", "LineItems", items=Items(WorkOrderLine, LINE_FIELDS), label="Lines"),
    money("actual_cost", "Amount", direction=Direction.PULL, label="Amount"),
    Field("own_status", "Status", Direction.PULL, read=own("Status")),
    Field("own_priority", "Priority", Direction.PULL, read=own("Priority")),
    Field("own_scheduled_date", "DueDate", Direction.PULL, read=own("DueDate"), to_local=day_in),
)


def sought(sent: Body) -> dict[str, Any]:
    return {"taskids": sent["TaskId"], "vendorids": sent["VendorId"]}


def same(sent: Body, found: Body) -> bool:
    """A task may have several orders, so what is to be done has to be the same as well (MAPPING §9). An order without
    a title of its own shows its task's."""
    if sent.get("TaskId") is None or sent["TaskId"] != at(found, "Task.Id"):
        return False
    return agree(sent, found, "VendorId", "WorkDetails", *(("Title",) if sent.get("Title") else ()))


def check(record: WorkOrder, _: Body) -> list[Problem]:
    """Buildium would make a task of its own for an order without one, and nobody could tell which (MAPPING §4.17)."""
    if record.buildium_work_order_id is None and record.task_id is None:
        return [Problem("task_id", "A work order belongs to a task. Choose one.")]
    return []


def derive(body: Body) -> dict[str, Any]:
    """How an order stands whose task isn't kept here; `follow_task` and the database see to all others."""
    due = known(body.get("DueDate")) or at(body, "Task.DueDate")
    return {
        "status": known(body.get("Status")) or at(body, "Task.Status"),
        "priority": known(body.get("Priority")) or at(body, "Task.Priority"),
        "scheduled_date": day_in(due) if due else None,
    }


WORK_ORDER = Resource(
    name="work_order",
    model=WorkOrder,
    path="/v1/workorders",
    id_column="buildium_work_order_id",
    fields=FIELDS,
    permission="Maintenance > Work Orders",
    events={"WorkOrder": "WorkOrderId"},
    has_changed_filter=True,
    changed_by_day=True,
    likeness=Likeness((Trait("title", ("Title",)),), within=("VendorId",)),
    search=Search(sought, same),
    check=check,
    derive=derive,
    follows=WorkOrder.follow_task,
    loads=("lines", "task"),
    here=("estimated_cost",),
)
