"""Every page of the portal: how a person gets there, and what must be there to see."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, select, update

from portal.acting import Actor, Door
from portal.database import now
from portal.entities.bank_accounts.model import BankAccount
from portal.entities.bill_categories.model import BillCategory
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.owners.model import Owner
from portal.entities.ownerships.model import Ownership
from portal.entities.properties.model import Property
from portal.entities.task_categories.model import TaskCategory
from portal.entities.units.model import Unit
from portal.entities.vendor_categories.model import VendorCategory
from portal.entities.vendors.model import Vendor
from portal.extensions import db
from portal.sync.current import current_sync
from portal.sync.models import ApiCall, SyncPause, SyncStatus
from portal.sync.pauses import PUSH, SHADOW, pause
from portal.sync.pull import pull_one
from portal.sync.shadow_models import Shadow
from portal.webhooks.models import WebhookEvent
from tests.browser.bill_examples import bills
from tests.browser.lease_examples import leases
from tests.browser.payment_examples import payments
from tests.browser.stage import Stage, any_account, house_of
from tests.browser.sync_examples import dashboard
from tests.browser.task_examples import tasks
from tests.browser.visitor import Visitor
from tests.browser.work_examples import works
from tests.live import Live
from tests.people import PASSWORD, make_user
from tests.records import ADDRESS, owner_of, property_of, unit_of
from tests.waiting import wait_until

MACHINE = Actor.machine(Door.COMMAND)
NOWHERE = UUID(int=404)

Ids = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """One page. `path` may hold names of `examples` in braces, `status` is its answer; `act` does the rest of the way
    once the page at `path` is open, `shows` is a part of its text. `role` is who looks, "" nobody signed in."""

    name: str
    path: str
    role: str = "administrator"
    status: int = 200
    act: Callable[[Visitor, Stage, Ids], None] | None = None
    shows: str = ""

    def open(self, visitor: Visitor, stage: Stage, ids: Ids) -> None:
        status = visitor.go(self.path.format(**ids))
        if self.act:
            self.act(visitor, stage, ids)
        else:
            assert status == self.status, f"{self.path} answers {status}"
        assert self.shows in visitor.page.locator("body").inner_text(), f"nothing says “{self.shows}”"


def send_empty(visitor: Visitor, *_: Any) -> None:
    """Send a form as it is, which isn't enough."""
    with visitor.page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        visitor.page.locator("main form[method=post] button[type=submit]:not([name], [aria-hidden])").first.click()
    assert answer.value.status == 422


def overtaken(visitor: Visitor, stage: Stage, ids: Ids) -> None:
    """Edit a property that somebody else saves meanwhile."""
    with stage.inside():
        house = db.session.get_one(Property, ids["disputed"])
        house.name, house.year_built = f"{house.name} again", (house.year_built or 1900) + 1
        db.session.commit()
    visitor.fill(name="Mine", structure_description="Mine too")
    with visitor.page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        visitor.press("Save property")
    assert answer.value.status == 409


def wrong_password(visitor: Visitor, *_: Any) -> None:
    visitor.fill(email="nobody@example.com", password="wrong")
    visitor.press("Sign in")


def signed_in_first(visitor: Visitor, stage: Stage, _: Ids) -> None:
    with stage.inside():
        person = make_user("staff", must_change_password=True)
    visitor.fill(email=person.email, password=PASSWORD)
    visitor.press("Sign in")


def saved_unit(visitor: Visitor, *_: Any) -> None:
    """What a page says right after a save."""
    visitor.fill(unit_number=uuid4().hex[:8])
    visitor.press("Save unit")


def revealed(visitor: Visitor, *_: Any) -> None:
    visitor.press("Reveal")


def first_revealed(visitor: Visitor, *_: Any) -> None:
    visitor.page.get_by_role("button", name="Reveal").first.click()


def entered_twice(visitor: Visitor, *_: Any) -> None:
    """Enter a vendor that exists."""
    visitor.fill(name="Ace Plumbing")
    visitor.press("Save vendor")


def new_password(visitor: Visitor, *_: Any) -> None:
    visitor.press("Make a new password")


def one_more_line(visitor: Visitor, *_: Any) -> None:
    visitor.press("Add line")


def one_more_item(visitor: Visitor, *_: Any) -> None:
    visitor.press("Add item")


def moved_card(visitor: Visitor, *_: Any) -> None:
    """Move a card: its column is another one then, and it has the focus."""
    visitor.page.get_by_role("button", name="Start “Mend the sink”").click()
    visitor.page.wait_for_url("**/work-orders/board?*moved=*")
    focused = "document.activeElement.classList.contains('board-card') && document.activeElement.innerText"
    assert "Mend the sink" in visitor.page.evaluate(focused)


def one_more_tenant(visitor: Visitor, *_: Any) -> None:
    visitor.fill(**{"new_tenants-0-first_name": "Jane"})
    visitor.press("Add new tenant")


def let_twice(visitor: Visitor, *_: Any) -> None:
    today = now().date()
    visitor.fill(start_date=today.isoformat(), end_date=today.replace(year=today.year + 1, day=1).isoformat(), rent="")
    visitor.press("Save lease")


