"""Work orders (MAPPING §4.17): what a vendor is to do about a task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.sandbox.collection import Record, Values, filled
from portal.sandbox.errors import RefusedError, broken_rule
from portal.sandbox.messages.tasks import ToDoPost
from portal.sandbox.messages.work_orders import LineItem, WorkOrderPost, WorkOrderPut, WorkOrderTask
from portal.sandbox.resource import Answer, Area, Create, Event, Resource, Update
from portal.sandbox.resources.task_requests import TO_DOS
from portal.sandbox.resources.users import staff_member
from portal.sandbox.resources.work_order_filters import BY_ENTITY, FILTERS
from portal.sandbox.resources.work_order_states import amount, bill_ids, followed, task_of
from portal.sandbox.world import World

_EMPTY: Values = {
    "TaskId": None,
    "Title": None,
    "DueDate": None,
    "Priority": None,
    "Status": None,
    "WorkDetails": None,
    "InvoiceNumber": None,
    "ChargeableTo": None,
    "EntryAllowed": "Unknown",
    "EntryNotes": None,
    "VendorId": None,
    "VendorNotes": None,
    "EntryContacts": [],
    "LineItems": [],
}
_CONTACT_PATHS = {
    "Staff": "/v1/users",
    "RentalTenant": "/v1/leases/tenants",
    "RentalOwner": "/v1/rentals/owners",
}


def work_order_values(*, vendor_id: int, task_id: int | None, **fields: Any) -> Values:
    """The stored values of a work order; what isn't given is empty. `LineItems` come from `item_values`,
    `EntryContacts` are `{"Id", "Type"}`. Without Status, Priority and DueDate of its own the order shows its task's.
    Raises KeyError for an unknown field."""
    return filled(_EMPTY, {"VendorId": vendor_id, "TaskId": task_id, **fields})


def item_values(
    quantity: float, unit_price: float, gl_account_id: int | None = None, memo: str | None = None
) -> Values:
    """One line of a work order. It has no id of its own."""
    return {"GlAccountId": gl_account_id, "Quantity": quantity, "Memo": memo, "UnitPrice": unit_price}


def _answer(world: World, order: Record) -> Answer:
    contacts = [_contact_answer(contact) for contact in order["EntryContacts"]]
    bills = bill_ids(world, order)
    return {
        "Id": order.id,
        **{name: value for name, value in order.values.items() if name != "TaskId"},
        **{field: followed(world, order, field) for field in ("DueDate", "Priority", "Status")},
        "Task": _task_answer(task_of(world, order)),
        "EntryContact": contacts[0] if contacts else None,
        "EntryContacts": contacts,
        "BillTransactionId": bills[0] if bills else None,
        "BillTransactionIds": bills,
        "Amount": amount(order),
    }


def _task_answer(task: Record | None) -> Answer | None:
    if task is None:
        return None
    lease_id = task["UnitAgreementId"]
    agreement = {"Id": lease_id, "Type": "Lease", "Href": f"/v1/leases/{lease_id}"}
    return {
        "Id": task.id,
        "Type": task["TaskType"],
        "UnitId": task["UnitId"],
        "UnitAgreement": agreement if lease_id is not None else None,
        "Title": task["Title"],
        "DueDate": task["DueDate"],
        "Priority": task["Priority"],
        "Status": task["TaskStatus"],
    }


def _contact_answer(contact: Values) -> Answer:
    href = f"{_CONTACT_PATHS[contact['Type']]}/{contact['Id']}"
    return {"Id": contact["Id"], "Resources": [{"Type": contact["Type"], "Href": href}]}


def _create(world: World, body: WorkOrderPost) -> Record:
    fields = _fields(world, body)
    task = _task(world, body)
    # Before titles could be written an order had the task's, and without one it still does.
    title = task["Title"] if body.Title is None else body.Title
    return world.insert("work_orders", filled(_EMPTY, {**fields, "TaskId": task.id, "Title": title}))


def _update(world: World, order: Record, body: WorkOrderPut) -> Record:
    return world.change(order, _fields(world, body, order["EntryContacts"]))


def _fields(world: World, body: WorkOrderPut, contacts: Sequence[Values] = ()) -> Values:
    """What both messages write, with every line item and contact replaced. `contacts` are those it had before."""
    world.needed("vendors", body.VendorId, "VendorId")
    _check_items(world, body.LineItems or [])
    fields = body.model_dump(exclude={"TaskId", "Task", "EntryContactId", "EntryContactIds"})
    return {**fields, "LineItems": fields["LineItems"] or [], "EntryContacts": _contacts(world, body, contacts)}


def _check_items(world: World, items: Sequence[LineItem]) -> None:
    for number, item in enumerate(items):
        if item.GlAccountId is not None:
            world.needed("gl_accounts", item.GlAccountId, f"LineItems[{number}].GlAccountId")


def _contacts(world: World, body: WorkOrderPut, before: Sequence[Values]) -> list[Values]:
    """The contacts of both forms, the single old one first. One that was there is still the same person."""
    known = {contact["Id"]: contact for contact in before}
    single = [] if body.EntryContactId is None else [body.EntryContactId]
    wanted = dict.fromkeys([*single, *(body.EntryContactIds or [])])
    return [known.get(contact_id) or _contact(world, contact_id) for contact_id in wanted]


def _contact(world: World, contact_id: int) -> Values:
    """Staff, tenants and owners have ids of their own kinds here; the first of them that fits is meant."""
    if staff_member(world, contact_id):
        return {"Id": contact_id, "Type": "Staff"}
    for kind, contact_type in (("tenants", "RentalTenant"), ("owners", "RentalOwner")):
        if world.get(kind, contact_id) is not None:
            return {"Id": contact_id, "Type": contact_type}
    raise broken_rule("EntryContactIds", f"{contact_id} is no staff member, tenant or owner.")


def _task(world: World, body: WorkOrderPost) -> Record:
    """The task of the order, which must be named or described, but not both."""
    if (body.TaskId is None) is (body.Task is None):
        raise broken_rule("TaskId", "Either TaskId or Task must be given.")
    if body.Task is not None:
        return _new_task(world, body.Task)
    return world.needed("tasks", body.TaskId or 0, "TaskId")


def _new_task(world: World, given: WorkOrderTask) -> Record:
    """A to-do by the rules of to-dos; their refusals are named by their place in this body."""
    fields = given.model_dump(exclude={"Status"})
    assert TO_DOS.create is not None
    try:
        return TO_DOS.create.run(world, ToDoPost(TaskStatus=given.Status, **fields))
    except RefusedError as refused:
        errors = [(f"Task.{field}", text) for field, text in refused.errors]
        raise RefusedError(refused.status, errors, refused.message) from None


def _delete(world: World, order: Record) -> None:
    """Its bills stay, without an order."""
    for bill in world.find("bills", "WorkOrderId", order.id):
        world.change(bill, {"WorkOrderId": None})


WORK_ORDERS = Resource(
    kind="work_orders",
    path="/v1/workorders",
    area=Area("Maintenance > Work Orders"),
    answer=_answer,
    create=Create(WorkOrderPost, _create),
    update=Update(WorkOrderPut, _update),
    event=Event("WorkOrder", "WorkOrderId"),
    indexes=("TaskId", "VendorId"),
    title=lambda order: str(order["Title"] or order["WorkDetails"] or order.id)[:80],
    on_delete=_delete,
    narrow=BY_ENTITY,
    filters=FILTERS,
)
