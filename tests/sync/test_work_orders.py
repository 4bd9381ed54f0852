"""Work orders on their way to Buildium and back, each with the task that it belongs to."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from portal.database import now
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.properties.model import Property
from portal.entities.staff_users.model import StaffUser
from portal.entities.tasks.mapping import TASK
from portal.entities.tasks.model import Task
from portal.entities.vendor_categories.model import VendorCategory
from portal.entities.vendors.model import Vendor
from portal.entities.work_orders.mapping import WORK_ORDER
from portal.entities.work_orders.model import WorkOrder, WorkOrderLine
from portal.extensions import db
from portal.sync import imports
from portal.sync.page import Outcome
from portal.sync.pull import pull_one
from portal.sync.push import push_now
from portal.webhooks import handlers
from tests.live import Live
from tests.records import synced_property

ORDERS, TODOS = "/v1/workorders", "/v1/tasks/todorequests"
TEXTS = {
    "subject": "Mend the sink",
    "description": "The trap is cracked.",
    "notes": "Bring a trap.",
    "entry_allowed": "Yes",
    "entry_notes": "Ring twice.",
    "invoice_number": "W-4711",
    "chargeable_to": "Owner",
}
THEIR_TEXTS = {
    "Title": "Mend the sink",
    "WorkDetails": "The trap is cracked.",
    "VendorNotes": "Bring a trap.",
    "EntryAllowed": "Yes",
    "EntryNotes": "Ring twice.",
    "InvoiceNumber": "W-4711",
    "ChargeableTo": "Owner",
}


@pytest.fixture
def staff(live: Live) -> StaffUser:
    """Somebody who works there, known on both sides."""
    body = {"FirstName": "Dana", "LastName": "Dee", "Email": "dana@example.com", "UserTypes": ["Staff"]}
    number = live.add_there("users", **body)
    person = StaffUser(buildium_user_id=number, first_name="Dana", last_name="Dee")
    live.save(person)
    return person


@pytest.fixture
def plumber(live: Live) -> Vendor:
    vendor = Vendor(name="Ace Plumbing", category=VendorCategory(name="Plumbing"))
    live.save(vendor)
    live.work()
    assert live.state(vendor) == "synced", live.row(vendor).error_message
    return vendor


def task_for(staff: StaffUser, **values: Any) -> Task:
    made = Task(subject="Mend the sink", assigned_to_user_id=staff.buildium_user_id, **values)
    made.begin("Pat Manager", now())
    return made


def order(vendor: Vendor, task: Task, **values: Any) -> WorkOrder:
    return WorkOrder(vendor=vendor, task=task, **{**TEXTS, **values})


def sent(live: Live, made: WorkOrder) -> dict[str, Any]:
    """Save it, and what Buildium then has."""
    live.save(made)
    live.work()
    for _ in range(5):
        if live.state(made) != "synced" or live.state(its(made)) != "synced":
            live.work_later()
    assert live.state(made) == "synced", live.row(made).error_message
    assert live.state(its(made)) == "synced", live.row(its(made)).error_message
    there: dict[str, Any] = live.get(f"{ORDERS}/{made.buildium_work_order_id}")
    return there


def theirs(live: Live, vendor: Vendor, staff: StaffUser, **values: Any) -> WorkOrder:
    """A work order that was made in Buildium, with its task, pulled."""
    task = {"Title": "Sink leaks", "Priority": "High", "Status": "New", "AssignedToUserId": staff.buildium_user_id}
    body = {"VendorId": vendor.buildium_vendor_id, "EntryAllowed": "Unknown", "Task": task, **values}
    made = live.http.post(ORDERS, json=body).raise_for_status().json()
    assert pull_one(WORK_ORDER, made["Id"]) is Outcome.CREATED
    return mine(made["Id"])


def mine(buildium_id: int) -> WorkOrder:
    return db.session.scalars(select(WorkOrder).where(WorkOrder.buildium_work_order_id == buildium_id)).one()


def its(made: WorkOrder) -> Task:
    assert made.task
    return made.task


def counts(live: Live) -> tuple[int, int]:
    """How many work orders and to-dos Buildium has."""
    return len(live.get(ORDERS)), len(live.http.get(TODOS, params={"limit": 1000}).json())


def test_a_work_order_arrives_with_its_task_and_each_only_once(live: Live, staff: StaffUser, plumber: Vendor) -> None:
    house = synced_property(live)
    account = GlAccount(account_number="5110", name="Pipes", sub_type="OperatingExpenses")
    made = order(plumber, task_for(staff, property_id=house.id, scheduled_date=datetime(2031, 2, 3, tzinfo=UTC)))
    made.lines = [WorkOrderLine(memo="Hours", quantity=Decimal("2.5"), unit_price=Decimal(80), gl_account=account)]
    live.save(account)
    there = sent(live, made)
    assert counts(live) == (1, 1)
    assert THEIR_TEXTS.items() <= there.items()
    assert there["LineItems"] == [
        {"GlAccountId": account.buildium_gl_account_id, "Quantity": 2.5, "Memo": "Hours", "UnitPrice": 80.0}
    ]
    assert (there["VendorId"], there["Amount"]) == (plumber.buildium_vendor_id, 200.0)
    assert made.actual_cost == Decimal(200)
    assert there["Task"]["Id"] == its(made).buildium_task_id
    assert (there["Status"], there["DueDate"]) == ("New", "2031-02-03")
    assert live.get(f"/v1/tasks/{there['Task']['Id']}")["Property"]["Id"] == house.buildium_property_id
    assert (live.asked("POST", ORDERS), live.asked("PUT", ORDERS)) == (1, 0)
    assert (made.own_status, made.own_priority, made.own_scheduled_date) == (None, None, None)


def test_a_work_order_waits_for_its_task(live: Live, staff: StaffUser, plumber: Vendor) -> None:
    live.fault("status", method="POST", path=TODOS, status=422, times=1)
    made = order(plumber, task_for(staff))
    live.save(made)
    live.work()
    assert (live.state(made), live.row(made).blocked_on) == ("blocked", f"task:{made.task_id}")
    assert live.asked("POST", ORDERS) == 0
    its(made).subject = "Mend it"
    sent(live, made)
    assert counts(live) == (1, 1)


LOST = pytest.mark.parametrize("fault", ["drop", "commit_then_drop"])


@LOST
def test_neither_is_made_twice_where_the_answer_about_the_task_is_lost(
    live: Live, staff: StaffUser, plumber: Vendor, fault: str
) -> None:
    live.fault(fault, method="POST", path=TODOS)
    made = order(plumber, task_for(staff))
    live.save(made)
    live.work()
    assert live.state(its(made)) == "uncertain"
    assert live.state(made) == "blocked"
    there = sent(live, made)
    assert counts(live) == (1, 1)
    assert there["Task"]["Id"] == its(made).buildium_task_id


@LOST
def test_neither_is_made_twice_where_the_answer_about_the_order_is_lost(
    live: Live, staff: StaffUser, plumber: Vendor, fault: str
) -> None:
    live.fault(fault, method="POST", path=ORDERS)
    twin = {"VendorId": plumber.buildium_vendor_id, "EntryAllowed": "Yes", "WorkDetails": "Something else"}
    made = order(plumber, task_for(staff))
    live.save(made)
    live.work()
    assert live.state(made) == "uncertain"
    live.http.post(ORDERS, json={**twin, "TaskId": its(made).buildium_task_id}).raise_for_status()
    there = sent(live, made)
    assert counts(live) == (2, 1)
    assert there["WorkDetails"] == "The trap is cracked."


def test_without_a_task_nothing_is_sent(live: Live, plumber: Vendor) -> None:
    made = WorkOrder(vendor=plumber, subject="Alone")
    live.save(made)
    live.work()
    assert (live.state(made), live.asked("POST", ORDERS)) == ("blocked", 0)
    assert "belongs to a task" in (live.row(made).error_message or "")


def test_an_update_replaces_the_items_and_erases_nothing(live: Live, staff: StaffUser, plumber: Vendor) -> None:
    items = [
        {"Quantity": 1.0, "UnitPrice": 0.1234567, "Memo": "Tape", "GlAccountId": None},
        {"Quantity": 2.0, "UnitPrice": 80.0, "Memo": "Hours", "GlAccountId": None},
    ]
    body = {"Title": "Theirs", "InvoiceNumber": "7", "EntryNotes": "Dog", "ChargeableTo": "Owner", "VendorNotes": "Now"}
    made = theirs(live, plumber, staff, **body, LineItems=items, EntryContactIds=[staff.buildium_user_id])
    before = live.get(f"{ORDERS}/{made.buildium_work_order_id}")
    assert made.entry_contact_ids == [staff.buildium_user_id]
    assert [each.unit_price for each in made.lines] == [Decimal("0.1234567"), 80]
    made.description = "Edited here"
    there = sent(live, made)
    assert there == {**before, "WorkDetails": "Edited here"}
    made.lines[1].quantity = Decimal(3)
    del made.lines[0]
    there = sent(live, made)
    assert there["LineItems"] == [{**items[1], "Quantity": 3.0}]
    assert (there["Amount"], made.actual_cost) == (240.0, Decimal(240))
    made.lines = []
    assert sent(live, made)["LineItems"] == []
    assert there["EntryContacts"] == before["EntryContacts"]


def test_a_move_reaches_buildium_with_the_task_and_comes_back(live: Live, staff: StaffUser, plumber: Vendor) -> None:
    made = order(plumber, task_for(staff))
    sent(live, made)
    live.forget_requests()
    made.move("InProgress", "Pat Manager", now())
    live.save(made)
    assert made.status == "InProgress"
    there = sent(live, made)
    assert (there["Status"], there["Task"]["Status"]) == ("InProgress", "InProgress")
    assert live.asked("PUT", ORDERS) == 0
    live.edit_there("tasks", its(made).buildium_task_id or 0, TaskStatus="Completed", Priority="High")
    pull_one(TASK, its(made).buildium_task_id or 0)
    assert (made.status, made.priority) == ("Completed", "High")
    assert pull_one(WORK_ORDER, made.buildium_work_order_id or 0) is Outcome.UNCHANGED
    assert made.status == "Completed"


def test_a_move_that_is_not_sent_yet_survives_a_pull_of_the_order(
    live: Live, staff: StaffUser, plumber: Vendor
) -> None:
    made = order(plumber, task_for(staff))
    sent(live, made)
    live.edit_there("work_orders", made.buildium_work_order_id or 0, WorkDetails="Edited there")
    made.move("Deferred", "Pat Manager", now())
    live.save(made)
    version = made.version
    assert pull_one(WORK_ORDER, made.buildium_work_order_id or 0) is Outcome.UPDATED
    assert (made.status, made.description, made.version) == ("Deferred", "Edited there", version + 1)


def test_what_buildium_says_of_the_order_itself_stands_until_it_says_no_more(
    live: Live, staff: StaffUser, plumber: Vendor
) -> None:
    made = order(plumber, task_for(staff))
    number = sent(live, made)["Id"]
    live.edit_there("work_orders", number, Status="Completed", DueDate="2031-02-03", Priority="Low")
    assert pull_one(WORK_ORDER, number) is Outcome.UPDATED
    assert (made.status, made.priority, its(made).status) == ("Completed", "Low", "New")
    assert made.scheduled_date == datetime(2031, 2, 3, tzinfo=UTC)
    live.edit_there("work_orders", number, Status=None, DueDate=None, Priority=None)
    assert pull_one(WORK_ORDER, number) is Outcome.UPDATED
    assert (made.status, made.priority) == ("New", "Normal")
    assert made.scheduled_date is None


def test_an_order_that_does_not_follow_its_task_there_follows_it_here(
    live: Live, staff: StaffUser, plumber: Vendor
) -> None:
    live.switch(work_order_follows_task=False)
    made = theirs(live, plumber, staff)
    assert live.get(f"{ORDERS}/{made.buildium_work_order_id}")["Status"] == "Unknown"
    assert (made.status, made.priority, made.subject) == ("New", "High", "Sink leaks")


def test_a_title_is_the_tasks_where_the_order_has_none(live: Live, staff: StaffUser, plumber: Vendor) -> None:
    made = theirs(live, plumber, staff)
    live.edit_there("work_orders", made.buildium_work_order_id or 0, Title=None)
    pull_one(WORK_ORDER, made.buildium_work_order_id or 0)
    assert made.subject == "Sink leaks"


def test_orders_are_imported_with_their_places_and_people(live: Live) -> None:
    live.http.post("/_control/reset", json={"to": "sample", "size": 12}).raise_for_status()
    imports.begin_import("test")
    live.work()
    there = {each["Id"]: each for each in live.get(ORDERS)}
    tasks = {each["Id"]: each for each in live.get("/v1/tasks")}
    assert len(there) > 5
    here = list(db.session.scalars(select(WorkOrder)))
    assert {each.buildium_work_order_id for each in here} == set(there)
    houses = {each.id: each.buildium_property_id for each in db.session.scalars(select(Property))}
    for each in here:
        body = there[each.buildium_work_order_id or 0]
        assert (each.status, each.priority) == (body["Status"], body["Priority"])
        assert each.actual_cost == Decimal(str(body["Amount"])).quantize(Decimal("0.01"))
        place = tasks[body["Task"]["Id"]]["Property"]
        assert houses.get(each.property_id) == (place or {}).get("Id")  # type: ignore[arg-type]
        assert each.opened_at <= each.created_at


def test_an_event_brings_the_order(live: Live, staff: StaffUser, plumber: Vendor) -> None:
    made = theirs(live, plumber, staff)
    live.edit_there("work_orders", made.buildium_work_order_id or 0, WorkDetails="Edited there")
    data = {"EventName": "WorkOrder.Updated", "WorkOrderId": made.buildium_work_order_id, "AccountId": 1}
    assert handlers.process_buildium_webhook_event("one", "WorkOrder.Updated", data) == "processed"
    db.session.rollback()
    assert made.description == "Edited there"


def test_the_seeds_function_gives_the_request_that_would_create_it(
    live: Live, staff: StaffUser, plumber: Vendor
) -> None:
    made = order(plumber, task_for(staff))
    sent(live, made)
    body = handlers.map_work_order_to_buildium(made.id)
    assert body == {**THEIR_TEXTS, "VendorId": plumber.buildium_vendor_id, "TaskId": its(made).buildium_task_id} | (
        {"LineItems": []} if "LineItems" in body else {}
    )


def test_pushing_again_says_nothing_new(live: Live, staff: StaffUser, plumber: Vendor) -> None:
    made = order(plumber, task_for(staff))
    sent(live, made)
    live.forget_requests()
    push_now("work_order", str(made.id))
    assert (live.asked("POST", ORDERS), live.asked("PUT", ORDERS)) == (0, 0)
