"""The control API: reading and changing records as in the web pages, switches, logs, starting over."""

from __future__ import annotations

from typing import Any

import pytest

from portal.sandbox.config import SandboxConfig
from tests.sandbox import bodies
from tests.sandbox.running import Served, Subscriber, serve


def test_an_edit_changes_the_record_and_sends_its_webhook(
    subscribed: Served, subscriber: Subscriber, property_id: int
) -> None:
    subscribed.control("PATCH", f"/records/rentals/{property_id}", {"Name": "Renamed by hand"})
    assert subscribed.api.get(f"/v1/rentals/{property_id}").json()["Name"] == "Renamed by hand"
    event = subscriber.next().event
    assert (event["EventName"], event["PropertyId"]) == ("Rental.Updated", property_id)


def test_an_edit_can_lose_its_webhook(subscribed: Served, property_id: int) -> None:
    subscribed.control("PATCH", f"/records/rentals/{property_id}?quiet=1", {"Name": "Silently renamed"})
    assert subscribed.control("GET", "/webhooks/deliveries")["total"] == 0
    changed = subscribed.api.get(f"/v1/rentals?lastupdatedfrom={bodies.in_days(-1)}T00:00:00Z").json()
    assert [rental["Name"] for rental in changed] == ["Silently renamed"]


def test_an_edit_of_a_value_that_does_not_exist_is_refused(server: Served, property_id: int) -> None:
    response = server.plain.patch(f"/_control/records/rentals/{property_id}", json={"Colour": "red"})
    assert (response.status_code, response.json()["Errors"][0]["Key"]) == (400, "Colour")


def test_a_deleted_property_takes_its_units_and_leaves_its_owners(
    subscribed: Served, subscriber: Subscriber, bank_account_id: int
) -> None:
    made = subscribed.made("/v1/rentals", bodies.rental(bank_account_id, Units=[bodies.unit(), bodies.unit()]))
    owner = subscribed.made("/v1/rentals/owners", bodies.owner([made["Id"]]))
    subscriber.events(3)
    subscribed.control("DELETE", f"/records/rentals/{made['Id']}")
    events = sorted(event["EventName"] for event in subscriber.events(3))
    assert events == ["Rental.Deleted", "RentalUnit.Deleted", "RentalUnit.Deleted"]
    assert subscribed.api.get(f"/v1/rentals/{made['Id']}").status_code == 404
    assert subscribed.api.get(f"/v1/rentals/units?propertyids={made['Id']}").json() == []
    left = subscribed.api.get(f"/v1/rentals/owners/{owner['Id']}").json()
    assert (left["PropertyIds"], left["IsActive"]) == ([], False)


def test_a_bank_account_in_use_cannot_be_deleted(server: Served) -> None:
    used = server.first("/v1/rentals")["OperatingBankAccountId"]
    assert server.plain.delete(f"/_control/records/bank_accounts/{used}").status_code == 409
    unused = server.made("/v1/bankaccounts", bodies.bank_account())
    server.control("DELETE", f"/records/bank_accounts/{unused['Id']}")
    assert server.api.get(f"/v1/glaccounts/{unused['GLAccount']['Id']}").status_code == 404


def test_a_ledger_account_with_children_cannot_be_deleted(server: Served) -> None:
    parent = server.made("/v1/glaccounts", bodies.gl_account())["Id"]
    child = server.made("/v1/glaccounts", bodies.gl_account(ParentGLAccountId=parent))["Id"]
    assert server.plain.delete(f"/_control/records/gl_accounts/{parent}").status_code == 409
    server.control("DELETE", f"/records/gl_accounts/{child}")
    server.control("DELETE", f"/records/gl_accounts/{parent}")
    assert server.api.get(f"/v1/glaccounts/{parent}").status_code == 404


def test_records_can_be_created_without_credentials_or_limits(server: Served, property_id: int) -> None:
    server.switch(rate_limit=1, key_works=False)
    for _ in range(3):
        made = server.control("POST", "/records/units", bodies.unit(PropertyId=property_id))
        assert made["values"]["PropertyId"] == property_id
    assert server.plain.post("/_control/records/units", json={}).status_code == 400


def test_users_exist_only_through_the_control_api(server: Served) -> None:
    made = server.control("POST", "/records/users", {"FirstName": "Nell", "LastName": "Gwyn"})
    assert server.api.get(f"/v1/users/{made['id']}").json()["UserTypes"] == ["Staff"]
    assert server.api.post("/v1/users", json={}).status_code == 405
    assert server.plain.post("/_control/records/users", json={"Shoe": 7}).status_code == 400


