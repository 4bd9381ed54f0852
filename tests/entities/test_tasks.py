from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from portal.database import now
from portal.entities.owners.model import Owner
from portal.entities.properties.model import Property
from portal.entities.task_categories.model import TaskCategory
from portal.entities.tasks.history import TaskHistory
from portal.entities.tasks.model import Task
from portal.entities.units.model import Unit
from portal.sync.models import SyncStatus
from portal.web.screens import screens
from tests.entities.task_rows import staff_member, task_of, tenancy
from tests.people import make_user, sign_in
from tests.web.conftest import Store, Stored
from tests.web.pages import errors, fields, link, parsed, rows, words

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient


def the_task(stored: Stored) -> Task:
    (task,) = stored(select(Task))
    return task  # type: ignore[no-any-return]


def filled(client: FlaskClient, address: str = "/tasks/new", **values: Any) -> dict[str, Any]:
    return {**fields(client.get(address)), "subject": "Fix the tap", **values}


def test_a_to_do_with_all_there_is_to_say(manager: FlaskClient, store: Store, stored: Stored) -> None:
    who, house = staff_member(store), Property(name="Alder")
    unit = Unit(property=house, unit_number="1")
    sort = TaskCategory(name="Plumbing", buildium_category_id=3, sub_categories=[{"Id": 30, "Name": "Leak"}])
    store(house, unit, sort)
    form = filled(manager, assigned_to_user_id=str(who.buildium_user_id), description="Drips.", unit_id=str(unit.id))
    more = {"category_id": str(sort.id), "sub_category_id": "30", "scheduled_date": "2026-12-24", "priority": "High"}
    answer = manager.post("/tasks/new", data={**form, **more, "estimated_cost": "$120.50"})
    assert answer.status_code == 303, errors(answer)
    task = the_task(stored)
    assert (task.task_type, task.property_id, task.unit_id) == ("Todo", house.id, unit.id)
    assert (task.category, task.sub_category_id, task.assigned_to) == ("Plumbing", 30, "Sam Staff")
    assert (task.scheduled_date, task.estimated_cost) == (datetime(2026, 12, 24, tzinfo=UTC), Decimal("120.50"))
    (entry,) = stored(select(TaskHistory))
    assert (entry.status, entry.written_here, entry.assigned_to) == ("New", True, "Sam Staff")


def test_a_new_task_is_for_whoever_enters_it(client: FlaskClient, store: Store) -> None:
    staff_member(store, 7)
    staff_member(store, 8, email="Mine@Example.com", first_name="Mo")
    sign_in(client, user=make_user("manager", email="mine@example.com"))
    assert fields(client.get("/tasks/new"))["assigned_to_user_id"] == "8"


def test_else_it_is_for_whoever_got_the_last_one(manager: FlaskClient, store: Store) -> None:
    staff_member(store, 7)
    staff_member(store, 8, first_name="Mo")
    task_of(store, assigned_to_user_id=8)
    assert fields(manager.get("/tasks/new"))["assigned_to_user_id"] == "8"


@pytest.mark.parametrize("kind", ["Todo", "ContactRequest"])
def test_somebody_has_to_do_what_buildium_wants_somebody_for(manager: FlaskClient, kind: str) -> None:
    page = manager.post("/tasks/new", data={"subject": "x", "task_type": kind, "contact_first_name": "Carl"})
    assert errors(page)["assigned_to_user_id"].startswith("Choose who does it.")


def test_two_edits_at_once_are_compared(manager: FlaskClient, store: Store) -> None:
    staff_member(store, 7)
    task = task_of(store, assigned_to_user_id=7, scheduled_date=midnight(5))
    place = f"/tasks/{task.id}/edit"
    form = fields(manager.get(place))
    due = midnight(9).date().isoformat()
    assert manager.post(place, data={**form, "priority": "High", "scheduled_date": due}).status_code == 303
    compared = manager.post(place, data={**form, "priority": "Low"})
    assert compared.status_code == 409
    assert rows(compared) == ["Priority", "Due date"]
    assert fields(compared)["scheduled_date"] == due


def test_who_has_left_gets_no_new_task(manager: FlaskClient, store: Store) -> None:
    staff_member(store, 7, is_active=False)
    page = manager.post("/tasks/new", data=filled(manager, assigned_to_user_id="7"))
    assert errors(page)["assigned_to_user_id"] == "Choose somebody who works here: Buildium refuses the others."


def test_the_kind_decides_what_is_asked_for(manager: FlaskClient) -> None:
    assert "requested_by_tenant_id" not in fields(manager.get("/tasks/new"))
    chosen = {"subject": "Typed before", "task_type": "ResidentRequest", "kind-chosen": "1"}
    page = manager.post("/tasks/new", data=chosen)
    assert page.status_code == 200
    form = fields(page)
    assert (form["subject"], "requested_by_tenant_id" in form, "property_id" in form) == ("Typed before", True, False)
    assert "contact_first_name" in fields(manager.get("/tasks/new?task_type=ContactRequest"))


