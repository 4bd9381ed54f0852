"""The page of what people did; and that nothing is on it which wasn't done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from portal.extensions import db
from portal.operations.models import Act
from portal.sync.models import SyncPause
from portal.sync.states import State
from tests.operations import rows
from tests.operations.pages import page, receipt, text
from tests.operations.runs.test_matches import adoption
from tests.operations.test_every_act import PAUSE, Form, acts, of_row
from tests.people import sign_in, speaking_as

if TYPE_CHECKING:
    from flask.testing import FlaskClient

FAILING: list[tuple[Callable[[], Form], str]] = [
    (lambda: ("/sync/pauses", {"entity_type": "dream", "direction": "push"}), "choose what"),
    (lambda: ("/sync/runs", {"kind": "dream"}), "no such run"),
    (lambda: (f"/sync/runs/{rows.run('done').id}/stop", {}), "over already"),
    (lambda: (f"/sync/runs/{rows.run('done').id}/resumption", {}), "Nothing was resumed"),
    (lambda: of_row(State.CONFLICT, "retry"), "Nothing was done"),
    (lambda: of_row(State.UNCERTAIN, "link", buildium_id="99"), "Nothing was done"),
    (lambda: of_row(State.SYNCED, "anew"), "Nothing was done"),
    (lambda: (f"/sync/matches/{adoption(71, state='linked').id}/different", {}), "Nothing was done"),
    (
        lambda: (f"/sync/matches/{adoption(71).id}/link", {"buildium_id": "99", "side": "ours"}),
        "Nothing was done",
    ),
    (lambda: (f"/sync/matches/{adoption(71).id}/revisit", {}), "Nothing was done"),
    (lambda: ("/sync/matches/sure/property", {"side": "ours"}), "Linked 0"),
]


@pytest.mark.parametrize(("prepare", "why"), FAILING, ids=[str(number) for number in range(len(FAILING))])
def test_what_was_not_done_is_not_written_down(staff: FlaskClient, prepare: Callable[[], Form], why: str) -> None:
    address, data = prepare()
    assert why in receipt(staff, address, data)
    assert acts() == []


def test_a_pause_that_is_in_force_already_is_no_act(staff: FlaskClient) -> None:
    receipt(staff, "/sync/pauses", PAUSE)
    assert "already" in receipt(staff, "/sync/pauses", PAUSE)
    address, _ = paused_now()
    receipt(staff, address)
    assert "ended already" in receipt(staff, address)
    assert len(acts()) == 2


def paused_now() -> Form:
    with speaking_as(rows.MACHINE):
        found = db.session.scalars(select(SyncPause.id)).one()
    return f"/sync/pauses/{found}/end", {}


def test_the_history_is_narrowed_by_what_and_by_whom(staff: FlaskClient) -> None:
    receipt(staff, "/sync/pauses", PAUSE)
    sign_in(staff, "manager")
    receipt(staff, "/sync/runs", {"kind": "full"})
    assert "Paused sending" not in listed(staff, "kind=start")
    assert "Started" in listed(staff, "kind=start")
    with speaking_as(rows.MACHINE):
        pat = db.session.scalar(select(func.min(Act.actor_id.cast(db.String))).where(Act.kind == "pause"))
    assert "Paused sending" in listed(staff, f"who={pat}")
    assert "Started" not in listed(staff, f"who={pat}")


def listed(staff: FlaskClient, filters: str) -> str:
    (table,) = page(staff, f"/sync/history?{filters}").findall(".//table")
    return text(table)


def test_an_act_leads_to_what_it_was_about(staff: FlaskClient) -> None:
    address, data = of_row(State.FAILED, "retry")
    receipt(staff, address, data)
    links = [each.get("href") for each in page(staff, "/sync/history").findall(".//tbody//a")]
    assert address.removesuffix("/retry") in links


def test_what_an_act_was_about_may_be_gone(staff: FlaskClient) -> None:
    receipt(staff, *of_row(State.FAILED, "retry"))
    with speaking_as(rows.MACHINE):
        act = db.session.scalars(select(Act)).one()
        act.target_id = "11111111-1111-4111-8111-111111111111"
        db.session.commit()
    assert page(staff, "/sync/history").findall(".//tbody//a") == []