def nobody_moves_out(visitor: Visitor, *_: Any) -> None:
    for box in visitor.page.locator("input[name=people]").all():
        box.uncheck()
    visitor.press("Enter the move-out")


def go_on(visitor: Visitor, *_: Any) -> None:
    """Choose what to pay; the next page asks."""
    visitor.page.select_option("select[name=bank_account_id]", index=1)
    visitor.press("Go on")


def too_much(visitor: Visitor, *_: Any) -> None:
    visitor.fill(**{"bills-0-amount": "1000000"})
    visitor.press("Go on")


def same_reference(visitor: Visitor, *_: Any) -> None:
    """Enter a bill with the number that another one of the vendor has."""
    visitor.fill(reference_number="INV-4711", date="2026-01-02", due_date="2026-02-02")
    visitor.press("Save bill")


def no_rhythm(visitor: Visitor, *_: Any) -> None:
    visitor.fill(unit="")
    send_empty(visitor)


PLACES: tuple[Place, ...] = (
    Place("sign-in", "/login", ""),
    Place("sign-in refused", "/login", "", act=wrong_password, shows="don’t belong together"),
    Place("sign-in incomplete", "/login", "", act=send_empty, shows="Enter your password."),
    Place("first password", "/login", "", act=signed_in_first, shows="Choose your own password"),
    Place("home", "/", shows="Occupied units"),
    Place("home of a viewer", "/", "viewer"),
    Place("search", "/search"),
    Place("search with results", "/search?q=a", shows="Properties"),
    Place("search without results", "/search?q=zzzzzz"),
    Place("properties", "/properties", shows="Harbor View"),
    Place("properties of a viewer", "/properties", "viewer"),
    Place("properties filtered", "/properties?status=active&city=p&q=a&sort=-units"),
    Place("properties filtered away", "/properties?q=zzzzzz", shows="Nothing matches"),
    Place("properties with every column", "/properties?columns=name&columns=address_line1&columns=city"
          "&columns=rental_sub_type&columns=total_units&columns=property_manager_buildium_user_id&columns=is_active"
          "&columns=operating_bank_account_id&columns=buildium_property_id&columns=updated_at"),
    Place("properties of a wrong address", "/properties?status=nonsense&size=7"),
    Place("property", "/properties/{property}", shows="Timeline"),
    Place("property with its whole timeline", "/properties/{property}?timeline=all"),
    Place("property of a viewer", "/properties/{property}", "viewer"),
    Place("property that was refused", "/properties/{failed}", shows="Fix it"),
    Place("property with the longest texts", "/properties/{long}"),
    Place("new property", "/properties/new"),
    Place("new property incomplete", "/properties/new", act=send_empty, shows="Not saved yet"),
    Place("edit property", "/properties/{property}/edit"),
    Place("edit property with the longest texts", "/properties/{long}/edit"),
    Place("property changed meanwhile", "/properties/{disputed}/edit", act=overtaken, shows="Both versions"),
    Place("deactivate property", "/properties/{property}/deactivation"),
    Place("reactivate property", "/properties/{inactive}/reactivation"),
    Place("inactive property", "/properties/{inactive}", shows="Inactive"),
    Place("units", "/units"),
    Place("units, second page", "/units?size=25&sort=-market_rent"),
    Place("units filtered away", "/units?q=zzzzzz"),
    Place("unit", "/units/{unit}"),
    Place("unit just saved", "/units/new?property_id={inactive}", act=saved_unit, shows="saved."),
    Place("new unit", "/units/new"),
    Place("new unit incomplete", "/units/new", act=send_empty),
    Place("edit unit", "/units/{unit}/edit"),
    Place("leases", "/leases"),
    Place("leases found by a tenant", "/leases?q=lessee", shows="Jane Lessee"),
    Place("leases filtered", "/leases?status=Active&ending=90&lease_type=Fixed&term=fixed&q=a&sort=-end_date"),
    Place("leases filtered away", "/leases?q=zzzzzz"),
    Place("leases with other columns", "/leases?columns=unit&columns=tenants&columns=term_type&columns=deposit_amt"
          "&columns=renewal_offer_status"),
    Place("lease", "/leases/{lease}", shows="Take back"),
    Place("lease of a viewer", "/leases/{lease}", "viewer", shows="Lee Leaver"),
    Place("lease with the longest texts", "/leases/{lease_long}"),
    Place("new lease", "/leases/new?unit_id={unit}"),
    Place("new lease with one more tenant", "/leases/new", act=one_more_tenant, shows="New tenant 2"),
    Place("new lease incomplete", "/leases/new", act=send_empty, shows="Choose the unit."),
    Place("new lease of a unit that is let", "/leases/new?unit_id={unit_let}", act=let_twice, shows="is let already"),
    Place("renew lease", "/leases/new?renews={lease}", shows="A renewal is a new lease"),
    Place("edit lease", "/leases/{lease}/edit"),
    Place("edit lease with the longest texts", "/leases/{lease_long}/edit"),
    Place("move out", "/leases/{lease}/move-outs", shows="Who moves out"),
    Place("move out incomplete", "/leases/{lease}/move-outs", act=nobody_moves_out, shows="Tick who moves out."),
    Place("take a move-out back", "/leases/{lease}/move-outs/{leaver}/withdrawal", shows="Does Lee Leaver stay?"),
    Place("tenants", "/tenants"),
    Place("tenants found by name", "/tenants?q=lessee", shows="Jane Lessee"),
    Place("tenants filtered", "/tenants?lease_status=Active&q=jane"),
    Place("tenants filtered away", "/tenants?q=zzzzzz"),
    Place("tenant", "/tenants/{tenant}", shows="9 Elm Street"),
    Place("tenant with a revealed tax id", "/tenants/{tenant}", act=revealed, shows="123-45-6789"),
    Place("tenant with the longest texts", "/tenants/{tenant_long}"),
    Place("new tenant", "/tenants/new?lease_id={lease}"),
    Place("new tenant incomplete", "/tenants/new", act=send_empty, shows="Choose the lease."),
    Place("edit tenant", "/tenants/{tenant}/edit"),
    Place("reports", "/reports", shows="Owner summary"),
    Place("report of vacancy", "/reports/vacancy", shows="By unit, longest vacant first"),
    Place("report of one property’s vacancy", "/reports/vacancy?property_id={property}&as_of=2001-01-01"),
    Place("report of lease expirations", "/reports/lease-expirations", shows="By month"),
    Place("report of lease expirations of another day", "/reports/lease-expirations?as_of=2001-01-01"),
    Place("report of owners", "/reports/owners", shows="Whole portfolio"),
    Place("report of owners, none found", "/reports/owners?q=zzzzzz", shows="Nobody found"),
    Place("units vacant on a day", "/units?occupancy=vacant&vacant_on=2026-01-31&status=active&property_id={property}"),
    Place("search by one letter", "/search?q=h"),
    Place("rent roll", "/reports/rent-roll", shows="Total of"),
    Place("rent roll, vacant units", "/reports/rent-roll?show=vacant"),
    Place("rent roll of another day", "/reports/rent-roll?as_of=2001-01-01"),
    Place("owners", "/owners"),
    Place("owners filtered", "/owners?kind=company&agreement=open"),
    Place("owner", "/owners/{owner}"),
    Place("owner with a revealed tax id", "/owners/{owner}", act=revealed, shows="12-3456789"),
    Place("new owner", "/owners/new"),
    Place("new owner incomplete", "/owners/new", act=send_empty),
    Place("edit owner", "/owners/{owner}/edit"),
    Place("ownerships", "/ownerships"),
    Place("ownership", "/ownerships/{ownership}"),
    Place("new ownership", "/ownerships/new?property_id={property}"),
    Place("new ownership incomplete", "/ownerships/new", act=send_empty),
    Place("edit ownership", "/ownerships/{ownership}/edit"),
    Place("remove ownership", "/ownerships/{ownership}/removal"),
    Place("remove the last ownership", "/ownerships/{only_ownership}/removal", shows="only property"),
    Place("ledger accounts", "/gl-accounts", shows="5110 Plumbing"),
    Place("ledger accounts in another order", "/gl-accounts?sort=-name&type=Expense&level=sub"),
    Place("ledger accounts with every column", "/gl-accounts?columns=account&columns=parent_id&columns=type"
          "&columns=sub_type&columns=flags&columns=billed&columns=is_active&columns=account_number&columns=name"
          "&columns=cash_flow_classification&columns=description&columns=buildium_gl_account_id&columns=updated_at"),
    Place("ledger account with sub accounts", "/gl-accounts/{gl_account}", shows="5110 Plumbing"),
    Place("ledger account of a bank account", "/gl-accounts/{gl_account_of_bank}", shows="Change that one instead"),
    Place("new ledger account", "/gl-accounts/new?parent_id={gl_account}"),
    Place("new ledger account incomplete", "/gl-accounts/new", act=send_empty, shows="Enter the account number."),
    Place("edit ledger account", "/gl-accounts/{gl_account}/edit"),
    Place("edit the ledger account of a bank account", "/gl-accounts/{gl_account_of_bank}/edit"),
    Place("bank accounts", "/bank-accounts", shows="Difference"),
    Place("bank accounts filtered", "/bank-accounts?balances=differ&status=active&sort=difference"),
    Place("bank account", "/bank-accounts/{bank_account}", shows="VOID AFTER 90 DAYS"),
    Place("bank account with a revealed number", "/bank-accounts/{bank_account}", act=first_revealed),
    Place("new bank account", "/bank-accounts/new"),
    Place("new bank account incomplete", "/bank-accounts/new", act=send_empty),
    Place("edit bank account", "/bank-accounts/{bank_account}/edit"),
    Place("bill categories", "/bill-categories", shows="Pipes"),
    Place("bill category", "/bill-categories/{bill_category}", shows="5100 Repairs and Maintenance"),
    Place("new bill category", "/bill-categories/new"),
    Place("new bill category incomplete", "/bill-categories/new", act=send_empty),
    Place("edit bill category", "/bill-categories/{bill_category}/edit"),
    Place("bills", "/bills", shows="INV-4711"),
    Place("bills filtered", "/bills?status=overdue&age=31-60&approval=approved&vendor_id={vendor}", shows="45 days"),
    Place("bills with every column", "/bills?columns=reference_number&columns=vendor_id&columns=property_id"
          "&columns=unit_id&columns=category_id&columns=date&columns=due_date&columns=amount&columns=open_amount"
          "&columns=status&columns=approved_at&columns=approval_status&columns=buildium_bill_id&columns=updated_at"),
    Place("bills ageing", "/bills/ageing", shows="31–60 days"),
    Place("bill", "/bills/{bill}", shows="Approved here by Pat Example"),
    Place("bill of a viewer", "/bills/{bill}", "viewer", shows="left to pay"),
    Place("bill with the longest texts", "/bills/{bill_long}"),
    Place("bill that repeats", "/bills/{bill_repeats}", shows="Next bills"),
    Place("bill that was made by another", "/bills/{bill_made}", shows="Made for"),
    Place("bill that is cancelled", "/bills/{bill_cancelled}", shows="cancelled here"),
    Place("new bill", "/bills/new"),
    Place("new bill incomplete", "/bills/new", act=send_empty, shows="Enter at least one line."),
    Place("new bill with a line more", "/bills/new", act=one_more_line, shows="Line 2"),
    Place("new bill that exists", "/bills/new?copy={bill}", act=same_reference, shows="It is another bill"),
    Place("edit bill", "/bills/{bill}/edit"),
    Place("cancel bill", "/bills/{bill_repeats}/cancellation", shows="What happens"),
    Place("cancel a bill that was paid", "/bills/{bill}/cancellation", shows="can’t be cancelled"),
    Place("take a cancellation back", "/bills/{bill_cancelled}/cancellation", shows="owed again"),
    Place("repeat bill", "/bills/{bill}/schedule"),
    Place("repeat bill incomplete", "/bills/{bill}/schedule", act=no_rhythm, shows="Choose the unit."),
    Place("add a file to a bill", "/bills/{bill}/files"),
    Place("payments", "/bill-payments", shows="in all"),
    Place("payments filtered", "/bill-payments?status=void&from=2020-01-01&until=2999-01-01", shows="Void"),
    Place("payments filtered away", "/bill-payments?q=zzzzzz"),
    Place("payments with every column", "/bill-payments?columns=reference_number&columns=bill_id&columns=vendor_id"
          "&columns=bank_account_id&columns=date&columns=amount&columns=status&columns=memo"
          "&columns=buildium_payment_id&columns=updated_at"),
    Place("payment of two bills", "/bill-payments/{payment}", shows="The whole check"),
    Place("payment that is void", "/bill-payments/{payment_void}", shows="This payment is void"),
    Place("payment of a viewer", "/bill-payments/{payment}", "viewer", shows="Paid bills"),
    Place("new payment", "/bill-payments/new", shows="Whom do you want to pay?"),
    Place("new payment of nobody", "/bill-payments/new?q=zzzzzz", shows="No vendor of that name"),
    Place("new payment to a vendor", "/bill-payments/new?vendor_id={vendor}", shows="Fill in all that is open"),
    Place("new payment of nothing", "/bill-payments/new?vendor_id={vendor}", act=send_empty, shows="Enter how much"),
    Place("new payment of too much", "/bill-payments/new?bill_id={bill}", act=too_much, shows="is left to pay"),
    Place("a payment is asked about", "/bill-payments/new?bill_id={bill}", act=go_on, shows="can’t undo a payment"),
    Place("edit payment", "/bill-payments/{payment_lost}/edit", shows="is sent at once"),
    Place("edit a payment that is void", "/bill-payments/{payment_void}/edit"),
    Place("sync of a payment that was not found", "/sync/records/{row_lost}", shows="Is it in Buildium?"),
    Place("send a payment again", "/sync/records/{row_lost}/anew", shows="it is paid twice"),
    Place("add no file to a bill", "/bills/{bill}/files", act=send_empty, shows="Choose a file."),
    Place("work orders", "/work-orders", shows="Mend the sink"),
    Place("work orders filtered", "/work-orders?status=open&due=overdue&age=0-7&priority=High&vendor_id={vendor}",
          shows="12 days overdue"),
    Place("work orders with every column", "/work-orders?columns=subject&columns=vendor_id&columns=property_id"
          "&columns=unit_id&columns=task_id&columns=status&columns=priority&columns=scheduled_date&columns=opened_at"
          "&columns=days_open&columns=actual_cost&columns=assigned_to&columns=invoice_number"
          "&columns=buildium_work_order_id&columns=updated_at"),
    Place("board of work orders", "/work-orders/board", shows="Mend the sink"),
    Place("board of a viewer", "/work-orders/board", "viewer", shows="12 days overdue"),
    Place("board filtered", "/work-orders/board?status=open&q=fence&vendor_id={vendor}", shows="apart from its task"),
    Place("board filtered away", "/work-orders/board?q=zzzzzz", shows="No work order here."),
    Place("board with a moved card", "/work-orders/board?q=sink&vendor_id={vendor}", act=moved_card,
          shows="is now: in progress"),
    Place("work order", "/work-orders/{work_order}", shows="$212.35"),
    Place("work order of a viewer", "/work-orders/{work_order}", "viewer", shows="Hours"),
    Place("work order with the longest texts", "/work-orders/{work_order_long}"),
    Place("work order apart from its task", "/work-orders/{work_order_apart}", shows="apart from its task"),
    Place("new work order", "/work-orders/new"),
    Place("new work order of a task", "/work-orders/new?task_id={task_of_work_order}"),
    Place("new work order incomplete", "/work-orders/new", act=send_empty, shows="Choose the vendor."),
    Place("new work order with an item more", "/work-orders/new", act=one_more_item, shows="Item 2"),
    Place("edit work order", "/work-orders/{work_order}/edit"),
    Place("bill of a work order", "/bills/new?work_order_id={work_order}"),
    Place("report of work orders", "/reports/work-orders", shows="All vendors"),
    Place("tasks", "/tasks", shows="Leaking gutter"),
    Place("tasks filtered", "/tasks?status=open&due=overdue&assigned_to_user_id=mine&priority=High&task_type=Todo"
          "&category_id={task_category}&property_id={property}&unit_id={unit}"),
    Place("tasks with every column", "/tasks?columns=subject&columns=status&columns=scheduled_date&columns=priority"
          "&columns=assigned_to&columns=property_id&columns=unit_id&columns=category&columns=sub_category_id&columns=age"
          "&columns=task_type&columns=completed_date&columns=estimated_cost&columns=actual_cost"
          "&columns=buildium_task_id&columns=created_at&columns=updated_at"),
    Place("task", "/tasks/{task}", shows="Ladder ordered"),
    Place("task of a viewer", "/tasks/{task}", "viewer", shows="overdue"),
    Place("task with the longest texts", "/tasks/{task_long}"),
    Place("new task", "/tasks/new"),
    Place("new resident request", "/tasks/new?task_type=ResidentRequest", shows="Tenant"),
    Place("new owner request", "/tasks/new?task_type=RentalOwnerRequest", shows="Owner"),
    Place("new contact request", "/tasks/new?task_type=ContactRequest", shows="First name"),
    Place("new task incomplete", "/tasks/new", act=send_empty, shows="Enter what is to be done."),
    Place("edit task", "/tasks/{task}/edit", shows="can’t be changed"),
    Place("update task", "/tasks/{task}/history"),
    Place("update task with nothing", "/tasks/{task}/history", act=send_empty, shows="Write a note"),
    Place("change a note", "/tasks/{task}/history/{task_entry}"),
    Place("remove a file", "/tasks/{task}/files/{task_file}/removal", shows="Nobody can bring it back"),
    Place("vendors", "/vendors", shows="Ace Plumbing"),
    Place("vendors filtered", "/vendors?insurance=expired&category_id={vendor_category}", shows="Ran out"),
    Place("vendors with every column", "/vendors?columns=name&columns=category&columns=is_company"
          "&columns=contact_name&columns=email&columns=phone_number&columns=address_line1&columns=insurance"
          "&columns=insurance_expiration_date&columns=is_active&columns=buildium_vendor_id&columns=updated_at"),
    Place("vendor", "/vendors/{vendor}", shows="Insurance has run out"),
    Place("vendor with a revealed number", "/vendors/{vendor}", act=first_revealed, shows="12-3456789"),
    Place("vendor with the longest texts", "/vendors/{vendor_long}"),
    Place("new vendor", "/vendors/new"),
    Place("new vendor incomplete", "/vendors/new", act=send_empty, shows="Enter the company’s name."),
    Place("new vendor that exists", "/vendors/new", act=entered_twice, shows="Is it one of these?"),
    Place("edit vendor", "/vendors/{vendor}/edit"),
    Place("vendor categories", "/vendor-categories", shows="Chimneys"),
    Place("vendor category", "/vendor-categories/{vendor_category}", shows="Ace Plumbing"),
    Place("vendor category of Buildium’s", "/vendor-categories/{own_vendor_category}", shows="own categories"),
    Place("new vendor category", "/vendor-categories/new"),
    Place("new vendor category incomplete", "/vendor-categories/new", act=send_empty),
    Place("edit vendor category", "/vendor-categories/{vendor_category}/edit"),
    Place("edit a vendor category of Buildium’s", "/vendor-categories/{own_vendor_category}/edit"),
    Place("deactivate vendor category", "/vendor-categories/{vendor_category}/deactivation"),
    Place("reactivate vendor category", "/vendor-categories/{old_vendor_category}/reactivation"),
    Place("task categories", "/task-categories", shows="Teal"),
    Place("task category", "/task-categories/{task_category}", shows="Teal"),
    Place("new task category", "/task-categories/new"),
    Place("new task category incomplete", "/task-categories/new", act=send_empty),
    Place("edit task category", "/task-categories/{task_category}/edit"),
    Place("deactivate task category", "/task-categories/{task_category}/deactivation"),
    Place("reactivate task category", "/task-categories/{old_task_category}/reactivation"),
    Place("account: password", "/account/password"),
    Place("account: password incomplete", "/account/password", act=send_empty),
    Place("account: sessions", "/account/sessions"),
    Place("users", "/users"),
    Place("user", "/users/{user}"),
    Place("new user", "/users/new"),
    Place("new user incomplete", "/users/new", act=send_empty),
    Place("edit user", "/users/{user}/edit"),
    Place("new password for a user", "/users/{user}/password"),
    Place("one-time password", "/users/{user}/password", act=new_password, shows="It is shown only now."),
    Place("sync", "/sync", shows="is paused for"),
    Place("sync, reloading", "/sync?refresh=600"),
    Place("sync records", "/sync/records"),
    Place("sync records that failed", "/sync/records?state=failed", shows="Refused"),
    Place("sync records that I changed", "/sync/records?mine=yes"),
    Place("sync records filtered away", "/sync/records?q=zzzzzz"),
    Place("sync conflicts", "/sync/conflicts"),
    Place("sync drift", "/sync/drift", shows="What comparisons found"),
    Place("sync of a record in step", "/sync/records/{row_synced}"),
    Place("sync of a failed record", "/sync/records/{row_failed}", shows="What to do"),
    Place("sync of a blocked record", "/sync/records/{row_blocked}", shows="What to do"),
    Place("sync of a conflict", "/sync/records/{row_conflict}", shows="Keep what is chosen"),
    Place("sync of a missing record", "/sync/records/{row_missing}"),
    Place("sync of an unknown outcome", "/sync/records/{row_uncertain}", shows="Which record in Buildium is it?"),
    Place("webhooks", "/sync/webhooks"),
    Place("webhooks filtered away", "/sync/webhooks?q=zzzzzz"),
    Place("webhook", "/sync/webhooks/{event}"),
    Place("webhook given up", "/sync/webhooks/{event_dead}", shows="gave up"),
    Place("calls", "/sync/api-log"),
    Place("calls filtered away", "/sync/api-log?record=zzzzzz"),
    Place("call", "/sync/api-log/{call}"),
    Place("call that was refused", "/sync/api-log/{call_refused}"),
    Place("runs", "/sync/runs"),
    Place("runs filtered away", "/sync/runs?kind=owners&outcome=stopped"),
    Place("queues", "/sync/queues"),
    Place("sync issues", "/sync/issues", shows="Property"),
    Place("sync issue", "/sync/issues/{issue}", shows="What to do"),
    Place("sync issue, sending again", "/sync/issues/{issue}/retry"),
    Place("sync help", "/sync/help/conflict"),
    Place("sync retries", "/sync/retries", shows="refused"),
    Place("sync retry", "/sync/retries/{retry}", shows="failed again"),
    Place("sync retry of a filter", "/sync/retry?state=failed"),
    Place("sync decisions", "/sync/decisions", shows="Name"),
    Place("sync decision", "/sync/decisions/{decision}", shows="Ours here"),
    Place("sync decision of many", "/sync/decision-batches/{decision_batch}", shows="decided meanwhile"),
    Place("sync matches", "/sync/matches", shows="Blocked"),
    Place("sync match", "/sync/matches/{adoption}", shows="990001"),
    Place("sync sure matches", "/sync/matches/sure/property"),
    Place("sync shadow", "/sync/shadow", shows="Chimneys and stoves"),
    Place("sync shadow, leaving", "/sync/shadow/{shadow_pause}/end"),
    Place("sync alerts", "/sync/alerts", shows="refused by Buildium"),
    Place("sync alert", "/sync/alerts/{alert}", shows="The mail server"),
    Place("sync retention", "/sync/kept"),
    Place("sync history", "/sync/history"),
    Place("webhook switches", "/sync/webhooks/events"),
    Place("webhook switch, asking", "/sync/webhooks/events/Rental.Updated/off"),
    Place("webhook replays", "/sync/webhooks/replays", shows="Given up"),
    Place("webhook replay", "/sync/webhooks/replays/{replay}"),
    Place("webhook replay, asking", "/sync/webhooks/replays/new?state=dead"),
    Place("calls, pace", "/sync/api-log/pace", shows="By operation"),
    Place("no such page", "/nowhere", status=404),
    Place("no such record", f"/properties/{NOWHERE}", status=404),
    Place("not allowed", "/users", "staff", 403),
    Place("wrong verb", "/logout", status=405),
    Place("unreadable request", "/properties?q=%00", status=400),
)  # fmt: skip

