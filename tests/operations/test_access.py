"""Who may see the dashboard, and who may do something there: every address of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from flask import Flask, current_app
from werkzeug.routing import Rule

from portal.web.access import Permission
from tests.operations import rows
from tests.people import sign_in

if TYPE_CHECKING:
    from flask.testing import FlaskClient

# What needs nothing to be shown.
PAGES = (
    *("", "/records", "/issues", "/conflicts", "/decisions", "/matches", "/shadow", "/drift", "/retries", "/history"),
    *("/webhooks", "/webhooks/events", "/webhooks/replays", "/api-log", "/api-log/pace", "/queues", "/runs"),
    *("/alerts", "/kept"),
)
# What asks before something is done, which only those are asked who may do it.
QUESTIONS = (
    "/retry", "/webhooks/replays/new", "/webhooks/events/Rental.Updated/off", "/matches/sure/property"
)  # fmt: skip
NOWHERE = UUID(int=7)
EVERYBODY = ("staff", "manager", "administrator")


def rules(app: Flask, method: str) -> list[Rule]:
    found = (rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("operations."))
    return [rule for rule in found if method in (rule.methods or ())]


def address(rule: Rule) -> str:
    """About nothing that exists."""
    about = {name: NOWHERE if name.endswith("_id") else "Rental.Updated" for name in rule.arguments}
    about |= {"entity_type": "property"} if "entity_type" in rule.arguments else {}
    adapter = current_app.url_map.bind("localhost")
    return adapter.build(rule.endpoint, about)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_viewer_neither_sees_nor_does_anything_there(client: FlaskClient, method: str) -> None:
    sign_in(client, "viewer")
    found = {
        address(rule): client.open(address(rule), method=method).status_code
        for rule in rules(client.application, method)
    }
    assert len(found) > 20
    assert set(found.values()) == {403}, found


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_is_not_signed_in_is_sent_to_the_sign_in_page(client: FlaskClient, method: str) -> None:
    for rule in rules(client.application, method):
        answer = client.open(address(rule), method=method)
        assert (answer.status_code, "/login" in answer.headers.get("Location", "")) == (303, True), address(rule)


@pytest.mark.parametrize("role", EVERYBODY)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_there_is_refused_to_anybody_else(client: FlaskClient, role: str, method: str) -> None:
    sign_in(client, role)
    found = {
        address(rule): client.open(address(rule), method=method).status_code
        for rule in rules(client.application, method)
    }
    assert not {403, 405, 500} & set(found.values()), found


def test_whatever_changes_something_needs_the_right_to_operate(app: Flask) -> None:
    assert {needed(app, rule) for rule in rules(app, "POST")} == {Permission.OPERATE_SYNC.value}
    assert {needed(app, rule) for rule in rules(app, "GET")} == {
        Permission.VIEW_SYNC.value, Permission.OPERATE_SYNC.value
    }  # fmt: skip


def needed(app: Flask, rule: Rule) -> str:
    return str(getattr(app.view_functions[rule.endpoint], "access", ""))


@pytest.mark.parametrize("role", EVERYBODY)
@pytest.mark.parametrize("page", PAGES + QUESTIONS)
def test_everybody_else_sees_every_page_also_while_there_is_nothing(client: FlaskClient, role: str, page: str) -> None:
    sign_in(client, role)
    assert client.get(f"/sync{page}").status_code == 200


def test_every_page_that_needs_nothing_is_among_them(app: Flask) -> None:
    bare = {rule.rule.removeprefix("/sync") for rule in rules(app, "GET") if not rule.arguments}
    assert bare == {page for page in PAGES + QUESTIONS if "property" not in page and "Rental" not in page}


def test_what_does_not_exist_is_not_found(staff: FlaskClient) -> None:
    about = [rule for rule in rules(staff.application, "GET") if any(name.endswith("_id") for name in rule.arguments)]
    assert len(about) > 10
    for rule in about:
        assert staff.get(address(rule)).status_code == 404, address(rule)


def test_acts_need_their_token(staff: FlaskClient) -> None:
    row = rows.status("failed")
    staff.application.config["WTF_CSRF_CHECK_DEFAULT"] = True
    try:
        for rule in rules(staff.application, "POST"):
            assert staff.post(address(rule)).status_code == 400, address(rule)
        assert staff.post(f"/sync/records/{row.id}/retry").status_code == 400
    finally:
        staff.application.config["WTF_CSRF_CHECK_DEFAULT"] = False
    assert rows.again(row).sync_status == "failed"
