from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text

from portal.entities.gl_accounts.model import GlAccount
from portal.entities.properties.model import Property
from portal.entities.staff_users.model import StaffUser
from portal.entities.tasks.model import Task
from portal.entities.units.model import Unit
from portal.entities.vendors.model import Vendor
from portal.entities.work_orders.model import WorkOrder, WorkOrderLine
from portal.extensions import db
from portal.sync.models import SyncStatus
from tests.people import speaking_as
from tests.web.conftest import IMPORT, Store, Stored
from tests.web.pages import errors, fields, link, notices, parsed, rows, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient

TODAY = datetime.now(UTC).date()


def midnight(days: int) -> datetime:
    """So many days from today, as due dates are kept."""
    day = TODAY + timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


@pytest.fixture
def plumber(store: Store) -> Vendor:
    vendor = Vendor(name="Ace Plumbing")
    store(vendor)
    return vendor


@pytest.fixture
def house(store: Store) -> Property:
    house = Property(name="Alder Court", property_manager_buildium_user_id=7)
    store(StaffUser(buildium_user_id=7, first_name="Dana", last_name="Dee"), house)
    return house


def task(subject: str = "Leak", **values: Any) -> Task:
    return Task(subject=subject, **values)


def new(manager: FlaskClient, vendor: Vendor, **typed: str) -> Any:
    return manager.post("/work-orders/new", data={"vendor_id": str(vendor.id), **typed})


def only(stored: Stored, model: Any) -> Any:
    (found,) = stored(select(model))
    return found


def test_a_work_order_brings_its_task_along(
    manager: FlaskClient, store: Store, stored: Stored, plumber: Vendor, house: Property
) -> None:
    unit = Unit(property_id=house.id, unit_number="2B")
    store(unit)
    due = (TODAY + timedelta(days=3)).isoformat()
    typed = {"subject": "Mend the sink", "description": "The trap is cracked.", "priority": "High"}
    response = new(manager, plumber, **typed, unit_id=str(unit.id), scheduled_date=due)
    assert errors(response) == {}
    made, its = only(stored, WorkOrder), only(stored, Task)
    assert response.location == f"/work-orders/{made.id}"
    assert (its.task_type, its.subject, its.description) == ("Todo", "Mend the sink", "The trap is cracked.")
    assert (its.property_id, its.unit_id, its.assigned_to_user_id) == (house.id, unit.id, 7)
    assert (made.task_id, made.subject, made.description) == (its.id, "Mend the sink", "The trap is cracked.")
    assert (made.property_id, made.unit_id, made.assigned_to) == (house.id, unit.id, "Dana Dee")
    assert (made.status, made.priority, made.scheduled_date) == ("New", "High", midnight(3))
    assert {each.entity_type for each in stored(select(SyncStatus))} >= {"task", "work_order"}


def test_a_work_order_for_a_task_that_is_there_makes_none(
    manager: FlaskClient, store: Store, stored: Stored, plumber: Vendor, house: Property
) -> None:
    its = task(property_id=house.id, description="Since Monday", status="InProgress", scheduled_date=midnight(5))
    store(its)
    page = manager.get(f"/work-orders/new?task_id={its.id}")
    form = fields(page)
    assert (form["task_id"], form["subject"], form["description"]) == (str(its.id), "Leak", "Since Monday")
    assert {"property_id", "priority", "scheduled_date"} & set(form) == set()
    assert manager.post("/work-orders/new", data={**form, "vendor_id": str(plumber.id)}).status_code == 303
    made = only(stored, WorkOrder)
    assert only(stored, Task).id == made.task_id == its.id
    assert (made.status, made.property_id, made.scheduled_date) == ("InProgress", house.id, midnight(5))


def test_what_contradicts_the_chosen_task_is_said(
    manager: FlaskClient, store: Store, plumber: Vendor, house: Property
) -> None:
    its = task(property_id=house.id)
    other = Property(name="Oak")
    store(its, other)
    refused = new(
        manager, plumber, task_id=str(its.id), property_id=str(other.id), priority="High", scheduled_date="2030-01-02"
    )
    assert set(errors(refused)) == {"property_id", "priority", "scheduled_date"}
    agreed = {"task_id": str(its.id), "property_id": str(house.id)}
    assert new(manager, plumber, **agreed).status_code == 303


def test_a_work_order_without_a_title_has_its_tasks(
    manager: FlaskClient, store: Store, stored: Stored, plumber: Vendor
) -> None:
    its = task()
    store(its)
    assert new(manager, plumber, task_id=str(its.id)).status_code == 303
    assert only(stored, WorkOrder).subject == "Leak"
    refused = new(manager, plumber)
    assert errors(refused)["subject"] == "Enter the title, or choose a task."