# Pages of a portal that nothing was imported into yet.
EMPTY_PLACES: tuple[Place, ...] = tuple(
    Place(f"empty: {path}", path)
    for path in ("/", "/properties", "/units", "/owners", "/ownerships", "/users", "/properties/new", "/units/new",
                 "/owners/new", "/ownerships/new", "/gl-accounts", "/gl-accounts/new", "/bank-accounts",
                 "/bank-accounts/new", "/bill-categories", "/bill-categories/new",
                 "/bills", "/bills/new", "/bills/ageing", "/bill-payments", "/bill-payments/new",
                 "/tasks", "/tasks/new",
                 "/work-orders", "/work-orders/new", "/work-orders/board", "/reports/work-orders",
                 "/leases", "/leases/new", "/tenants", "/tenants/new", "/reports/rent-roll",
                 "/reports", "/reports/vacancy", "/reports/lease-expirations", "/reports/owners",
                 "/vendors", "/vendors/new", "/vendor-categories", "/vendor-categories/new",
                 "/task-categories", "/task-categories/new", "/search?q=a", "/sync",
                 "/sync/records", "/sync/conflicts",
                 "/sync/webhooks", "/sync/api-log", "/sync/runs", "/sync/queues")
)  # fmt: skip

# GET endpoints that show no page to people.
NO_PAGES = re.compile(r"static|health\..*|.*\.export|(bills|tasks)\.file|reports\..*_csv|operations\..*_bundle")


