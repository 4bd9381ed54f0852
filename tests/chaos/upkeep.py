"""Vendors and their categories, tasks with what is noted about them, and work orders."""

from __future__ import annotations

from tests.chaos.kind import HERE, Kind, Value, address, mark

VENDOR = Kind(
    name="vendor",
    pages="/vendors",
    table="vendors",
    id_column="buildium_vendor_id",
    there="vendors",
    path="/v1/vendors",
    values=(
        Value("name", "CompanyName", lambda number: f"Works {number}"),
        Value("notes", "Comments"),
        Value("website", "Website", lambda number: f"https://edit{number}.example.com"),
    ),
    new=lambda number, find: {
        "is_company": "True", "name": f"Works {number}", "notes": f"edit {number}",
        "website": f"https://edit{number}.example.com", "category_id": find("vendor_category"),
        "address_line1": mark(number), **HERE,
    },
    new_there=lambda number, find: {
        "IsCompany": True, "CompanyName": f"Works {number}", "Comments": f"edit {number}",
        "Website": f"https://edit{number}.example.com", "CategoryId": find("vendor_category"),
        "Address": address(number),
    },
    samples="is_company and jsonb_typeof(extra_phones) is distinct from 'array' and category_id is not null",
    parents=("vendor_category",),
    deletable=True,
)  # fmt: skip

CATEGORY = Kind(
    name="vendor_category",
    pages="/vendor-categories",
    table="vendor_categories",
    id_column="buildium_category_id",
    there="vendor_categories",
    path="/v1/vendors/categories",
    values=(Value("name", "Name", lambda number: f"Trade {number}"),),
    new=lambda number, _: {"name": f"Trade {number}"},
    new_there=lambda number, _: {"Name": f"Trade {number}"},
    marker=Value("name", "Name", lambda number: f"Trade {number}"),
    samples="not is_system",
    wanted=2,
    editable=False,
)

TASK = Kind(
    name="task",
    pages="/tasks",
    table="tasks",
    id_column="buildium_task_id",
    there="tasks",
    path="/v1/tasks/todorequests",
    values=(Value("subject", "Title", lambda number: f"Job {number}"),),
    new=lambda number, find: {
        "task_type": "Todo", "subject": f"Job {number}", "description": f"What to do, {number}",
        "property_id": find("property"), "assigned_to_user_id": find("staff"),
    },
    new_there=lambda number, find: {
        "TaskType": "Todo", "Title": f"Job {number}", "Description": f"What to do, {number}", "TaskStatus": "New",
        "Priority": "Normal", "PropertyId": find("property"), "AssignedToUserId": find("staff"),
    },
    marker=Value("description", "Description", lambda number: f"What to do, {number}"),
    samples="task_type = 'Todo' and status in ('InProgress', 'Deferred')",
    wanted=1,
    parents=("property",),
    derived=frozenset({"history_changed_at"}),
)  # fmt: skip

# An entry of a task's history, written as the note of a change.
NOTE = Kind(
    name="note",
    pages="/tasks",
    table="task_history",
    id_column="buildium_history_id",
    there="task_history",
    path="/v1/tasks/{}/history",
    values=(Value("notes", "Message", lambda number: f"Note {number}"),),
    new=lambda number, find: {"notes": f"Note {number}"},
    new_there=None,
    marker=Value("notes", "Message", lambda number: f"Note {number}"),
    wanted=0,
    parents=("task",),
    room={"task": 10},
    editable=False,
    opens=lambda find: f"/tasks/{find('task')}/edit",
    derived=frozenset({"written_by"}),  # the name of its author, who may be a tenant that is edited
)

WORK_ORDER = Kind(
    name="work_order",
    pages="/work-orders",
    table="work_orders",
    id_column="buildium_work_order_id",
    there="work_orders",
    path="/v1/workorders",
    values=(
        Value("description", "WorkDetails"),
        Value("notes", "VendorNotes"),
        Value("invoice_number", "InvoiceNumber", lambda number: f"I-{number}"),
        Value("chargeable_to", "ChargeableTo"),
    ),
    new=lambda number, find: {
        "vendor_id": find("vendor"), "subject": f"Order {number}", "description": f"edit {number}",
        "notes": f"edit {number}", "invoice_number": f"I-{number}", "chargeable_to": f"edit {number}",
        "entry_allowed": "Yes", "lines-0-gl_account_id": find("account"), "lines-0-memo": "Hours",
        "lines-0-quantity": "2", "lines-0-unit_price": "45.50",
    },
    new_there=lambda number, find: {
        "VendorId": find("vendor"), "TaskId": find("task"), "Title": f"Order {number}",
        "WorkDetails": f"edit {number}", "VendorNotes": f"edit {number}", "InvoiceNumber": f"I-{number}",
        "ChargeableTo": f"edit {number}", "EntryAllowed": "Yes",
        "LineItems": [{"GlAccountId": find("account"), "Quantity": 2.0, "Memo": "Hours", "UnitPrice": 45.5}],
    },
    marker=Value("subject", "Title", lambda number: f"Order {number}"),
    samples="subject is not null",
    wanted=2,
    parents=("vendor", "task"),
    opens=lambda find: f"/work-orders/new?task_id={find('task')}",
)  # fmt: skip