def test_a_new_task_needs_a_person_and_an_active_place(
    manager: FlaskClient, store: Store, plumber: Vendor, house: Property
) -> None:
    gone, other = Property(name="Gone", is_active=False), Property(name="Oak")
    left = StaffUser(buildium_user_id=8, first_name="Lee", last_name="Left", is_active=False)
    store(gone, other, left)
    unit = Unit(property_id=house.id, unit_number="1")
    store(unit)
    typed = {"subject": "Leak"}
    assert "Choose who sees to it." in errors(new(manager, plumber, **typed))["assigned_to_user_id"]
    assert "who works here" in errors(new(manager, plumber, **typed, assigned_to_user_id="8"))["assigned_to_user_id"]
    assert "inactive" in errors(new(manager, plumber, **typed, property_id=str(gone.id)))["property_id"]
    apart = new(manager, plumber, **typed, property_id=str(other.id), unit_id=str(unit.id), assigned_to_user_id="7")
    assert "belongs to Alder Court" in errors(apart)["unit_id"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("vendor_id", "", "Choose the vendor."),
        ("subject", "x" * 128, "Field cannot be longer than 127 characters."),
        ("scheduled_date", "soon", "Enter a date as year-month-day"),
        ("entry_allowed", "Maybe", "Not a valid choice."),
        ("invoice_number", "x" * 51, "Field cannot be longer than 50 characters."),
        ("estimated_cost", "-1", "Enter an amount of 0 or more."),
        ("lines-0-unit_price", "much", "Enter a number, such as 12.5."),
        ("lines-0-quantity", "-1", "Enter a number from 0 to 99,999,999."),
    ],
)
def test_a_wrong_value_is_named_beside_its_field(
    manager: FlaskClient, plumber: Vendor, field: str, value: str, message: str
) -> None:
    refused = new(manager, plumber, **{"subject": "Leak", field: value})
    assert refused.status_code == 422
    assert errors(refused)[field].startswith(message)


def test_items_add_up_and_keep_every_decimal(
    manager: FlaskClient, store: Store, stored: Stored, plumber: Vendor
) -> None:
    account = GlAccount(account_number="5110", name="Pipes", sub_type="OperatingExpenses", type="Expense")
    store(account)
    items = {
        "lines-0-gl_account_id": str(account.id),
        "lines-0-memo": "Hours",
        "lines-0-quantity": "1.3333333",
        "lines-0-unit_price": "$85",
        "lines-1-quantity": "1",
        "lines-1-unit_price": "12.345",
    }
    manager.most_queries = 18  # type: ignore[attr-defined]
    assert errors(new(manager, plumber, subject="Leak", **items)) == {}
    made = only(stored, WorkOrder)
    lines = stored(select(WorkOrderLine).order_by(WorkOrderLine.position))
    assert [(each.quantity, each.unit_price) for each in lines] == [
        (Decimal("1.3333333"), 85),
        (1, Decimal("12.345")),
    ]
    assert made.actual_cost == Decimal("125.68")
    place = f"/work-orders/{made.id}"
    form = fields(manager.get(f"{place}/edit"))
    assert [form[f"lines-{each}-unit_price"] for each in (0, 1)] == ["85.00", "12.345"]
    assert manager.post(f"{place}/edit", data={**form, "chargeable_to": "Owner"}).status_code == 303
    assert [each.quantity for each in stored(select(WorkOrderLine).order_by(WorkOrderLine.position))] == [
        *(Decimal("1.3333333"), 1),
    ]
    page = words(parsed(manager.get(place)))
    assert "Hours 5110 Pipes 1.333 $85.00 $113.33" in page
    assert "Total $125.68" in page


class TestFollowing:
    """How a work order stands is its task's, at once, whoever changes it."""

    def test_it_follows_its_task(self, store: Store, stored: Stored, house: Property) -> None:
        its = task(priority="Low")
        store(its)
        store(WorkOrder(task_id=its.id))
        with speaking_as(IMPORT):
            db.session.execute(
                text("update tasks set status = 'Deferred', scheduled_date = '2031-02-03', property_id = :house"),
                {"house": house.id},
            )
        made = only(stored, WorkOrder)
        assert (made.status, made.priority, made.property_id) == ("Deferred", "Low", house.id)
        assert made.scheduled_date == datetime(2031, 2, 3, tzinfo=UTC)

    def test_a_change_of_its_own_to_what_is_the_tasks_is_none(self, store: Store, stored: Stored) -> None:
        its = task()
        store(its)
        store(WorkOrder(task_id=its.id, status="Closed", priority="High"))
        made = only(stored, WorkOrder)
        assert (made.status, made.priority) == ("New", "Normal")

    def test_what_buildium_says_of_the_order_itself_stands(self, store: Store, stored: Stored) -> None:
        its = task()
        store(its)
        store(WorkOrder(task_id=its.id, own_status="Completed"))
        with speaking_as(IMPORT):
            db.session.execute(text("update tasks set status = 'InProgress', priority = 'High'"))
        made = only(stored, WorkOrder)
        assert (made.status, made.priority) == ("Completed", "High")

    def test_without_a_task_it_stands_by_itself(self, store: Store, stored: Stored) -> None:
        store(WorkOrder(subject="Alone", status="Deferred"))
        assert only(stored, WorkOrder).status == "Deferred"

    def test_one_from_buildium_is_as_old_as_its_task(self, store: Store, stored: Stored) -> None:
        its = task(buildium_created_at=midnight(-40))
        store(its)
        store(WorkOrder(task_id=its.id, buildium_work_order_id=5))
        assert only(stored, WorkOrder).opened_at == midnight(-40)