def examples(stage: Stage) -> Ids:
    """The ids that PLACES name, of records that stand in every way a record can stand."""
    ids: Ids = {**troubled(stage), "user": stage.person("staff").id}
    with stage.inside() as live:
        owner = db.session.get_one(Owner, ids["owner"])
        rows = {name: live.row(db.session.get_one(Property, ids[name])).id for name in TROUBLES}
        shares = [share.id for share in owner.ownerships]
        only = db.session.scalars(select(Ownership.id).where(Ownership.owner_id == ids["only_owner"])).one()
        unit = db.session.scalars(select(Unit.id).where(Unit.buildium_unit_id.is_not(None))).first()
        calls = select(ApiCall.id).where(ApiCall.entity_id == str(ids["failed"]))
        ids |= {
            "property": db.session.get_one(Ownership, shares[0]).property_id,
            "unit": unit,
            "ownership": shares[0],
            "only_ownership": only,
            "call": db.session.scalars(calls.where(ApiCall.response_status == 200)).first(),
            "call_refused": db.session.scalars(calls.where(ApiCall.response_status == 422)).first(),
            **{f"row_{name}": row for name, row in rows.items()},
            **events(stage),
            **accounts(live),
            **(traded := trades(live)),
            **(billed := bills(live, db.session.get_one(Vendor, traded["vendor"]), LONG)),
            **payments(live, billed),
            **works(live, traded["vendor"], ids["synced"], LONG),
            **leases(live, ids["synced"], LONG),
            **tasks(live, ids["synced"], LONG),
        }
    with stage.inside(MACHINE):
        ids |= dashboard(ids["row_failed"], ids["blocked"])
    return ids | {"shadow_pause": shadow(stage, ids["vendor_category"])}


