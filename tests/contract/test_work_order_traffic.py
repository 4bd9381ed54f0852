"""What is said to Buildium about work orders, judged by its document."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from portal.database import now
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.staff_users.model import StaffUser
from portal.entities.tasks.model import Task
from portal.entities.vendor_categories.model import VendorCategory
from portal.entities.vendors.model import Vendor
from portal.entities.work_orders.model import WorkOrder, WorkOrderLine
from tests.contract.test_traffic import WIDE, agreed, clear
from tests.contract.traffic import Traffic
from tests.live import Live

PATH = "/v1/workorders"
# The longest that Buildium takes, as MAPPING §4.17 says.
FULL: dict[str, Any] = {
    "subject": "t" * 127,
    "description": WIDE + "d" * 65_000,
    "notes": WIDE + "n" * 65_000,
    "entry_allowed": "No",
    "entry_notes": WIDE + "e" * 65_000,
    "invoice_number": "4" * 50,
    "chargeable_to": "c" * 100,
}


def test_a_work_order_with_everything_is_created_updated_and_cleared_again(live: Live, traffic: Traffic) -> None:
    number = live.add_there("users", FirstName="Dana", LastName="Dee", UserTypes=["Staff"])
    live.save(StaffUser(buildium_user_id=number, first_name="Dana"))
    vendor = Vendor(name="Ace Plumbing", category=VendorCategory(name="Plumbing"))
    account = GlAccount(account_number="5110", name="Pipes", sub_type="OperatingExpenses")
    task = Task(subject="Leak", assigned_to_user_id=number)
    task.begin("Pat Manager", now())
    order = WorkOrder(**FULL, vendor=vendor, task=task, entry_contact_ids=[number])
    order.lines = [
        WorkOrderLine(gl_account=account, memo=WIDE, quantity=Decimal("1.5"), unit_price=Decimal("-0.125"), position=0),
        WorkOrderLine(quantity=Decimal(0), unit_price=Decimal(0), position=1),
    ]
    live.save(account, order)
    agreed(live, vendor, task, order)
    (sent,) = traffic.bodies("POST", PATH)
    assert set(sent) == {
        *("Title", "VendorId", "TaskId", "WorkDetails", "VendorNotes", "EntryAllowed", "EntryNotes"),
        *("EntryContactIds", "InvoiceNumber", "ChargeableTo", "LineItems"),
    }
    assert sent["LineItems"][1] == {"Quantity": 0.0, "UnitPrice": 0.0}
    clear(order, "description", "notes", "entry_notes", "invoice_number", "chargeable_to", "entry_contact_ids")
    order.lines, order.entry_allowed = [], "Unknown"
    live.save(order)
    agreed(live, order)
    cleared = traffic.bodies("PUT", f"{PATH}/{order.buildium_work_order_id}")[-1]
    kept = {"Title": "t" * 127, "VendorId": sent["VendorId"], "EntryAllowed": "Unknown"}
    assert {key: value for key, value in cleared.items() if value} == kept