def versions(stored: Stored) -> dict[str, int]:
    """How often each kind of record was queued."""
    return {each.entity_type: each.local_version for each in stored(select(SyncStatus))}


def test_a_move_changes_the_task_and_its_history(
    manager: FlaskClient, store: Store, stored: Stored, plumber: Vendor
) -> None:
    its = task()
    store(its)
    made = WorkOrder(subject="Sink", task_id=its.id, vendor_id=plumber.id)
    store(made)
    queued = versions(stored)
    response = manager.post(f"/work-orders/{made.id}/status", data={"status": "InProgress"})
    assert (response.status_code, response.location) == (303, f"/work-orders/{made.id}")
    assert notices(manager.get(response.location)) == [
        "“Sink” is now: in progress. The change goes to Buildium with its task."
    ]
    assert (only(stored, Task).status, only(stored, WorkOrder).status) == ("InProgress", "InProgress")
    assert {name for name, version in versions(stored).items() if version > queued[name]} == {"task"}
    with speaking_as(IMPORT):
        assert [each.status for each in db.session.get_one(Task, its.id).history] == ["InProgress"]
    assert manager.post(f"/work-orders/{made.id}/status", data={"status": "Lost"}).status_code == 400


def test_a_move_waits_for_a_save_of_the_task_at_the_same_moment(
    manager: FlaskClient, store: Store, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    its = task()
    store(its)
    made = WorkOrder(subject="Sink", task_id=its.id)
    store(made)
    plain, others = WorkOrder.move, ["update tasks set version = version + 1, priority = 'High'"]

    def overtaken(order: WorkOrder, *arguments: Any) -> None:
        plain(order, *arguments)
        if others:
            with db.session.no_autoflush:
                db.session.execute(text(others.pop()))

    monkeypatch.setattr(WorkOrder, "move", overtaken)
    assert manager.post(f"/work-orders/{made.id}/status", data={"status": "Deferred"}).status_code == 303
    its = only(stored, Task)
    assert its.status == "Deferred"
    assert others == []


def test_a_status_that_buildium_gave_the_order_itself_is_not_moved(
    manager: FlaskClient, store: Store, stored: Stored
) -> None:
    its = task()
    store(its)
    made = WorkOrder(subject="Sink", task_id=its.id, own_status="Deferred")
    store(made)
    page = manager.get(f"/work-orders/{made.id}")
    assert "apart from its task’s" in words(parsed(page))
    assert 'name="status"' not in page.text
    manager.post(f"/work-orders/{made.id}/status", data={"status": "Completed"})
    assert (only(stored, Task).status, only(stored, WorkOrder).status) == ("New", "Deferred")


def test_an_edit_changes_on_the_task_only_what_was_changed(
    manager: FlaskClient, store: Store, stored: Stored, plumber: Vendor
) -> None:
    its = task(scheduled_date=midnight(5))
    store(its)
    made = WorkOrder(subject="Sink", task_id=its.id, vendor_id=plumber.id)
    store(made)
    form = fields(manager.get(f"/work-orders/{made.id}/edit"))
    assert (form["status"], form["scheduled_date"]) == ("New", (TODAY + timedelta(days=5)).isoformat())
    assert "task_id" not in form
    with speaking_as(IMPORT):
        db.session.execute(text("update tasks set status = 'InProgress'"))
    changed = {**form, "priority": "High", "scheduled_date": (TODAY + timedelta(days=9)).isoformat()}
    assert manager.post(f"/work-orders/{made.id}/edit", data=changed).status_code == 303
    its = only(stored, Task)
    assert (its.status, its.priority, its.scheduled_date) == ("InProgress", "High", midnight(9))
    form = fields(manager.get(f"/work-orders/{made.id}/edit"))
    assert manager.post(f"/work-orders/{made.id}/edit", data={**form, "status": "Completed"}).status_code == 303
    assert only(stored, WorkOrder).status == "Completed"


def test_two_edits_at_once_are_compared(manager: FlaskClient, store: Store, plumber: Vendor) -> None:
    its = task(scheduled_date=midnight(5))
    store(its)
    made = WorkOrder(subject="Sink", task_id=its.id, vendor_id=plumber.id)
    store(made)
    place = f"/work-orders/{made.id}/edit"
    form = fields(manager.get(place))
    due = (TODAY + timedelta(days=9)).isoformat()
    manager.post(place, data={**form, "chargeable_to": "Owner", "scheduled_date": due})
    compared = manager.post(place, data={**form, "chargeable_to": "Resident"})
    assert compared.status_code == 409
    assert rows(compared) == ["Due", "Chargeable to"]
    assert fields(compared)["scheduled_date"] == due


def test_the_list_is_filtered_by_standing_due_date_and_age(manager: FlaskClient, store: Store) -> None:
    days = {"Late": -1, "Now": 0, "Soon": 7, "Later": 8}
    tasks = {name: task(scheduled_date=midnight(left)) for name, left in days.items()}
    tasks |= {"Some day": task(), "Done": task(status="Completed", scheduled_date=midnight(-9))}
    store(*tasks.values())
    store(*(WorkOrder(subject=name, task_id=its.id) for name, its in tasks.items()))
    found = {each: set(rows(manager.get(f"/work-orders?due={each}"))) for each in ("overdue", "today", "week", "none")}
    assert found == {"overdue": {"Late"}, "today": {"Now"}, "week": {"Now", "Soon"}, "none": {"Some day"}}
    assert "Done" not in rows(manager.get("/work-orders?status=open"))
    assert rows(manager.get("/work-orders?status=Completed")) == ["Done"]
    assert "New, 1 day overdue" in words(parsed(manager.get("/work-orders?due=overdue")))
    assert rows(manager.get("/work-orders?sort=scheduled_date"))[-1] == "Some day"


AGES = {"0-7": [0, 7], "8-30": [8, 30], "31-60": [31, 60], "61-90": [61, 90], "over-90": [91, 400]}


def test_every_age_has_its_own_work_orders(manager: FlaskClient, store: Store) -> None:
    for number in (days for both in AGES.values() for days in both):
        store(WorkOrder(subject=str(number), opened_at=midnight(-number) + timedelta(hours=12 if number else 0)))
    for age, both in AGES.items():
        assert set(rows(manager.get(f"/work-orders?age={age}"))) == {str(days) for days in both}


def test_relatives_lead_to_their_work_orders(
    manager: FlaskClient, store: Store, plumber: Vendor, house: Property
) -> None:
    unit = Unit(property_id=house.id, unit_number="2B")
    store(unit)
    its = task(property_id=house.id, unit_id=unit.id)
    store(its)
    made = WorkOrder(subject="Sink", task_id=its.id, vendor_id=plumber.id)
    store(made, WorkOrder(subject="Other"))
    pages: dict[str, tuple[str, Any]] = {
        "properties": ("property_id", house),
        "units": ("unit_id", unit),
        "vendors": ("vendor_id", plumber),
    }
    for plural, (name, record) in (pages | {"tasks": ("task_id", its)}).items():
        page = manager.get(f"/{plural}/{record.id}")
        assert link(page, "Sink") == f"/work-orders/{made.id}"
        assert link(page, "Make a work order") == f"/work-orders/new?{name}={record.id}"
        assert rows(manager.get(f"/work-orders?{name}={record.id}")) == ["Sink"]


def test_a_list_of_many_work_orders_is_read_with_few_queries(
    manager: FlaskClient, store: Store, plumber: Vendor, house: Property
) -> None:
    units = [Unit(property_id=house.id, unit_number=str(each)) for each in range(30)]
    store(*units)
    tasks = [task(property_id=house.id, unit_id=unit.id) for unit in units]
    store(*tasks)
    store(*(WorkOrder(subject="Sink", task_id=its.id, vendor_id=plumber.id) for its in tasks))
    assert len(rows(manager.get("/work-orders?columns=unit_id&columns=task_id&columns=property_id"))) == 30
    lines = manager.get("/work-orders.csv").text.splitlines()
    assert len(lines) == 31


def test_the_csv_has_days_and_words(manager: FlaskClient, store: Store) -> None:
    its = task(status="InProgress", scheduled_date=datetime(2031, 2, 3, tzinfo=UTC))
    store(its)
    store(WorkOrder(subject="=cmd", task_id=its.id, actual_cost=Decimal("12.50")))
    heading, line = manager.get("/work-orders.csv?columns=scheduled_date&columns=status").text.splitlines()
    assert heading == "Work order,Status,Due"
    assert line == f"'=cmd,In progress,{date(2031, 2, 3).isoformat()}"