def shadow(stage: Stage, category: UUID) -> UUID:
    """Shadow mode of a kind that no other page sends, with one record worked out."""
    with stage.inside(MACHINE):
        pause("vendor_category", PUSH, "First look", "Pat", SHADOW)
        found = db.session.scalars(select(SyncPause.id).where(SyncPause.mode == SHADOW)).one()
    with stage.inside() as live:
        db.session.get_one(VendorCategory, category).name = "Chimneys and stoves"
        live.save()
        worked_out = select(Shadow.id).where(Shadow.entity_type == "vendor_category")
        wait_until(lambda: committed(worked_out), 30, "the push to be worked out")
    return found


def committed(wanted: Select[Any]) -> Any:
    """What the database says by now."""
    db.session.rollback()
    return db.session.scalar(wanted)


def trades(live: Live) -> Ids:
    """Categories of every kind, and vendors: one whose insurance has run out, one with the longest texts."""
    chimneys, old = VendorCategory(name="Chimneys"), VendorCategory(name="Coal", is_active=False)
    doors = TaskCategory(name="Doors", color="#0f766e", sub_categories=[{"Id": 1, "Name": LONG}])
    old_task = TaskCategory(name="Coal", color="#525252", is_active=False, description=LONG * 3)
    insured = {"insurance_provider": "Pine Mutual", "insurance_expiration_date": date(2020, 1, 2)}
    taxed = {"tax_id": "12-3456789", "tax_payer_type": "EIN", "account_number": "ACE-4711"}
    ace = Vendor(name="Ace Plumbing", category=chimneys, website="https://ace.example", **ADDRESS, **insured, **taxed)
    ace.extra_phones = [{"Number": "2075550002", "Type": "Cell"}]
    long = Vendor(name=LONG * 2, category=chimneys, email=f"{LONG}@example.com", website=f"https://{LONG}.example")
    live.save(chimneys, old, doors, old_task, ace, long)
    own = live.add_there("vendor_categories", Name="General")
    live.edit_there("vendor_categories", own, IsSystemCategory=True)
    pull_one(current_sync().resource("vendor_category"), own)
    known = select(VendorCategory.id).where(VendorCategory.buildium_category_id == own)
    return {
        "vendor": ace.id,
        "vendor_long": long.id,
        "vendor_category": chimneys.id,
        "old_vendor_category": old.id,
        "own_vendor_category": db.session.scalars(known).one(),
        "task_category": doors.id,
        "old_task_category": old_task.id,
    }


