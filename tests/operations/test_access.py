from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tests.operations import rows
from tests.people import sign_in

if TYPE_CHECKING:
    from flask.testing import FlaskClient

PAGES = (
    *("", "/records", "/conflicts", "/webhooks", "/api-log", "/queues", "/runs", "/shadow", "/matches"),
    *("/webhooks/events", "/webhooks/replays", "/webhooks/replays/new", "/alerts", "/kept"),
)
NOWHERE = UUID(int=7)
ACTS = (
    *(f"/records/{NOWHERE}/{act}" for act in ("retry", "decision", "link", "anew")),
    f"/webhooks/{NOWHERE}/replay",
    "/runs",
    f"/runs/{NOWHERE}/stop",
    "/pauses",
    f"/pauses/{NOWHERE}/end",
)


@pytest.mark.parametrize("page", PAGES)
def test_a_viewer_does_not_see_the_dashboard(client: FlaskClient, page: str) -> None:
    sign_in(client, "viewer")
    assert client.get(f"/sync{page}").status_code == 403


@pytest.mark.parametrize("act", ACTS)
def test_a_viewer_does_nothing_there(client: FlaskClient, act: str) -> None:
    sign_in(client, "viewer")
    assert client.post(f"/sync{act}").status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_who_is_not_signed_in_is_sent_to_the_sign_in_page(client: FlaskClient, page: str) -> None:
    assert client.get(f"/sync{page}").status_code == 303


@pytest.mark.parametrize("role", ["staff", "manager", "administrator"])
@pytest.mark.parametrize("page", PAGES)
def test_everybody_else_sees_every_page_also_while_there_is_nothing(client: FlaskClient, role: str, page: str) -> None:
    sign_in(client, role)
    assert client.get(f"/sync{page}").status_code == 200


@pytest.mark.parametrize("page", ["records", "webhooks", "api-log"])
def test_what_does_not_exist_is_not_found(staff: FlaskClient, page: str) -> None:
    assert staff.get(f"/sync/{page}/{NOWHERE}").status_code == 404


def test_acts_need_their_token(staff: FlaskClient) -> None:
    row = rows.status("failed")
    staff.application.config["WTF_CSRF_CHECK_DEFAULT"] = True
    try:
        assert staff.post(f"/sync/records/{row.id}/retry").status_code == 400
    finally:
        staff.application.config["WTF_CSRF_CHECK_DEFAULT"] = False
    assert rows.again(row).sync_status == "failed"
