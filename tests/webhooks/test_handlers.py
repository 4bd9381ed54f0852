from __future__ import annotations

import pytest

from portal.entities.vendor_categories.model import VendorCategory
from portal.entities.vendors.model import Vendor
from portal.sync.page import Outcome
from portal.webhooks import handlers
from tests.live import Live
from tests.records import owner_of, synced_property
from tests.task_records import entries, sent_task


def test_the_seeds_mapping_functions_give_the_body_that_creates_the_record(live: Live) -> None:
    house = synced_property(live)
    owner = owner_of(house)
    live.save(owner)
    assert handlers.map_property_to_buildium(house.id)["Name"] == "Harbor View"
    assert handlers.map_unit_to_buildium(house.units[0].id)["PropertyId"] == house.buildium_property_id
    assert handlers.map_owner_to_buildium(owner.id)["PropertyIds"] == [house.buildium_property_id]


def test_the_seeds_mapping_function_of_vendors_gives_the_body_that_creates_one(live: Live) -> None:
    category = VendorCategory(name="Plumbing", buildium_category_id=12)
    vendor = Vendor(name="Ace Plumbing", category=category, phone_number="2075550101")
    live.save(category, vendor)
    assert handlers.map_vendor_to_buildium(vendor.id) == {
        "IsCompany": True,
        "CompanyName": "Ace Plumbing",
        "CategoryId": 12,
        "PhoneNumbers": {"Work": "2075550101"},
    }


def test_an_event_given_by_hand_is_handled_at_once(live: Live) -> None:
    house = synced_property(live)
    live.edit_there("rentals", house.buildium_property_id or 0, Name="By hand")
    body = {"AccountId": 1, "PropertyId": house.buildium_property_id}
    assert handlers.process_buildium_webhook_event("evt_1", "Rental.Updated", body) == "processed"
    assert house.name == "By hand"


def test_a_state_given_by_hand_is_kept(live: Live) -> None:
    house = synced_property(live)
    handlers.update_buildium_sync_status("property", str(house.id), house.buildium_property_id, "held")
    assert live.state(house) == "held"


@pytest.mark.parametrize(
    ("handler", "kind", "path"),
    [
        (handlers.handle_property_webhook_update, "rentals", "/v1/rentals"),
        (handlers.handle_unit_webhook_update, "units", "/v1/rentals/units"),
    ],
)
def test_the_seeds_handlers_fetch_the_record(live: Live, handler, kind: str, path: str) -> None:  # type: ignore[no-untyped-def]
    synced_property(live)
    there = live.get(path)[0]["Id"]
    live.delete_there(kind, there)
    assert handler(there).value == "missing"


def test_the_seeds_functions_of_tasks_know_their_kinds_and_their_history(live: Live) -> None:
    task = sent_task(live, task_type="ContactRequest", contact_first_name="Carl")
    assert handlers.map_task_to_buildium(task.id)["ContactDetail"] == {"FirstName": "Carl"}
    live.edit_there("tasks", task.buildium_task_id or 0, TaskStatus="Completed")
    live.add_there("task_history", TaskId=task.buildium_task_id, TaskStatus="Completed", Message="Fixed it")
    assert handlers.handle_task_status_webhook(task.buildium_task_id or 0) is Outcome.UPDATED
    assert (task.status, entries(task)[-1].notes) == ("Completed", "Fixed it")
