"""What goes wrong between the portal and Buildium, made to go wrong: by edits on both sides, and by Buildium itself."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.acting import Actor, Door
from portal.entities.properties.model import Property
from portal.entities.vendor_categories.model import VendorCategory
from portal.entities.vendors.model import Vendor
from portal.extensions import db
from portal.sync import pauses, runs
from portal.sync.models import SyncPause, SyncRun
from portal.webhooks.models import WebhookEvent
from tests.browser.skipped_waits import states, without_waits
from tests.browser.stage import Stage, any_account, house_of
from tests.live import Live
from tests.records import THERE, property_of, unit_of
from tests.waiting import wait_until

EVERYTHING_WORKS = {"permissions": {}, "webhook_sending": True}
MACHINE = Actor.machine(Door.COMMAND)
VENDORS = "Maintenance > Vendors"
WAITING = {"received", "failed"}
PATIENCE = 60


def calm(stage: Stage) -> None:
    """Afterwards: Buildium works, and nothing is paused that an accident has paused."""
    stage.live.clear_faults()
    stage.live.switch(**EVERYTHING_WORKS)
    with stage.inside():
        mine = (SyncPause.entity_type == "vendor", SyncPause.direction == pauses.PUSH)
        for each in db.session.scalars(select(SyncPause.id).where(*mine)).all():
            pauses.resume(each)


def taken_number(stage: Stage) -> UUID:
    """A unit is given a number that another one was given in Buildium, which refuses it (422)."""
    house = house_of(stage, "Walk: taken number")
    with stage.inside() as live:
        record = db.session.get_one(Property, house)
        first, second = unit_of(record, "2B"), unit_of(record, "3C")
        live.save(first, second)
        rests(live, first, "synced")
        rests(live, second, "synced")
        live.edit_there("units", second.buildium_unit_id or 0, UnitNumber="Walk 9")
        first.unit_number = "Walk 9"
        live.save(first)
        rests(live, first, "failed")
        return first.id


def vanished_category(stage: Stage) -> UUID:
    """A vendor is given a category that somebody has just deleted in Buildium: it is refused (404)."""
    with stage.inside() as live:
        gone, other = VendorCategory(name="Walk: gone"), VendorCategory(name="Walk: stays")
        vendor = vendor_of("Walk: vanished category")
        live.save(gone, other, vendor)
        rests(live, gone, "synced")
        rests(live, other, "synced")
        rests(live, vendor, "synced")
        live.switch(webhook_sending=False)
        live.delete_there("vendor_categories", gone.buildium_category_id or 0)
        vendor.category = gone
        live.save(vendor)
        rests(live, vendor, "failed")
        return vendor.id


def lacking_permission(stage: Stage) -> list[UUID]:
    """The key may only look at vendors, and two are changed; then it is given the permission."""
    with stage.inside() as live:
        vendors = [vendor_of(f"Walk: no permission {number}") for number in (1, 2)]
        live.save(*vendors)
        for each in vendors:
            rests(live, each, "synced")
        live.switch(permissions={VENDORS: "View"})
        for each in vendors:
            each.website = "https://permitted.example"
        live.save(*vendors)
        for each in vendors:
            rests(live, each, "failed")
        live.switch(permissions={})
        return [each.id for each in vendors]


def long_outage(stage: Stage) -> list[UUID]:
    """Buildium had a fault with two vendors for longer than there are tries; now it works again."""
    with stage.inside() as live:
        vendors = [vendor_of(f"Walk: outage {number}") for number in (1, 2)]
        live.save(*vendors)
        for each in vendors:
            rests(live, each, "synced")
        for each in vendors:
            live.fault("status", method="PUT", path=f"/v1/vendors/{each.buildium_vendor_id}", status=500, times=None)
            each.website = "https://outlived.example"
        live.save(*vendors)
        without_waits(live, lambda: all(is_in(live, each, "failed") for each in vendors), *vendors)
        live.clear_faults()
        return [each.id for each in vendors]


def edited_twice(stage: Stage) -> UUID:
    """Name and reserve of a property are changed here and in Buildium."""
    house = house_of(stage, "Walk: edited twice", announced=True)
    with stage.inside() as live:
        record = db.session.get_one(Property, house)
        live.edit_there("rentals", record.buildium_property_id or 0, Name="Walk: theirs", YearBuilt=1901)
        record.name, record.year_built = "Walk: ours", 1999
        live.save(record)
        rests(live, record, "conflict")
    return house


def deleted_there(stage: Stage) -> tuple[UUID, int]:
    """A vendor is deleted in Buildium, by mistake. Gives its Buildium id of then, too."""
    with stage.inside() as live:
        vendor = vendor_of("Walk: deleted there")
        live.save(vendor)
        rests(live, vendor, "synced")
        before = vendor.buildium_vendor_id or 0
        live.delete_there("vendors", before)
        rests(live, vendor, "missing")
        return vendor.id, before


def alike_there(stage: Stage) -> tuple[UUID, list[int]]:
    """A create gets no answer, and Buildium has two that it could have made. Gives their ids, too."""
    with stage.inside() as live:
        account, name = any_account(), "Walk: alike"
        live.fault("drop", method="POST", path="/v1/rentals")
        house = property_of(account, name=name)
        live.save(house)
        rests(live, house, "uncertain")
        paid_from = {"OperatingBankAccountId": account.buildium_bank_id}
        body = {"Name": name, "RentalSubType": "MultiFamily", "Address": THERE, **paid_from}
        ids = [live.http.post("/v1/rentals", json=body).raise_for_status().json()["Id"] for _ in range(2)]
        without_waits(live, lambda: live.row(house).candidates, house)
        return house.id, ids


def missing_postal_code(stage: Stage) -> UUID:
    """A property is saved without what Buildium needs."""
    with stage.inside() as live:
        house = property_of(any_account(), name="Walk: missing data", postal_code=None)
        live.save(house)
        rests(live, house, "blocked")
        return house.id


def dead_webhook(stage: Stage) -> UUID:
    """The key may not read vendors when Buildium tells of a change; when it may again, the portal has given up."""
    with stage.inside() as live:
        vendor = vendor_of("Walk: dead webhook")
        live.save(vendor)
        rests(live, vendor, "synced")
        mine = select(WebhookEvent).where(WebhookEvent.buildium_entity_id == vendor.buildium_vendor_id)
        wait_until(lambda: states(mine) and not states(mine) & WAITING, PATIENCE, "the webhook about the create")
        live.switch(permissions={VENDORS: "None"})
        path = f"/_control/records/vendors/{vendor.buildium_vendor_id}"
        live.http.patch(path, json={"Website": "https://replayed.example"}).raise_for_status()
        wait_until(lambda: "failed" in states(mine), PATIENCE, "the webhook to fail")
        without_waits(live, lambda: "dead" in states(mine))
        live.switch(permissions={})
        return vendor.id


def paused_kind(stage: Stage) -> UUID:
    """Somebody has paused the sending of vendors, and one is saved."""
    with stage.inside() as live:
        pauses.pause("vendor", pauses.PUSH, "The vendors are being tidied up", "Pat Manager")
        vendor = vendor_of("Walk: paused")
        live.save(vendor)
        rests(live, vendor, "held")
        return vendor.id


def failed_run(stage: Stage) -> UUID:
    """The comparison of the vendors' categories meets a fault of Buildium's, which is over by now."""
    with stage.inside(MACHINE) as live:
        live.fault("status", method="GET", path="/v1/vendors/categories*", status=404, times=None)
        batch = runs.begin(runs.Kind.FULL, ["vendor_category"], "Pat Manager")

        def run() -> SyncRun:
            db.session.rollback()
            return db.session.scalars(select(SyncRun).where(SyncRun.batch == batch)).one()

        wait_until(lambda: run().state == "failed", PATIENCE, "the comparison to fail")
        live.clear_faults()
        return run().id


def vendor_of(name: str, **values: Any) -> Vendor:
    if "category" not in values:
        values["category"] = db.session.scalars(select(VendorCategory).order_by(VendorCategory.name)).first()
    return Vendor(name=name, **values)


def rests(live: Live, record: Any, state: str) -> None:
    wait_until(partial(is_in, live, record, state), PATIENCE, f"{record} to be {state}")
    # What a worker wrote meanwhile is read again.
    db.session.rollback()


def is_in(live: Live, record: Any, state: str) -> bool:
    return live.state(record) == state
