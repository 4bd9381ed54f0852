"""Whatever a person does at the dashboard is written down: who, when, what, in a sentence that a page shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from portal.config import Alerting
from portal.extensions import db
from portal.operations.alerts.models import AlertSilence
from portal.operations.issues.models import Retry
from portal.operations.models import Act
from portal.sync.models import SyncPause
from portal.sync.states import State
from portal.webhooks.models import EventState, Replay
from tests.operations import rows
from tests.operations.alerts.test_alerts import alert, open_cause
from tests.operations.conflicts.test_conflicts import about_name, decide, proposed
from tests.operations.pages import page, receipt, text
from tests.operations.runs.test_drift import finding
from tests.operations.runs.test_matches import adoption
from tests.people import sign_in, speaking_as

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.client import PageClient

Form = tuple[str, dict[str, str]]

# What changes nothing that is sent or shown to anybody else, and what is written on the act that it ends.
WITHOUT_AN_ACT = {
    "operations.propose_similar": "a preview, of which nothing is left unless it is started",
    "operations.propose_undo": "a preview, of which nothing is left unless it is started",
    "operations.cancel_retry": "the act that it cancels says who cancelled it, and when",
    "operations.cancel_replay": "the act that it cancels says who cancelled it, and when",
}


def of_row(state: str, act: str, **data: str) -> Form:
    return f"/sync/records/{rows.status_of_property(state).id}/{act}", data


def conflict(staff: FlaskClient) -> Form:
    return f"/sync/records/{about_name().id}/decision", {"all": "ours"}


def decided(staff: FlaskClient) -> Form:
    return f"/sync/decisions/{decide(staff, about_name())}/undo", {}


def proposal(staff: FlaskClient) -> Form:
    about_name()
    return f"{proposed(staff, decide(staff, about_name()))}/start", {}


def issue(act: str, **data: str) -> Form:
    return f"/sync/issues/{rows.status(State.FAILED).issue_id}/{act}", data


def paused(mode: str = "paused") -> Form:
    row = SyncPause(entity_type="property", direction="push", mode=mode)
    rows.write(row)
    return f"/sync/pauses/{row.id}/end", {}


def silenced(staff: FlaskClient) -> Form:
    receipt(staff, *silence(staff))
    with speaking_as(rows.MACHINE):
        row = db.session.scalars(select(AlertSilence.id)).one()
    return f"/sync/alerts/silences/{row}/end", {}


def silence(staff: FlaskClient) -> Form:
    return "/sync/alerts/silences", {"cause": open_cause().cause, "hours": "8"}


def switched_off(staff: FlaskClient) -> Form:
    receipt(staff, "/sync/webhooks/events/Rental.Updated/off")
    return "/sync/webhooks/events/Rental.Updated/on", {}


def many_events(staff: FlaskClient) -> Form:
    rows.event(EventState.DEAD)
    return "/sync/webhooks/replays", {"state": "dead"}


def filtered(staff: FlaskClient) -> Form:
    rows.status(State.FAILED)
    return "/sync/retry", {"state": "failed"}


def taken_for_different(staff: FlaskClient) -> Form:
    made = adoption(71)
    receipt(staff, f"/sync/matches/{made.id}/different")
    return f"/sync/matches/{made.id}/revisit", {}


def sure_one(staff: FlaskClient) -> Form:
    adoption(71)
    return "/sync/matches/sure/property", {"side": "ours"}


PAUSE = {"entity_type": "property", "direction": "push", "reason": "Books are closed"}
# Endpoint → what is done there, which words the act has.
ACTS: dict[str, list[tuple[Callable[[Any], Form], str]]] = {
    "operations.retry_alert": [(lambda _: (f"/sync/alerts/{alert('failed').id}/retry", {}), "alert sent again")],
    "operations.silence": [(silence, "Silenced for 8 hours: Webhooks given up")],
    "operations.end_silence": [(silenced, "Ended the silence about “Webhooks given up”")],
    "operations.test_alerts": [(lambda _: ("/sync/alerts/test", {}), "Sent a test of the alerts")],
    "operations.start_batch": [(proposal, "The same decision for 1 property record")],
    "operations.undo_decision": [(decided, "was undone")],
    "operations.ask_again": [
        (
            lambda _: (f"/sync/drift/{finding(finding='gone there').id}/question", {}),
            "Had Buildium asked once more for “Elm Court”",
        )
    ],
    "operations.retry_issue": [(lambda _: issue("retry"), "Sent “Property: Buildium refused")],
    "operations.settle_issue": [
        (lambda _: issue("state", state="acknowledged"), "Is looking after"),
        (lambda _: issue("state", state="resolved"), "resolved"),
        (lambda _: issue("state", state="open"), "again"),
        (lambda _: issue("state", state="ignored", over="9"), "until it is more than 9 records"),
        (lambda _: issue("state", state="note", note="Asked Buildium"), "Wrote a note"),
    ],
    "operations.link_match": [
        (
            lambda _: (f"/sync/matches/{adoption(71).id}/link", {"buildium_id": "71", "side": "ours"}),
            "Linked “Elm Court” to Buildium’s record 71: where they differ, ours is kept",
        )
    ],
    "operations.different_match": [
        (lambda _: (f"/sync/matches/{adoption(71).id}/different", {}), "Said that “Elm Court” is none of Buildium’s")
    ],
    "operations.revisit_match": [(taken_for_different, "Took back what was decided about “Elm Court”")],
    "operations.link_sure": [(sure_one, "Linked 1 property that can be only one record: where they differ, ours is")],
    "operations.pause": [
        (lambda _: ("/sync/pauses", PAUSE), "Paused sending to Buildium for every property"),
        (
            lambda _: ("/sync/pauses", PAUSE | {"direction": "pull"}),
            "Paused fetching from Buildium for every property",
        ),
        (
            lambda _: ("/sync/pauses", PAUSE | {"mode": "shadow", "entity_type": "*"}),
            "Switched shadow mode on for everything",
        ),
    ],
    "operations.resume": [
        (lambda _: paused(), "Resumed sending to Buildium for every property"),
        (lambda _: paused("shadow"), "Switched shadow mode off for every property"),
    ],
    "operations.anew": [(lambda _: of_row(State.MISSING, "anew"), "Had “Elm Court” created in Buildium as a new")],
    "operations.decide": [(conflict, "Elm Court")],
    "operations.link": [
        (lambda _: of_row(State.UNCERTAIN, "link", buildium_id="71"), "Linked “Elm Court” to Buildium’s record 71")
    ],
    "operations.retry": [(lambda _: of_row(State.FAILED, "retry"), "Sent “Elm Court” again")],
    "operations.retry_filter": [(filtered, "Sent again: State: Refused")],
    "operations.begin_run": [(lambda _: ("/sync/runs", {"kind": "full"}), "Started “Compare everything”")],
    "operations.resume_run": [
        (lambda _: (f"/sync/runs/{rows.run('stopped').id}/resumption", {}), "Let “Full comparison: Property” go on")
    ],
    "operations.stop_run": [
        (lambda _: (f"/sync/runs/{rows.run('queued').id}/stop", {}), "Stopped “Full comparison: Property”"),
        (lambda _: (f"/sync/runs/{rows.run('running').id}/stop", {}), "Stopped “Full comparison: Property”"),
    ],
    "operations.replay_webhook": [(lambda _: (f"/sync/webhooks/{rows.event().id}/replay", {}), "handled again")],
    "operations.switch_off": [
        (lambda _: ("/sync/webhooks/events/Rental.Updated/off", {}), "Switched Rental.Updated o")
    ],
    "operations.switch_on": [(switched_off, "Switched Rental.Updated on")],
    "operations.begin_replay": [(many_events, "Had 1 webhook handled again")],
}
CASES = [(endpoint, *case) for endpoint, cases in ACTS.items() for case in cases]


def posts(app: Flask) -> set[str]:
    found = (rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ()))
    return {rule.endpoint for rule in found if rule.endpoint.startswith("operations.")}


def test_every_form_of_the_dashboard_is_known_here(app: Flask) -> None:
    assert posts(app) == ACTS.keys() | WITHOUT_AN_ACT.keys()
    assert not ACTS.keys() & WITHOUT_AN_ACT.keys()


@pytest.fixture
def mailing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody is told of alerts."""
    alerting = Alerting(webhook_url="https://hooks.example.com/portal", webhook_secret="secret")
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], alerting=alerting))


