"""Tenants: always on a lease, replaced by a PUT, found by where they live."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox import bodies
from tests.sandbox.running import Served, Subscriber
from tests.sandbox.test_rentals import errors


@pytest.fixture
def lease(server: Served, property_id: int) -> dict[str, Any]:
    unit = server.made("/v1/rentals/units", bodies.unit(PropertyId=property_id, UnitNumber="Attic ½"))
    return server.made("/v1/leases", bodies.lease(unit["Id"], Tenants=[bodies.tenant()]))


def test_a_tenant_joins_an_existing_lease_and_shows_on_it(server: Served, lease: dict[str, Any]) -> None:
    made = server.made("/v1/leases/tenants", bodies.full_tenant(LeaseId=lease["Id"]))
    assert [each["Id"] for each in made["Leases"]] == [lease["Id"]]
    assert "LeaseId" not in made
    shown = server.api.get(f"/v1/leases/{lease['Id']}").json()
    assert [tenant["Id"] for tenant in shown["Tenants"]] == [lease["Tenants"][0]["Id"], made["Id"]]
    assert shown["CurrentNumberOfOccupants"] == 2
    assert shown["CurrentTenants"][1]["Leases"][0]["CurrentTenants"] is None


def test_a_tenant_of_an_unknown_lease_is_404(server: Served) -> None:
    assert server.api.post("/v1/leases/tenants", json=bodies.tenant(LeaseId=999_999)).status_code == 404
    assert server.api.post("/v1/leases/tenants", json=bodies.tenant()).status_code == 400


def test_the_same_person_twice_on_a_lease_is_409_unless_switched(server: Served, lease: dict[str, Any]) -> None:
    body = bodies.full_tenant(LeaseId=lease["Id"])
    server.made("/v1/leases/tenants", body)
    assert server.api.post("/v1/leases/tenants", json=body).status_code == 409
    server.made("/v1/leases/tenants", {**body, "Email": "other@example.com"})
    server.switch(tenant_twice="allow")
    server.made("/v1/leases/tenants", body)


def test_a_put_replaces_the_person_and_leaves_the_leases(server: Served, lease: dict[str, Any]) -> None:
    made = server.made("/v1/leases/tenants", bodies.full_tenant(LeaseId=lease["Id"]))
    place = f"/v1/leases/tenants/{made['Id']}"
    bare = server.api.put(place, json=bodies.tenant(FirstName="Ada")).json()
    gone = ("Email", "AlternateEmail", "DateOfBirth", "Comment", "TaxId", "EmergencyContact", "AlternateAddress")
    assert [bare[name] for name in gone] == [None] * len(gone)
    assert (bare["PhoneNumbers"], bare["MailingPreference"]) == ([], "PrimaryAddress")
    assert [each["Id"] for each in bare["Leases"]] == [lease["Id"]]
    assert server.api.put(place, json=bodies.tenant(LeaseId=lease["Id"])).status_code == 400


@pytest.mark.parametrize("tax_id", ["12-1234567", "123-12-1234", "123456789"])
def test_a_tax_id_has_one_of_three_forms(server: Served, lease: dict[str, Any], tax_id: str) -> None:
    made = server.made("/v1/leases/tenants", bodies.tenant(LeaseId=lease["Id"], TaxId=tax_id))
    assert made["TaxId"] == tax_id
    wrong = bodies.tenant(LeaseId=lease["Id"], TaxId=f"{tax_id}0")
    assert errors(server.api.post("/v1/leases/tenants", json=wrong)) == ["TaxId"]


def test_tenants_are_found_by_who_they_are_and_where_they_live(server: Served, lease: dict[str, Any]) -> None:
    body = bodies.full_tenant(LeaseId=lease["Id"], FirstName="Zenobia", Email="zen@example.com")
    tenant = server.made("/v1/leases/tenants", body)["Id"]
    owner = server.api.get(f"/v1/rentals/owners?propertyids={lease['PropertyId']}").json()[0]["Id"]
    for query in (
        "name=zenobia",
        "email=zen@",
        f"phone=2075550003&unitids={lease['UnitId']}",
        f"unitids={lease['UnitId']}&name=Zen",
        f"propertyids={lease['PropertyId']}&name=Zen",
        f"rentalownerids={owner}&name=Zen",
        "unitnumber=attic&name=Zen&leasetermstatuses=Active",
        "name=zenobia&buildingstatuses=Active",
    ):
        assert [each["Id"] for each in server.api.get(f"/v1/leases/tenants?{query}").json()] == [tenant], query
    assert server.api.get("/v1/leases/tenants?name=zenobia&leasetermstatuses=Past").json() == []
    assert server.api.get("/v1/leases/tenants?name=zenobia&buildingstatuses=InActive").json() == []
    assert server.api.get("/v1/leases/tenants?buildingstatuses=Inactive").status_code == 400


def test_a_new_tenant_is_announced_and_so_is_the_changed_lease(
    subscribed: Served, subscriber: Subscriber, lease: dict[str, Any]
) -> None:
    subscriber.events(3)
    made = subscribed.made("/v1/leases/tenants", bodies.tenant(LeaseId=lease["Id"]))
    events = [(event["EventName"], event.get("TenantId"), event.get("LeaseId")) for event in subscriber.events(2)]
    assert sorted(events) == [("Lease.Updated", None, lease["Id"]), ("LeaseTenant.Created", made["Id"], None)]


def test_a_tenant_deleted_in_the_web_pages_leaves_the_lease(server: Served, lease: dict[str, Any]) -> None:
    tenant = lease["Tenants"][0]["Id"]
    server.made(f"/v1/leases/{lease['Id']}/moveouts", bodies.move_out(tenant))
    server.control("DELETE", f"/records/tenants/{tenant}")
    left = server.api.get(f"/v1/leases/{lease['Id']}").json()
    assert left["Tenants"] == left["MoveOutData"] == left["CurrentTenants"] == []
