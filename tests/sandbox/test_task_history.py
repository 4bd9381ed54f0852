"""The history of a task: who makes its entries, and the one thing that can be changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox import bodies, bodies_tasks
from tests.sandbox.running import Served, Subscriber

TO_DOS = "/v1/tasks/todorequests"
STAFF = 1002


@pytest.fixture
def task(server: Served) -> dict[str, Any]:
    return server.made(TO_DOS, bodies_tasks.to_do(STAFF, Description="It drips.", DueDate="2031-02-03"))


def history(server: Served, task_id: int) -> list[dict[str, Any]]:
    return list(server.api.get(f"/v1/tasks/{task_id}/history?orderby=Id").json())


def test_a_new_task_has_one_entry_with_its_description(server: Served, task: dict[str, Any]) -> None:
    (entry,) = history(server, task["Id"])
    assert (entry["Message"], entry["TaskStatus"], entry["DueDate"]) == ("It drips.", "New", "2031-02-03")
    assert (entry["AssignedToUserId"], entry["FileIds"]) == (STAFF, [])
    assert entry["CreatedDateTIme"] == task["CreatedDateTime"]
    assert (entry["CreatedByUser"]["Id"], entry["CreatedByUser"]["UserType"]) == (1001, "Staff")
    assert server.api.get(f"/v1/tasks/{task['Id']}/history/{entry['Id']}").json() == entry


def test_each_update_makes_an_entry_with_its_message(server: Served, task: dict[str, Any]) -> None:
    for message in ("Called them.", None, ""):
        body = bodies_tasks.update(AssignedToUserId=1003, Message=message)
        changed = server.api.put(f"{TO_DOS}/{task['Id']}", json=body).json()
        assert "Message" not in changed
    entries = history(server, task["Id"])
    assert [entry["Message"] for entry in entries] == ["It drips.", "Called them.", None, None]
    assert {entry["TaskStatus"] for entry in entries[1:]} == {"InProgress"}
    assert (entries[1]["AssignedToUserId"], entries[1]["DueDate"]) == (1003, None)


def test_entries_can_be_switched_off_but_for_messages(server: Served) -> None:
    server.switch(task_history_on_create=False, task_history_on_update=False)
    task = server.made(TO_DOS, bodies_tasks.to_do(STAFF))["Id"]
    for message in (None, "Only this."):
        body = bodies_tasks.update(AssignedToUserId=STAFF, Message=message)
        assert server.api.put(f"{TO_DOS}/{task}", json=body).status_code == 200
    assert [entry["Message"] for entry in history(server, task)] == ["Only this."]


def test_a_refused_update_leaves_no_entry(server: Served, task: dict[str, Any]) -> None:
    body = bodies_tasks.update(AssignedToUserId=999_999, Message="No.")
    assert server.api.put(f"{TO_DOS}/{task['Id']}", json=body).status_code == 422
    assert len(history(server, task["Id"])) == 1


def test_an_entry_says_with_whom_it_was_shared(server: Served, bank_account_id: int) -> None:
    building = server.made("/v1/rentals", bodies.rental(bank_account_id))["Id"]
    owner = server.made("/v1/rentals/owners", bodies.owner([building]))["Id"]
    unit = server.api.get(f"/v1/rentals/units?propertyids={building}").json()[0]["Id"]
    lease = server.made("/v1/leases", bodies.lease(unit, Tenants=[bodies.tenant()]))
    tenant = lease["Tenants"][0]["Id"]
    asked = [
        ("rentalownerrequests", bodies_tasks.owner_request(owner), ["RentalOwners"]),
        ("residentrequests", bodies_tasks.resident_request(lease["Id"], tenant), ["Residents"]),
        (
            "residentrequests",
            bodies_tasks.resident_request(lease["Id"], tenant, ShareWithRentalOwners=True),
            ["Residents", "RentalOwners"],
        ),
    ]
    for kind, body, shared in asked:
        (entry,) = history(server, server.made(f"/v1/tasks/{kind}", body)["Id"])
        assert (entry["SharedWith"], entry["AssignedToUserId"]) == (shared, 0)


def test_only_the_message_of_an_entry_can_be_changed(
    subscribed: Served, subscriber: Subscriber, task: dict[str, Any]
) -> None:
    subscriber.events(2)
    (entry,) = history(subscribed, task["Id"])
    path = f"/v1/tasks/{task['Id']}/history/{entry['Id']}"
    changed = subscribed.api.put(path, json={"Message": "It pours."}).json()
    dated = ("LastUpdatedDateTime", "LastUpdatedByUser")
    assert {**changed, **{name: entry[name] for name in dated}} == {**entry, "Message": "It pours."}
    event = subscriber.next().event
    assert (event["EventName"], event["TaskHistoryId"]) == ("Task.History.Updated", entry["Id"])
    assert subscribed.api.get(f"/v1/tasks/{task['Id']}").json()["Description"] == "It drips."
    assert subscribed.api.put(path, json={"Message": ""}).status_code == 422
    assert subscribed.api.put(path, json={"Message": "x", "TaskStatus": "Closed"}).status_code == 400
    assert subscribed.api.post(f"/v1/tasks/{task['Id']}/history", json={"Message": "New"}).status_code == 405


def test_an_entry_is_served_under_its_own_task_only(server: Served, task: dict[str, Any]) -> None:
    other = server.made(TO_DOS, bodies_tasks.to_do(STAFF))["Id"]
    (entry,) = history(server, task["Id"])
    path = f"/v1/tasks/{other}/history/{entry['Id']}"
    assert server.api.get(path).status_code == 404
    assert server.api.put(path, json={"Message": "No."}).status_code == 404
    assert server.api.get("/v1/tasks/999999/history").status_code == 404


def test_the_web_pages_can_add_entries_of_other_people(server: Served, task: dict[str, Any]) -> None:
    vendor_category = server.made("/v1/vendors/categories", bodies_tasks.category())["Id"]
    vendor = server.made("/v1/vendors", bodies_tasks.vendor(vendor_category))["Id"]
    by_hand = {"TaskId": task["Id"], "Message": "Fixed.", "CreatedByType": "Vendor", "CreatedById": vendor}
    server.control("POST", "/records/task_history", {**by_hand, "TaskStatus": "Completed"})
    last = history(server, task["Id"])[-1]
    assert (last["TaskStatus"], last["CreatedByUser"]["UserType"], last["LastUpdatedByUser"]) == (
        "Completed",
        "Vendor",
        None,
    )
