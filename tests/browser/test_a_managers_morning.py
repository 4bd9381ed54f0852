"""A manager's morning, in a real browser: a lease, a task with a photo, its work order, its bill, its payment.

In the end Buildium has all of it, once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from portal.entities.bills.model import Bill
from portal.entities.leases.model import Lease
from portal.entities.properties.model import Property
from portal.entities.tasks.model import Task
from portal.entities.vendors.model import Vendor
from portal.entities.work_orders.model import WorkOrder
from portal.extensions import db
from tests.browser.conftest import Visit
from tests.browser.stage import Stage, house_of
from tests.browser.visitor import Visitor
from tests.live import Live
from tests.waiting import wait_until

MATCHES = "Matches Buildium as of"
PHOTO = Path(__file__).parents[2] / "portal" / "sandbox" / "static" / "photo.jpg"
SECONDS = 30


def test_a_managers_morning(visit: Visit, stage: Stage) -> None:
    house = house_of(stage, "Morning House")
    me = visit("manager")
    with stage.inside():
        unit = db.session.get_one(Property, house).units[0].id
        vendor = db.session.scalars(select(Vendor).where(Vendor.buildium_vendor_id.is_not(None)).limit(1)).one().id
    let(me, str(unit))
    report(me, str(house), str(unit))
    order(me, str(vendor))
    bill(me)
    pay(me)
    with stage.inside() as live:
        judge(live, house)


def let(me: Visitor, unit: str) -> None:
    """A lease with two tenants, whom nobody mails."""
    me.go(f"/leases/new?unit_id={unit}")
    me.fill(start_date="2027-02-01", end_date="2028-01-31", rent="1,850", deposit_amt="1850")
    me.fill(**{"new_tenants-0-first_name": "Nora", "new_tenants-0-last_name": "Quill"})
    me.fill(**{"new_tenants-0-email": "nora@quill.example"})
    me.press("Add new tenant")
    assert me.page.locator('[name="new_tenants-0-last_name"]').input_value() == "Quill"
    me.fill(**{"new_tenants-1-first_name": "Otto", "new_tenants-1-last_name": "Quill"})
    me.press("Save lease")
    me.reload_until(MATCHES)
    assert "Nora Quill" in me.text()
    assert "Otto Quill" in me.text()


def report(me: Visitor, house: str, unit: str) -> None:
    """A task with a photo on its history."""
    me.go(f"/tasks/new?property_id={house}&unit_id={unit}")
    me.fill(subject="Morning leak under the sink", description="Water on the floor.", priority="High")
    me.press("Save task")
    me.reload_until(MATCHES)
    me.fill(note="The photo shows where.")
    me.page.locator('main [name="files"]').set_input_files(PHOTO)
    me.press("Add to the history")
    me.reload_until("In Buildium")
    me.reload_until(MATCHES)


def order(me: Visitor, vendor: str) -> None:
    me.page.get_by_role("link", name="Make a work order").first.click()
    me.fill(vendor_id=vendor)
    me.fill(**{"lines-0-memo": "Trap and seal", "lines-0-quantity": "2", "lines-0-unit_price": "45.50"})
    me.press("Save work order")
    me.reload_until(MATCHES)
    assert "$91.00" in me.text()


def bill(me: Visitor) -> None:
    me.page.get_by_role("link", name="Make a bill").first.click()
    account = me.page.locator('main [name="lines-0-gl_account_id"]')
    if not account.input_value():
        account.select_option(index=1)
    me.fill(reference_number="MORNING-1", date="2026-11-02", due_date="2026-12-02")
    me.press("Save bill")
    me.reload_until(MATCHES)
    assert "$91.00" in me.text()


def pay(me: Visitor) -> None:
    """Nothing is paid before the page that asks was answered."""
    me.follow("Pay")
    me.fill(date="2026-11-21", reference_number="7001")
    me.press("Go on")
    assert "Buildium can’t undo a payment" in me.text()
    me.press("Pay $91.00")
    me.reload_until(MATCHES)


def judge(live: Live, house: Any) -> None:
    """At Buildium there is one of each, and they belong together."""
    here = db.session.get_one(Property, house)
    lease = db.session.scalars(select(Lease).where(Lease.property_id == house)).one()
    task = db.session.scalars(select(Task).where(Task.property_id == house)).one()
    made = db.session.scalars(select(WorkOrder).where(WorkOrder.task_id == task.id)).one()
    due = db.session.scalars(select(Bill).where(Bill.work_order_id == made.id)).one()
    leases = rows(live.http, "/v1/leases", propertyids=here.buildium_property_id)
    assert [each["Id"] for each in leases] == [lease.buildium_lease_id]
    assert len(leases[0]["Tenants"]) == 2
    assert len(rows(live.http, "/v1/leases/tenants", name="Quill")) == 2
    tasks = rows(live.http, "/v1/tasks", tasktitle="Morning leak under the sink")
    assert [each["Id"] for each in tasks] == [task.buildium_task_id]
    history = rows(live.http, f"/v1/tasks/{task.buildium_task_id}/history")
    assert [each["Message"] for each in history].count("The photo shows where.") == 1
    assert sum(len(each["FileIds"] or ()) for each in history) == 1
    orders = rows(live.http, "/v1/workorders", taskids=task.buildium_task_id)
    assert [(each["Id"], each["Amount"]) for each in orders] == [(made.buildium_work_order_id, 91)]
    bills = rows(live.http, "/v1/bills", referencenumber="MORNING-1")
    assert [(each["Id"], each["WorkOrderId"]) for each in bills] == [(due.buildium_bill_id, orders[0]["Id"])]
    payments = rows(live.http, f"/v1/bills/{due.buildium_bill_id}/payments")
    assert [(each["CheckNumber"], sum(line["Amount"] for line in each["Lines"])) for each in payments] == [("7001", 91)]
    wait_until(lambda: live.get(f"/v1/bills/{due.buildium_bill_id}")["PaidDate"] == "2026-11-21", SECONDS, "the bill")
    assert not live.http.get("/_control/records/emails").json()["items"]


def rows(http: httpx.Client, path: str, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = http.get(path, params=query).raise_for_status().json()
    return found
