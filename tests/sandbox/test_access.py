"""What stands before every call: credentials, permissions, paths, content type, limits."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

import pytest

from tests.sandbox import bodies
from tests.sandbox.running import KEY, Served


@pytest.mark.parametrize(
    "headers",
    [{}, {**KEY, "x-buildium-client-secret": "wrong"}, {**KEY, "x-buildium-client-id": "wrong"}],
    ids=["missing", "wrong secret", "wrong id"],
)
def test_a_missing_or_wrong_key_is_401(server: Served, headers: dict[str, str]) -> None:
    response = server.plain.get("/v1/rentals", headers=headers)
    assert response.status_code == 401
    assert response.json()["UserMessage"]


def test_a_deleted_key_is_401_until_it_works_again(server: Served) -> None:
    server.switch(key_works=False)
    assert server.api.get("/v1/rentals").status_code == 401
    server.switch(key_works=True)
    assert server.api.get("/v1/rentals").status_code == 200


def test_an_unknown_path_without_a_key_is_401_and_not_404(server: Served) -> None:
    assert server.plain.get("/v1/nothing").status_code == 401


def test_a_key_without_the_view_permission_gets_403(server: Served) -> None:
    server.switch(permissions={"Administration > Users": "None"})
    assert server.api.get("/v1/users").status_code == 403
    assert server.api.get("/v1/rentals").status_code == 200


def test_a_key_that_may_only_view_cannot_write(server: Served, property_id: int) -> None:
    server.switch(permissions={"Rentals > Rental properties and units": "View"})
    assert server.api.get(f"/v1/rentals/{property_id}").status_code == 200
    refused = server.api.post("/v1/rentals/units", json=bodies.unit(PropertyId=property_id))
    assert refused.status_code == 403
    assert "Rentals > Rental properties and units: Edit" in refused.json()["UserMessage"]
    assert server.api.post(f"/v1/rentals/{property_id}/inactivationrequest").status_code == 403


def test_bank_accounts_are_read_and_written_under_different_permissions(server: Served) -> None:
    server.switch(permissions={"Accounting > Banking": "None"})
    assert server.api.get("/v1/bankaccounts").status_code == 200
    assert server.api.post("/v1/bankaccounts", json=bodies.bank_account()).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["/V1/rentals", "/v1/Rentals", "/rentals", "/v1/rentals/", "/v1//rentals", "/v1/rentals/owners/abc", "/v2/rentals"],
)
def test_a_path_in_the_wrong_case_or_without_the_version_is_404(server: Served, path: str) -> None:
    response = server.api.get(path)
    assert response.status_code == 404
    assert set(response.json()) == {"UserMessage", "ErrorCode", "Errors"}


@pytest.mark.parametrize("kind", ["rentals", "rentals/units", "rentals/owners", "bankaccounts", "glaccounts", "users"])
def test_an_unknown_id_is_404(server: Served, kind: str) -> None:
    assert server.api.get(f"/v1/{kind}/2000000000").status_code == 404


def test_a_verb_that_the_api_does_not_have_is_405(server: Served, property_id: int) -> None:
    assert server.api.delete(f"/v1/rentals/{property_id}").status_code == 405
    assert server.api.patch(f"/v1/rentals/{property_id}", json={}).status_code == 405


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_of_another_content_type_is_415(server: Served, content_type: str) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    assert server.api.post("/v1/rentals", content=b"{}", headers=headers).status_code == 415


def test_a_content_type_with_a_charset_is_fine(server: Served, bank_account_id: int) -> None:
    server.api.headers["Content-Type"] = "application/json; charset=utf-8"
    assert server.api.post("/v1/rentals", json=bodies.rental(bank_account_id)).status_code == 201


def test_requests_without_a_body_need_no_content_type(server: Served, property_id: int) -> None:
    assert server.api.post(f"/v1/rentals/{property_id}/inactivationrequest").status_code == 204


def test_a_query_of_more_than_4096_characters_is_500(server: Served) -> None:
    fitting = "location=" + "x" * (4096 - len("location="))
    assert server.api.get(f"/v1/rentals?{fitting}").status_code == 200
    assert server.api.get(f"/v1/rentals?{fitting}y").status_code == 500


def test_the_eleventh_request_of_a_second_is_429_without_a_hint(server: Served) -> None:
    server.switch(rate_limit=10)
    statuses = [server.api.get("/v1/users/1001").status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    assert "Retry-After" not in server.api.get("/v1/users").headers


def test_the_limit_is_a_sliding_window_of_exactly_one_second(server: Served) -> None:
    server.switch(rate_limit=2)
    started = time.monotonic()
    for _ in range(2):
        assert server.api.get("/v1/users/1001").status_code == 200
    while server.api.get("/v1/users/1001").status_code == 429:
        assert time.monotonic() < started + 3
    assert time.monotonic() - started >= 1


def test_the_limit_can_be_lifted(server: Served) -> None:
    server.switch(rate_limit=None)
    assert {server.api.get("/v1/users/1001").status_code for _ in range(15)} == {200}


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_429_can_say_when_to_come_back(server: Served, form: str) -> None:
    server.switch(rate_limit=1, retry_after=form)
    server.api.get("/v1/users")
    hint = server.api.get("/v1/users").headers["Retry-After"]
    assert hint == "1" if form == "seconds" else parsedate_to_datetime(hint)


def test_the_control_api_is_not_limited_and_needs_no_key(server: Served) -> None:
    server.switch(rate_limit=1, key_works=False)
    assert all(server.control("GET", "/")["records"]["units"] == 60 for _ in range(5))