def test_a_resident_request_is_where_the_tenant_lives(manager: FlaskClient, store: Store, stored: Stored) -> None:
    lease, tenant = tenancy(store)
    form = filled(manager, "/tasks/new?task_type=ResidentRequest", requested_by_tenant_id=str(tenant.id))
    answer = manager.post("/tasks/new", data={**form, "entry_permitted": "y"})
    assert answer.status_code == 303, errors(answer)
    task = the_task(stored)
    assert (task.lease_id, task.property_id, task.unit_id) == (lease.id, lease.property_id, lease.unit_id)
    assert (task.requested_by_tenant_id, task.entry_permitted, task.has_pets) == (tenant.id, True, False)


def test_a_tenant_asks_under_a_lease_of_theirs(manager: FlaskClient, store: Store) -> None:
    lease, _ = tenancy(store)
    _, other = tenancy(store, city="Portland")
    form = filled(manager, "/tasks/new?task_type=ResidentRequest", requested_by_tenant_id=str(other.id))
    page = manager.post("/tasks/new", data={**form, "lease_id": str(lease.id)})
    assert "is not on this lease" in errors(page)["lease_id"]


def test_an_owner_request_names_its_owner(manager: FlaskClient, store: Store, stored: Stored) -> None:
    owner = Owner(is_company=True, company_name="Oak Holdings")
    store(owner)
    form = filled(manager, "/tasks/new?task_type=RentalOwnerRequest")
    assert errors(manager.post("/tasks/new", data=form))["requested_by_owner_id"] == "Choose the owner who asks."
    assert manager.post("/tasks/new", data={**form, "requested_by_owner_id": str(owner.id)}).status_code == 303
    task = the_task(stored)
    assert (task.task_type, task.requested_by_owner_id) == ("RentalOwnerRequest", owner.id)


def test_a_contact_request_needs_a_first_name(manager: FlaskClient, store: Store, stored: Stored) -> None:
    staff_member(store)
    form = filled(manager, "/tasks/new?task_type=ContactRequest", assigned_to_user_id="7")
    page = manager.post("/tasks/new", data={**form, "contact_phone_work": "555"})
    assert errors(page)["contact_first_name"] == "Enter the first name of whoever asks."
    assert errors(page)["contact_phone_work"].startswith("Enter 10 to 20 characters")
    assert manager.post("/tasks/new", data={**form, "contact_first_name": "Carl"}).status_code == 303
    assert the_task(stored).contact_first_name == "Carl"


def test_a_task_is_about_an_active_property_and_a_unit_of_it(manager: FlaskClient, store: Store) -> None:
    staff_member(store)
    shut, house = Property(name="Shut", is_active=False), Property(name="Alder")
    unit = Unit(property=house, unit_number="1")
    store(shut, house, unit)
    form = filled(manager, assigned_to_user_id="7")
    page = manager.post("/tasks/new", data={**form, "property_id": str(shut.id)})
    assert errors(page)["property_id"] == "Shut is inactive. Buildium takes tasks of active properties only."
    page = manager.post("/tasks/new", data={**form, "property_id": str(shut.id), "unit_id": str(unit.id)})
    assert errors(page)["unit_id"] == "Choose a unit of Shut, or leave the property empty."


def test_a_sub_category_is_one_of_the_categorys(manager: FlaskClient, store: Store) -> None:
    staff_member(store)
    one, other = TaskCategory(name="A", sub_categories=[{"Id": 1, "Name": "a"}]), TaskCategory(name="B")
    store(one, other)
    form = filled(manager, assigned_to_user_id="7", sub_category_id="1")
    assert errors(manager.post("/tasks/new", data=form))["sub_category_id"] == "Choose the category, too."
    page = manager.post("/tasks/new", data={**form, "category_id": str(other.id)})
    assert errors(page)["sub_category_id"] == "Choose one that begins with “B”."


def test_a_cost_that_no_column_holds_is_refused(manager: FlaskClient, store: Store) -> None:
    staff_member(store)
    page = manager.post("/tasks/new", data=filled(manager, assigned_to_user_id="7", actual_cost="100000000"))
    assert errors(page)["actual_cost"] == "Enter 99,999,999.99 at most."


def test_what_buildium_takes_once_is_shown_and_not_asked_for(manager: FlaskClient, store: Store) -> None:
    staff_member(store)
    task = task_of(store, description="Drips.", buildium_task_id=12, assigned_to_user_id=7)
    page = manager.get(f"/tasks/{task.id}/edit")
    assert not {"description", "task_type"} & set(fields(page))
    assert "Drips." in words(parsed(page))
    assert "Neither can its description" in words(parsed(page))
    assert link(page, "Add a note instead") == f"/tasks/{task.id}/history"


def test_a_description_can_be_changed_until_buildium_has_it(manager: FlaskClient, store: Store, stored: Stored) -> None:
    staff_member(store)
    task = task_of(store, description="Drips.", assigned_to_user_id=7)
    form = fields(manager.get(f"/tasks/{task.id}/edit"))
    manager.post(f"/tasks/{task.id}/edit", data={**form, "description": "Drips a lot."})
    assert the_task(stored).description == "Drips a lot."