def accounts(live: Live) -> Ids:
    """A ledger account with sub accounts, a bank account with its ledger account, and a bill category."""
    ledger = db.session.scalars(select(GlAccount).where(GlAccount.account_number == "5100")).one()
    bank = db.session.scalars(select(BankAccount).where(BankAccount.gl_account.is_not(None))).first()
    assert bank
    category = BillCategory(name="Pipes", gl_account_id=ledger.id)
    live.save(category)
    return {
        "gl_account": ledger.id,
        "gl_account_of_bank": bank.gl_account,
        "bank_account": bank.id,
        "bill_category": category.id,
    }


TROUBLES = ("synced", "failed", "blocked", "conflict", "missing", "uncertain")
LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"


def troubled(stage: Stage) -> Ids:
    """One property for each way the sync can leave a record, and owners with one share and with two."""
    sent = ("synced", "failed", "conflict", "missing", "inactive", "disputed")
    ids: Ids = {name: house_of(stage, name.capitalize(), announced=name == "conflict") for name in sent}
    with stage.inside() as live:
        houses = {name: db.session.get_one(Property, each) for name, each in ids.items()}
        disturb(live, houses)
        unsent = {
            "blocked": property_of(None, name="Blocked", postal_code=None),
            "uncertain": property_of(None, name="Uncertain"),
            "long": property_of(any_account(), name=LONG * 2, **{**ADDRESS, "address_line1": LONG, "city": LONG}),
        }
        unsent["long"].structure_description = f"{LONG * 5}\n\n{'many words ' * 60}"
        live.save(*unsent.values(), unit_of(unsent["long"]))
        wait_until(lambda: live.state(unsent["long"]) == "synced", 30, "the long one to be sent")
        owners = own(live, houses, unsent["long"])
        for name, house in [*houses.items(), *unsent.items()]:
            wanted = {"uncertain": "blocked", "failed": "failed", "conflict": "conflict", "missing": "missing"}
            wait_until(partial(stands, live, house, wanted.get(name, "")), 30, f"{name}: {live.state(house)}")
        ids |= {name: house.id for name, house in unsent.items()} | {name: each.id for name, each in owners.items()}
    invent(stage, ids["uncertain"])
    return ids


