"""Records inside a lease: move-outs, which can be taken back, and notes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox import bodies
from tests.sandbox.bodies import in_days
from tests.sandbox.running import Served, Subscriber
from tests.sandbox.test_rentals import errors


@pytest.fixture
def lease(server: Served, property_id: int) -> dict[str, Any]:
    """A lease of two tenants."""
    unit = server.made("/v1/rentals/units", bodies.unit(PropertyId=property_id))
    return server.made("/v1/leases", bodies.lease(unit["Id"], Tenants=[bodies.tenant(), bodies.tenant()]))


@pytest.fixture
def place(lease: dict[str, Any]) -> str:
    return f"/v1/leases/{lease['Id']}"


def tenants_of(lease: dict[str, Any]) -> list[int]:
    return [tenant["Id"] for tenant in lease["Tenants"]]


def test_a_move_out_is_found_by_its_tenant_and_shows_in_the_lease(
    server: Served, lease: dict[str, Any], place: str
) -> None:
    tenant = tenants_of(lease)[1]
    response = server.api.post(f"{place}/moveouts", json=bodies.move_out(tenant))
    made = response.json()
    assert set(made) == {"TenantId", "MoveOutDate", "NoticeGivenDate"}
    assert response.headers["Location"] == f"{server.url}{place}/moveouts/{tenant}"
    assert server.api.get(f"{place}/moveouts/{tenant}").json() == made
    assert server.api.get(f"{place}/moveouts").json() == server.api.get(place).json()["MoveOutData"] == [made]


def test_a_lease_is_past_once_everybody_has_moved_out(server: Served, lease: dict[str, Any], place: str) -> None:
    first, second = tenants_of(lease)
    server.made(f"{place}/moveouts", bodies.move_out(first, MoveOutDate=in_days(-3)))
    left = server.api.get(place).json()
    assert (left["LeaseStatus"], left["CurrentNumberOfOccupants"]) == ("Active", 1)
    assert [each["Status"] for each in left["Tenants"]] == ["MovedOut", "Current"]
    server.made(f"{place}/moveouts", bodies.move_out(second, MoveOutDate=in_days(0)))
    assert server.api.get(place).json()["LeaseStatus"] == "Past"
    assert server.api.get(f"/v1/rentals/units/{lease['UnitId']}").json()["IsUnitOccupied"] is False
    assert server.api.delete(f"{place}/moveouts/{second}").status_code == 204
    assert server.api.get(place).json()["LeaseStatus"] == "Active"


def test_a_move_out_to_come_changes_nothing_yet(server: Served, lease: dict[str, Any], place: str) -> None:
    server.made(f"{place}/moveouts", bodies.move_out(tenants_of(lease)[0], MoveOutDate=in_days(1)))
    assert server.api.get(place).json()["CurrentNumberOfOccupants"] == 2


def test_only_a_tenant_of_the_lease_can_move_out_and_only_once(
    server: Served, lease: dict[str, Any], place: str
) -> None:
    assert errors(server.api.post(f"{place}/moveouts", json=bodies.move_out(999_999))) == ["TenantId"]
    body = bodies.move_out(tenants_of(lease)[0])
    server.made(f"{place}/moveouts", body)
    assert errors(server.api.post(f"{place}/moveouts", json=body)) == ["TenantId"]


def test_a_move_out_that_was_taken_back_is_gone(server: Served, lease: dict[str, Any], place: str) -> None:
    tenant = tenants_of(lease)[0]
    assert server.api.delete(f"{place}/moveouts/{tenant}").status_code == 404
    server.made(f"{place}/moveouts", bodies.move_out(tenant))
    response = server.api.delete(f"{place}/moveouts/{tenant}")
    assert (response.status_code, response.content) == (204, b"")
    for again in (server.api.get, server.api.delete):
        assert again(f"{place}/moveouts/{tenant}").status_code == 404
    assert server.api.get(f"{place}/moveouts").json() == []
    server.made(f"{place}/moveouts", bodies.move_out(tenant))


def test_taking_back_needs_the_right_to_edit_but_not_to_delete(
    server: Served, lease: dict[str, Any], place: str
) -> None:
    tenant = tenants_of(lease)[0]
    server.made(f"{place}/moveouts", bodies.move_out(tenant))
    server.switch(permissions={"Rentals > Leases": "View"})
    assert server.api.delete(f"{place}/moveouts/{tenant}").status_code == 403
    server.switch(permissions={"Rentals > Leases": "View+Edit", "Rentals > Tenants": "None"})
    assert server.api.delete(f"{place}/moveouts/{tenant}").status_code == 403
    assert server.api.get(f"{place}/moveouts").status_code == 403
    server.switch(permissions={"Rentals > Leases": "View+Edit", "Rentals > Tenants": "View"})
    assert server.api.delete(f"{place}/moveouts/{tenant}").status_code == 204


def test_a_tenant_who_leaves_two_leases_has_a_move_out_in_each(server: Served, lease: dict[str, Any]) -> None:
    tenant = tenants_of(lease)[0]
    other = server.made("/v1/leases", bodies.lease(lease["UnitId"], TenantIds=[tenant]))
    for number, each in enumerate((lease, other)):
        body = bodies.move_out(tenant, MoveOutDate=in_days(number))
        server.made(f"/v1/leases/{each['Id']}/moveouts", body)
    found = [server.api.get(f"/v1/leases/{each['Id']}/moveouts/{tenant}").json() for each in (lease, other)]
    assert [out["MoveOutDate"] for out in found] == [in_days(0), in_days(1)]


def test_a_move_out_is_announced_and_its_end_only_through_the_lease(
    subscribed: Served, subscriber: Subscriber, lease: dict[str, Any], place: str
) -> None:
    subscriber.events(4)
    tenant = tenants_of(lease)[0]
    subscribed.made(f"{place}/moveouts", bodies.move_out(tenant))
    out, changed = sorted(subscriber.events(2), key=lambda event: len(event["EventName"]), reverse=True)
    assert (out["EventName"], out["LeaseId"], out["TenantId"]) == ("Lease.MoveOut.Created", lease["Id"], tenant)
    assert changed["EventName"] == "Lease.Updated"
    subscribed.api.delete(f"{place}/moveouts/{tenant}")
    assert subscriber.next().event["EventName"] == "Lease.Updated"
    assert subscriber.is_quiet()


def test_records_of_another_lease_are_not_found_under_this_one(
    server: Served, lease: dict[str, Any], place: str
) -> None:
    other = f"/v1/leases/{server.made('/v1/leases', bodies.lease(lease['UnitId']))['Id']}"
    note = server.made(f"{place}/notes", {"Note": "Here."})["Id"]
    tenant = tenants_of(lease)[0]
    server.made(f"{place}/moveouts", bodies.move_out(tenant))
    assert server.api.get(f"{other}/notes").json() == server.api.get(f"{other}/moveouts").json() == []
    assert server.api.get(f"{other}/notes/{note}").status_code == 404
    assert server.api.put(f"{other}/notes/{note}", json={"Note": "There."}).status_code == 404
    assert server.api.delete(f"{other}/moveouts/{tenant}").status_code == 404


@pytest.mark.parametrize("inner", ["moveouts", "notes"])
def test_a_lease_that_does_not_exist_has_no_inner_records(server: Served, inner: str) -> None:
    body = bodies.move_out(1) if inner == "moveouts" else {"Note": "Nowhere."}
    assert server.api.get(f"/v1/leases/999999/{inner}").status_code == 404
    assert server.api.post(f"/v1/leases/999999/{inner}", json=body).status_code == 404


def test_a_note_names_its_last_author_and_moment(server: Served, place: str) -> None:
    made = server.made(f"{place}/notes", {"Note": "Two cats."})
    changed = server.api.put(f"{place}/notes/{made['Id']}", json={"Note": "Three cats."}).json()
    assert changed["Note"] == "Three cats."
    by = changed["LastUpdatedByUser"]
    assert (by["Id"], by["FirstName"], by["Href"]) == (1001, "Imogen", "/v1/users/1001")
    assert by["UpdatedDateTime"].startswith(in_days(0))
    assert errors(server.api.post(f"{place}/notes", json={"Note": ""})) == ["Note"]
    assert server.api.delete(f"{place}/notes/{made['Id']}").status_code == 405


def test_notes_are_found_by_time_and_author(server: Served, place: str) -> None:
    note = server.made(f"{place}/notes", {"Note": "Two cats."})["Id"]

    def found(query: str) -> list[int]:
        return [each["Id"] for each in server.api.get(f"{place}/notes?{query}").json()]

    assert found(f"updateddatetimefrom={in_days(0)} 00:00:00&lastupdatedbyuserid=1001") == [note]
    assert found(f"updateddatetimeto={in_days(-1)} 23:59:59") == found("lastupdatedbyuserid=1002") == []


def test_inner_records_are_made_in_the_web_pages_too(server: Served, lease: dict[str, Any], place: str) -> None:
    made = server.control("POST", "/records/lease_notes", {"LeaseId": lease["Id"], "Note": "By hand."})
    assert server.api.get(f"{place}/notes/{made['id']}").json()["Note"] == "By hand."
    out = bodies.move_out(tenants_of(lease)[0])
    server.control("POST", "/records/lease_moveouts", {"LeaseId": lease["Id"], **out})
    assert server.api.get(f"{place}/moveouts").json() == [out]
    for wrong, status in (({"Note": "Where?"}, 400), ({"LeaseId": 999_999, "Note": "There?"}, 404)):
        assert server.plain.post("/_control/records/lease_notes", json=wrong).status_code == status


def test_people_and_payments_can_be_added_in_the_web_pages(server: Served, lease: dict[str, Any], place: str) -> None:
    link = {"LeaseId": lease["Id"], "TenantId": tenants_of(lease)[0], "MoveInDate": in_days(3)}
    server.control("POST", "/records/lease_tenants", link)
    assert [each["Status"] for each in server.api.get(place).json()["Tenants"]] == ["Current", "Current", "Future"]
    paid = {"LeaseId": lease["Id"], "Amount": 900.0, "Date": in_days(0), "Memo": "Check 17"}
    assert server.control("POST", "/records/lease_transactions", paid)["values"]["TransactionType"] == "Payment"
