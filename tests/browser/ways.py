"""A page, and what a person does on the way to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from portal.database import now
from portal.entities.properties.model import Property
from portal.extensions import db
from tests.browser.stage import Stage
from tests.browser.visitor import Visitor
from tests.people import PASSWORD, make_user

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
