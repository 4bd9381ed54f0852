"""Records that stand in every way a record can stand, for the pages that show them."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, update

from portal.acting import Actor, Door
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
from tests.browser.ways import Ids
from tests.browser.work_examples import works
from tests.live import Live
from tests.records import ADDRESS, owner_of, property_of, unit_of
from tests.waiting import wait_until

MACHINE = Actor.machine(Door.COMMAND)
TROUBLES = ("synced", "failed", "blocked", "conflict", "missing", "uncertain")
LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"


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