def test_an_edit_of_the_status_is_an_entry_with_its_note(manager: FlaskClient, store: Store, stored: Stored) -> None:
    staff_member(store)
    task = task_of(store, assigned_to_user_id=7)
    form = fields(manager.get(f"/tasks/{task.id}/edit"))
    manager.post(f"/tasks/{task.id}/edit", data={**form, "status": "InProgress", "notes": "On my way"})
    made = stored(select(TaskHistory).order_by(TaskHistory.entry_at))[-1]
    assert (made.status, made.notes, made.changes_status) == ("InProgress", "On my way", True)
    form = fields(manager.get(f"/tasks/{task.id}/edit"))
    assert form["notes"] == ""
    manager.post(f"/tasks/{task.id}/edit", data={**form, "subject": "Fix both taps"})
    assert len(stored(select(TaskHistory))) == 2


def test_who_is_taken_off_is_no_longer_named(manager: FlaskClient, store: Store, stored: Stored) -> None:
    staff_member(store)
    owner = Owner(is_company=True, company_name="Oak Holdings")
    store(owner)
    task = task_of(store, task_type="RentalOwnerRequest", requested_by_owner_id=owner.id, assigned_to_user_id=7)
    form = fields(manager.get(f"/tasks/{task.id}/edit"))
    manager.post(f"/tasks/{task.id}/edit", data={**form, "assigned_to_user_id": ""})
    assert (the_task(stored).assigned_to_user_id, the_task(stored).assigned_to) == (None, None)


def midnight(days: int) -> datetime:
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=days)


def test_the_list_is_narrowed_by_all_that_matters(client: FlaskClient, store: Store) -> None:
    staff_member(store, 7, email="mine@example.com")
    staff_member(store, 8)
    sign_in(client, user=make_user("manager", email="mine@example.com"))
    house = Property(name="Alder")
    store(house)
    task_of(store, subject="Late", scheduled_date=midnight(-1), assigned_to_user_id=7, property_id=house.id)
    task_of(store, subject="Late but done", scheduled_date=midnight(-1), status="Completed", assigned_to_user_id=8)
    task_of(store, subject="Today", scheduled_date=midnight(0), priority="High", assigned_to_user_id=8)
    task_of(store, subject="Soon", scheduled_date=midnight(6), task_type="RentalOwnerRequest")
    found = {
        "status=open": {"Late", "Today", "Soon"},
        "status=finished": {"Late but done"},
        "status=Completed": {"Late but done"},
        "due=overdue": {"Late"},
        "due=today": {"Today"},
        "due=week": {"Today", "Soon"},
        "due=none": set(),
        "assigned_to_user_id=mine": {"Late"},
        "assigned_to_user_id=8": {"Late but done", "Today"},
        "assigned_to_user_id=nobody": {"Soon"},
        "priority=High": {"Today"},
        "task_type=RentalOwnerRequest": {"Soon"},
        f"property_id={house.id}": {"Late"},
        "q=soon": {"Soon"},
    }
    for query, subjects in found.items():
        assert set(rows(client.get(f"/tasks?{query}"))) == subjects, query
    assert "New, overdue" in words(parsed(client.get("/tasks?due=overdue")))


def test_what_is_no_filter_is_said(manager: FlaskClient) -> None:
    for query in ("assigned_to_user_id=nonsense", "category_id=nonsense", "due=nonsense"):
        assert "so it was left out" in words(parsed(manager.get(f"/tasks?{query}")))


def test_a_property_and_a_unit_show_their_tasks(manager: FlaskClient, store: Store) -> None:
    house = Property(name="Alder")
    unit = Unit(property=house, unit_number="1")
    store(house, unit)
    task_of(store, property_id=house.id, unit_id=unit.id)
    for page in (f"/properties/{house.id}", f"/units/{unit.id}"):
        assert "Fix the tap" in words(parsed(manager.get(page)))
    assert fields(manager.get(f"/tasks/new?unit_id={unit.id}"))["unit_id"] == str(unit.id)


def test_age_is_counted_until_a_task_is_done(app: Flask) -> None:
    from portal.entities.tasks.columns import age

    began = now() - timedelta(days=10, hours=1)
    done = Task(subject="x", status="Completed", created_at=began, completed_date=began + timedelta(days=3))
    with app.app_context():
        assert age(Task(subject="x", status="New", created_at=began)) == 10
        assert age(done) == 3


def test_every_column_has_its_heading_once(app: Flask) -> None:
    with app.app_context():
        headings = [each.heading for each in screens()["tasks"].columns]
    assert len(set(headings)) == len(headings)


def test_the_page_of_its_sync_names_each_value_once(manager: FlaskClient, store: Store, stored: Stored) -> None:
    staff_member(store)
    assert manager.post("/tasks/new", data=filled(manager, assigned_to_user_id="7")).status_code == 303
    (row,) = stored(select(SyncStatus.id).where(SyncStatus.entity_type == "task"))
    headings = [
        words(each) for each in parsed(manager.get(f"/sync/records/{row}")).iter("th") if each.get("scope") == "row"
    ]
    assert "Subject" in " ".join(headings)
    assert len(set(headings)) == len(headings)
