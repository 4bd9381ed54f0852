"""Tasks to Buildium and back: four kinds, each in its own place (MAPPING §4.13)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from portal.config import Settings
from portal.entities.days import day_in, day_out
from portal.entities.tasks.model import Task
from portal.extensions import db
from portal.sync.current import current_sync
from portal.sync.page import Outcome
from portal.sync.pull import pull_one
from tests.live import Live
from tests.records import synced_property
from tests.task_records import sent_task, staff_member, synced_owner, tenancy, to_do


def arrive(live: Live, task: Task) -> None:
    live.save(task)
    live.work()
    assert live.state(task) == "synced", live.row(task).error_message


def test_a_to_do_arrives_with_its_place_and_its_day(live: Live) -> None:
    house = synced_property(live)
    due = datetime(2026, 12, 24, tzinfo=UTC)
    task = to_do(staff_member(live), property=house, unit=house.units[0], scheduled_date=due, description="Drips.")
    arrive(live, task)
    found = live.get(f"/v1/tasks/todorequests/{task.buildium_task_id}")
    assert (found["Title"], found["Description"], found["DueDate"]) == ("Fix the tap", "Drips.", "2026-12-24")
    assert (found["Property"]["Id"], found["UnitId"]) == (house.buildium_property_id, house.units[0].buildium_unit_id)


def test_a_resident_request_arrives_for_its_tenant(live: Live) -> None:
    lease, person = tenancy(live)
    task = to_do(
        staff_member(live), task_type="ResidentRequest", lease_id=lease.id, property_id=lease.property_id,
        unit_id=lease.unit_id, requested_by_tenant_id=person.tenant_id, entry_permitted=True,
    )  # fmt: skip
    arrive(live, task)
    found = live.get(f"/v1/tasks/residentrequests/{task.buildium_task_id}")
    assert found["RequestedByUserEntity"]["Id"] == person.tenant.buildium_tenant_id
    assert (found["UnitAgreement"]["Id"], found["IsEntryPermittedByResident"]) == (lease.buildium_lease_id, True)
    assert task.unit_id == lease.unit_id


def test_an_owner_request_needs_nobody_to_be_responsible(live: Live) -> None:
    owner = synced_owner(live)
    task = to_do(
        staff_member(live), task_type="RentalOwnerRequest", requested_by_owner_id=owner.id, assigned_to_user_id=None
    )
    arrive(live, task)
    found = live.get(f"/v1/tasks/rentalownerrequests/{task.buildium_task_id}")
    assert found["RequestedByUserEntity"]["Id"] == owner.buildium_owner_id
    assert not found["AssignedToUserId"]


def test_a_contact_request_keeps_its_contact_through_updates(live: Live) -> None:
    task = to_do(
        staff_member(live), task_type="ContactRequest", contact_first_name="Carl", contact_phone_mobile="503 555 0101"
    )
    arrive(live, task)
    task.priority = "High"
    arrive(live, task)
    found = live.get(f"/v1/tasks/contactrequests/{task.buildium_task_id}")
    assert found["Priority"] == "High"
    assert found["ContactDetail"]["FirstName"] == "Carl"
    assert found["ContactDetail"]["PhoneNumbers"]["Mobile"] == "503 555 0101"


def test_an_update_goes_to_the_place_of_its_kind(live: Live) -> None:
    task = sent_task(live)
    task.subject = "Fix both taps"
    arrive(live, task)
    assert live.get(f"/v1/tasks/{task.buildium_task_id}")["Title"] == "Fix both taps"
    assert live.asked("PUT", f"/v1/tasks/todorequests/{task.buildium_task_id}") == 1


@pytest.mark.parametrize("place", ["todorequests", "contactrequests"])
def test_a_task_made_in_buildium_comes_with_its_kind(live: Live, place: str) -> None:
    who = staff_member(live)
    body = {"Title": "There", "TaskStatus": "New", "Priority": "Low", "AssignedToUserId": who.buildium_user_id}
    contact = {"ContactDetail": {"FirstName": "Carl"}} if place == "contactrequests" else {}
    made = live.http.post(f"/v1/tasks/{place}", json={**body, **contact}).raise_for_status().json()
    assert pull_one(current_sync().resource("task"), made["Id"]) is Outcome.CREATED
    task = db.session.query(Task).one()
    assert (task.subject, task.priority, task.assigned_to) == ("There", "Low", "Sam Staff")
    assert task.task_type == {"todorequests": "Todo", "contactrequests": "ContactRequest"}[place]


def test_who_is_taken_off_a_task_there_is_no_longer_named_here(live: Live) -> None:
    owner = synced_owner(live)
    task = sent_task(live, task_type="RentalOwnerRequest", requested_by_owner_id=owner.id)
    assert task.assigned_to == "Sam Staff"
    live.edit_there("tasks", task.buildium_task_id or 0, AssignedToUserId=None)
    pull_one(current_sync().resource("task"), task.buildium_task_id or 0)
    db.session.refresh(task)
    assert task.assigned_to_user_id is None
    assert task.assigned_to is None


def test_a_description_is_sent_once_and_taken_over_from_then_on(live: Live) -> None:
    task = sent_task(live, description="First words")
    live.edit_there("tasks", task.buildium_task_id or 0, Description="Other words")
    pull_one(current_sync().resource("task"), task.buildium_task_id or 0)
    assert task.description == "Other words"


def test_a_task_of_an_inactive_property_is_not_sent(live: Live) -> None:
    house = synced_property(live)
    house.is_active = False
    live.save(house)
    live.work()
    task = to_do(staff_member(live), property=house)
    live.save(task)
    live.work()
    assert live.state(task) == "blocked"
    assert "inactive" in (live.row(task).error_message or "")
    assert live.asked("POST", "/v1/tasks/todorequests") == 0


def test_a_create_whose_answer_was_lost_is_found_again(live: Live) -> None:
    task = to_do(staff_member(live))
    live.fault("commit_then_drop", method="POST", path="/v1/tasks/todorequests")
    live.save(task)
    live.work()
    assert live.state(task) == "uncertain"
    live.work_later()
    live.work_later()
    assert live.state(task) == "synced", live.row(task).error_message
    assert [each["Id"] for each in live.get("/v1/tasks/todorequests")] == [task.buildium_task_id]


def test_an_older_task_of_the_same_words_is_not_taken_for_the_lost_one(live: Live) -> None:
    who = staff_member(live)
    old = live.add_there("tasks", TaskType="Todo", Title="Fix the tap", AssignedToUserId=who.buildium_user_id)
    long_ago(live, old)
    task = to_do(who)
    live.fault("drop", method="POST", path="/v1/tasks/todorequests")
    live.save(task)
    live.work()
    for _ in range(4):
        live.work_later()
    assert live.state(task) == "synced", live.row(task).error_message
    assert task.buildium_task_id != old


def long_ago(live: Live, task_id: int) -> None:
    """Make the task a year old in the sandbox's own memory."""
    with live.sandbox.simulation.change() as world:
        record = world.get("tasks", task_id)
        assert record is not None
        object.__setattr__(record, "created", record.created - timedelta(days=365))


def test_a_late_evening_is_still_the_same_day(app: Flask, settings: Settings) -> None:
    """Half past eleven in the evening in New York is the next day in UTC (MAPPING §10.35)."""
    from dataclasses import replace

    with app.app_context():
        before = app.extensions["settings"]
        app.extensions["settings"] = replace(settings, time_zone=ZoneInfo("America/New_York"))
        try:
            assert day_out(datetime(2026, 11, 22, 4, 30, tzinfo=UTC)) == "2026-11-21"
            assert day_out(day_in("2026-11-21")) == "2026-11-21"
        finally:
            app.extensions["settings"] = before