def stands(live: Live, record: Any, state: str) -> bool:
    return not state or live.state(record) == state


def disturb(live: Live, houses: dict[str, Property]) -> None:
    """Let the next push of three of them fail, each in its own way."""
    numbers = {name: each.buildium_property_id or 0 for name, each in houses.items()}
    live.fault("status", method="PUT", path=f"/v1/rentals/{numbers['failed']}", status=422, times=None)
    live.edit_there("rentals", numbers["conflict"], Name="Theirs", YearBuilt=1901)
    live.delete_there("rentals", numbers["missing"])
    for name in ("failed", "conflict", "missing"):
        houses[name].name, houses[name].year_built = f"{name.capitalize()} here", 1999
    houses["inactive"].is_active = False
    live.save(*houses.values())


def own(live: Live, houses: dict[str, Property], long: Property) -> dict[str, Owner]:
    values = {"tax_payer_id": "12-3456789", "tax_payer_type": "EIN", "comment": LONG * 3}
    both = owner_of(houses["synced"], email=f"{LONG}@example.com", **values)
    both.own(long)
    live.save(both)
    only = owner_of(houses["disputed"], company_name="Only One LLC")
    live.save(only)
    wait_until(lambda: live.state(both) == live.state(only) == "synced", 30, "the owners to be sent")
    return {"owner": both, "only_owner": only}


