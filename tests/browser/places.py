"""Every page of the portal: how a person gets there, and what must be there to see."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, update

from portal.acting import Actor, Door
from portal.entities.owners.model import Owner
from portal.entities.ownerships.model import Ownership
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from portal.extensions import db
from portal.sync.models import ApiCall, SyncStatus
from portal.sync.pauses import pause
from portal.webhooks.models import WebhookEvent
from tests.browser.stage import Stage, any_account, house_of
from tests.browser.visitor import Visitor
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
        visitor.page.locator("main form[method=post] button[type=submit]").first.click()
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


def new_password(visitor: Visitor, *_: Any) -> None:
    visitor.press("Make a new password")


PLACES: tuple[Place, ...] = (
    Place("sign-in", "/login", ""),
    Place("sign-in refused", "/login", "", act=wrong_password, shows="don’t belong together"),
    Place("sign-in incomplete", "/login", "", act=send_empty, shows="Enter your password."),
    Place("first password", "/login", "", act=signed_in_first, shows="Choose your own password"),
    Place("home", "/"),
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
    Place("sync records filtered away", "/sync/records?q=zzzzzz"),
    Place("sync conflicts", "/sync/conflicts"),
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
                 "/owners/new", "/ownerships/new", "/search?q=a", "/sync", "/sync/records", "/sync/conflicts",
                 "/sync/webhooks", "/sync/api-log", "/sync/runs", "/sync/queues")
)  # fmt: skip

# GET endpoints that show no page to people.
NO_PAGES = re.compile(r"static|health\..*|.*\.export")


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
        }
    return ids


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