def test_what_only_comes_with_something_else_cannot_be_made_alone(server: Served) -> None:
    for kind in ("emails", "cosigners"):
        assert server.plain.post(f"/_control/records/{kind}", json={}).status_code == 405


def test_records_are_listed_in_pages_and_found_by_name_or_id(server: Served) -> None:
    listed = server.control("GET", "/records/units?limit=7&offset=3")
    assert (listed["total"], [item["id"] for item in listed["items"]][0]) == (60, 1004)
    found = server.control("GET", "/records/users?search=imogen")
    assert [item["values"]["LastName"] for item in found["items"]] == ["Vance"]
    assert server.plain.get("/_control/records/martians").status_code == 404
    assert server.plain.get("/_control/records/units/99999").status_code == 404


def test_requests_are_logged_with_body_status_and_time(server: Served, property_id: int) -> None:
    server.control("DELETE", "/requests")
    server.api.get("/v1/users?limit=1")
    server.api.post("/v1/rentals/units", json=bodies.unit(PropertyId=property_id, UnitNumber="Logged"))
    log = server.control("GET", "/requests")
    assert (log["total"], log["by_status"]) == (2, {"200": 1, "201": 1})
    assert log["by_call"] == {"GET /v1/users": 1, "POST /v1/rentals/units": 1}
    post, get = log["items"]
    assert (get["method"], get["path"], get["query"]) == ("GET", "/v1/users", "limit=1")
    assert '"UnitNumber":"Logged"' in post["body"].replace(" ", "")
    assert post["at"] >= get["at"]
    assert "sandbox-secret" not in str(log)
    (only,) = server.control("GET", f"/requests?method=POST&path=/v1/rentals&since={get['number']}")["items"]
    assert only == post


def test_starting_over_forgets_records_faults_switches_and_logs(server: Served, property_id: int) -> None:
    server.made("/v1/rentals/units", bodies.unit(PropertyId=property_id))
    server.fault("status", times=None)
    server.switch(key_works=False)
    assert server.control("POST", "/reset", {"to": "sample"})["units"] == 60
    assert server.api.get("/v1/users").status_code == 200
    assert server.control("GET", "/requests")["total"] == 1
    assert server.control("POST", "/reset", {"to": "sample", "size": 12})["units"] == 12


def test_an_empty_company_has_no_records_at_all(server: Served) -> None:
    assert set(server.control("POST", "/reset", {"to": "empty"}).values()) == {0}
    assert server.api.get("/v1/glaccounts").json() == []
    assert server.api.get("/v1/administration/account").json()["AccountingSettings"]["DefaultBankAccountId"] is None
    bank = server.made("/v1/bankaccounts", bodies.bank_account())
    assert bank["Id"] == 1001


@pytest.mark.parametrize("body", [{"to": "mars"}, {"size": 0}, {"size": "many"}, {"size": 10**9}])
def test_a_bad_start_over_is_refused(server: Served, body: Any) -> None:
    assert server.plain.post("/_control/reset", json=body).status_code == 400


def test_a_bad_switch_is_refused_and_none_is_set(server: Served) -> None:
    for wrong in ({"rate_limit": 0}, {"no_such": 1}, {"permissions": {"Users": "Maybe"}}):
        assert server.plain.patch("/_control/switches", json={"key_works": False, **wrong}).status_code == 400
    assert server.control("GET", "/switches")["key_works"] is True
    assert server.plain.patch("/_control/switches", content=b"[]").status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_other_web_sites_cannot_steer_the_sandbox(server: Served, headers: dict[str, str]) -> None:
    assert server.plain.get("/_control/", headers=headers).status_code == 403
    assert server.plain.post("/_page/reset", data={"to": "empty"}, headers=headers).status_code == 403
    assert server.count("units") == 60


def test_the_control_api_can_be_opened_for_a_private_network() -> None:
    with serve(SandboxConfig(empty=True, control_from_anywhere=True)) as served:
        assert served.plain.get("/_control/", headers={"Host": "sandbox:8001"}).status_code == 200


def test_settings_come_from_the_environment() -> None:
    config = SandboxConfig.from_environment(
        {"SANDBOX_SIZE": "12", "SANDBOX_EMPTY": "1", "SANDBOX_RATE": "3", "SANDBOX_CLIENT_ID": "me", "HOME": "/root"}
    )
    assert (config.size, config.empty, config.rate, config.client_id) == (12, True, 3, "me")
    assert (config.home, config.client_secret) == (None, "sandbox-secret")
    assert SandboxConfig.from_environment({"SANDBOX_EMPTY": "", "SANDBOX_SIZE": ""}) == SandboxConfig()