def invent(stage: Stage, uncertain: UUID) -> None:
    """What takes too long to bring about: a create with two candidates, and a pause that holds up no other test."""
    with stage.inside(MACHINE):
        candidates = [{"Id": 1, "Name": "Uncertain"}, {"Id": 2, "Name": "Uncertain"}]
        unknown = {"sync_status": "uncertain", "cause": "several candidates", "candidates": candidates}
        mine = SyncStatus.entity_id == str(uncertain)
        db.session.execute(update(SyncStatus).where(mine).values(**unknown, next_attempt_at=None))
        db.session.commit()
        pause("gl_account", "pull", "The chart of accounts is being tidied up", "Pat")
        db.session.commit()


def events(stage: Stage) -> Ids:
    """An event that was handled and one that was given up."""

    def two() -> list[UUID]:
        db.session.rollback()
        done = select(WebhookEvent.id).where(WebhookEvent.processed).order_by(WebhookEvent.created_at).limit(2)
        found = list(db.session.scalars(done))
        return found if len(found) == 2 else []

    handled, given_up = wait_until(two, 20, "two events")
    with stage.inside(MACHINE):
        dead = {"state": "dead", "error_message": "Buildium answered 500.", "retry_count": 5}
        db.session.execute(update(WebhookEvent).where(WebhookEvent.id == given_up).values(dead))
        db.session.commit()
    return {"event": handled, "event_dead": given_up}