def acts() -> list[Act]:
    with speaking_as(rows.MACHINE):
        found = list(db.session.scalars(select(Act).order_by(Act.at)))
        db.session.expunge_all()
    return found


@pytest.mark.usefixtures("mailing")
@pytest.mark.parametrize(("endpoint", "prepare", "words"), CASES, ids=[f"{name} {words}" for name, _, words in CASES])
def test_what_a_person_does_is_written_down_and_shown(
    staff: PageClient, endpoint: str, prepare: Callable[[Any], Form], words: str
) -> None:
    address, data = prepare(staff)
    assert current_app.url_map.bind("").match(address, "POST")[0] == endpoint
    before = {each.id for each in acts()}
    staff.most_queries = 30  # a small batch of decisions is made at once
    receipt(staff, address, data)
    made = [each for each in acts() if each.id not in before]
    assert len(made) == 1, [each.words for each in made]
    assert words in made[0].words
    assert made[0].actor_name.startswith("Staff")
    assert made[0].actor_id
    shown = text(page(staff, "/sync/history"))
    assert made[0].words in shown
    assert f"{made[0].actor_name}" in shown


@pytest.mark.parametrize(
    ("prepare", "target"),
    [(filtered, ("retries", "cancel", Retry)), (many_events, ("webhooks/replays", "cancellation", Replay))],
)
def test_the_act_that_is_cancelled_says_who_did_it(
    staff: FlaskClient, prepare: Callable[[Any], Form], target: tuple[str, str, Any]
) -> None:
    receipt(staff, *prepare(staff))
    place, verb, model = target
    with speaking_as(rows.MACHINE):
        found = db.session.scalars(select(model.id)).one()
    sign_in(staff, "manager")
    receipt(staff, f"/sync/{place}/{found}/{verb}")
    (only,) = acts()
    assert only.cancelled_at
    assert (only.cancelled_by or "").startswith("Manager")
    assert f"Cancelled by {only.cancelled_by}" in text(page(staff, "/sync/history"))
