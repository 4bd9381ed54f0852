"""Properties: default unit, units inline, references, cascades."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox import bodies
from tests.sandbox.running import Served


def units_of(server: Served, property_id: int) -> list[dict[str, Any]]:
    return list(server.api.get(f"/v1/rentals/units?propertyids={property_id}&limit=1000&orderby=Id").json())


def owner(server: Served, owner_id: int) -> dict[str, Any]:
    return dict(server.api.get(f"/v1/rentals/owners/{owner_id}").json())


def errors(response: Any) -> list[str]:
    assert response.status_code == 422, response.text
    return [error["Key"] for error in response.json()["Errors"]]


def test_a_new_property_is_answered_with_its_location(server: Served, bank_account_id: int) -> None:
    response = server.api.post("/v1/rentals", json=bodies.full_rental(bank_account_id))
    made = response.json()
    assert response.status_code == 201
    assert response.headers["Location"] == f"{server.url}/v1/rentals/{made['Id']}"
    assert server.api.get(response.headers["Location"]).json() == made
    assert (made["IsActive"], made["RentalType"], made["Reserve"]) == (True, "Residential", 250.0)


def test_a_property_without_units_gets_a_default_unit_and_a_link_to_it(server: Served, bank_account_id: int) -> None:
    response = server.api.post("/v1/rentals", json=bodies.rental(bank_account_id, Units=[]))
    (unit,) = units_of(server, response.json()["Id"])
    assert response.json()["NumberUnits"] == 1
    assert f"{server.url}/v1/rentals/units/{unit['Id']}" in response.headers["Link"]
    assert unit["Address"]["AddressLine1"] == "7 Wharf Lane"


def test_units_given_inline_replace_the_default_unit(server: Served, bank_account_id: int) -> None:
    units = [bodies.full_unit(UnitNumber="A"), bodies.unit(UnitNumber="B")]
    made = server.made("/v1/rentals", bodies.rental(bank_account_id, Units=units))
    assert [unit["UnitNumber"] for unit in units_of(server, made["Id"])] == ["A", "B"]
    assert made["NumberUnits"] == 2


def test_a_property_takes_at_most_100_units_inline(server: Served, bank_account_id: int) -> None:
    units = [bodies.unit() for _ in range(101)]
    assert server.api.post("/v1/rentals", json=bodies.rental(bank_account_id, Units=units)).status_code == 422
    assert server.api.post("/v1/rentals", json=bodies.rental(bank_account_id, Units=units[:100])).status_code == 201


def test_unit_numbers_given_inline_must_differ_and_nothing_is_kept(server: Served, bank_account_id: int) -> None:
    before = server.control("GET", "/records")
    units = [bodies.unit(UnitNumber="A"), bodies.unit(UnitNumber="A")]
    refused = server.api.post("/v1/rentals", json=bodies.rental(bank_account_id, Units=units))
    assert errors(refused) == ["Units[1].UnitNumber"]
    assert server.control("GET", "/records") == before


def test_a_property_needs_an_existing_bank_account(server: Served) -> None:
    assert errors(server.api.post("/v1/rentals", json=bodies.rental(999_999))) == ["OperatingBankAccountId"]


def test_the_manager_must_be_active_staff(server: Served, bank_account_id: int) -> None:
    users = server.api.get("/v1/users?orderby=Id").json()
    manager, inactive = users[1], users[7]
    outsider = next(user for user in users if "Staff" not in user["UserTypes"])
    for user_id in (inactive["Id"], outsider["Id"], 999_999):
        body = bodies.rental(bank_account_id, PropertyManagerId=user_id)
        assert errors(server.api.post("/v1/rentals", json=body)) == ["PropertyManagerId"]
    made = server.made("/v1/rentals", bodies.rental(bank_account_id, PropertyManagerId=manager["Id"]))
    assert made["RentalManager"]["Email"] == manager["Email"]


@pytest.mark.parametrize(("year", "status"), [(999, 422), (1000, 201), (2026, 201), (9999, 422)])
def test_the_year_built_lies_between_1000_and_now(server: Served, bank_account_id: int, year: int, status: int) -> None:
    response = server.api.post("/v1/rentals", json=bodies.rental(bank_account_id, YearBuilt=year))
    assert response.status_code == status


def test_owners_given_at_creation_get_the_property(server: Served, bank_account_id: int) -> None:
    owner_id = server.first("/v1/rentals/owners")["Id"]
    made = server.made("/v1/rentals", bodies.rental(bank_account_id, RentalOwnerIds=[owner_id, owner_id]))
    assert owner(server, owner_id)["PropertyIds"].count(made["Id"]) == 1
    refused = server.api.post("/v1/rentals", json=bodies.rental(bank_account_id, RentalOwnerIds=[999_999]))
    assert errors(refused) == ["RentalOwnerIds"]


def test_a_put_empties_what_it_leaves_out_and_keeps_units_and_owners(server: Served, bank_account_id: int) -> None:
    owner_id = server.first("/v1/rentals/owners")["Id"]
    body = bodies.full_rental(bank_account_id, RentalOwnerIds=[owner_id], PropertyManagerId=1002)
    made = server.made("/v1/rentals", body)
    response = server.api.put(f"/v1/rentals/{made['Id']}", json=bodies.rental(bank_account_id, Name="Only this"))
    assert response.status_code == 200
    changed = response.json()
    assert (changed["Name"], changed["NumberUnits"], changed["IsActive"]) == ("Only this", 1, True)
    assert (changed["StructureDescription"], changed["YearBuilt"], changed["RentalManager"]) == (None, None, None)
    assert changed["Reserve"] == 0
    assert made["Id"] in owner(server, owner_id)["PropertyIds"]


@pytest.mark.parametrize("field", ["Units", "RentalOwnerIds"])
def test_what_only_a_creation_takes_is_unknown_in_a_put(server: Served, bank_account_id: int, field: str) -> None:
    property_id = server.first("/v1/rentals")["Id"]
    body = bodies.rental(bank_account_id, **{field: []})
    assert server.api.put(f"/v1/rentals/{property_id}", json=body).status_code == 400


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ({"State": "Maine"}, 201),
        ({"State": "nh"}, 201),
        ({"State": None}, 201),
        ({"State": "Ontario"}, 422),
        ({"State": "QC", "Country": "Canada"}, 201),
        ({"State": "ME", "Country": "Canada"}, 422),
        ({"State": "Anything", "Country": "France"}, 201),
    ],
)
def test_states_are_checked_in_the_united_states_and_canada(
    server: Served, bank_account_id: int, address: dict[str, Any], status: int
) -> None:
    body = bodies.rental(bank_account_id, Address=bodies.address(**address))
    assert server.api.post("/v1/rentals", json=body).status_code == status


def test_an_inactive_property_takes_along_units_and_owners_left_without_one(
    server: Served, bank_account_id: int
) -> None:
    one = server.made("/v1/rentals", bodies.rental(bank_account_id))["Id"]
    other = server.made("/v1/rentals", bodies.rental(bank_account_id))["Id"]
    only_one = server.made("/v1/rentals/owners", bodies.owner([one]))["Id"]
    both = server.made("/v1/rentals/owners", bodies.owner([one, other]))["Id"]

    assert server.api.post(f"/v1/rentals/{one}/inactivationrequest").status_code == 204
    assert server.api.get(f"/v1/rentals/{one}").json()["IsActive"] is False
    (unit,) = units_of(server, one)
    assert server.control("GET", f"/records/units/{unit['Id']}")["values"]["IsActive"] is False
    assert (owner(server, only_one)["IsActive"], owner(server, both)["IsActive"]) == (False, True)

    assert server.api.post(f"/v1/rentals/{one}/reactivationrequest").status_code == 204
    assert server.api.get(f"/v1/rentals/{one}").json()["IsActive"] is True
    assert server.control("GET", f"/records/units/{unit['Id']}")["values"]["IsActive"] is True
    assert owner(server, only_one)["IsActive"] is True


def test_a_status_request_can_be_repeated(server: Served, property_id: int) -> None:
    for _ in range(2):
        assert server.api.post(f"/v1/rentals/{property_id}/inactivationrequest").status_code == 204
    assert server.api.post("/v1/rentals/999999/inactivationrequest").status_code == 404


def test_ids_are_given_out_once_and_counted_per_kind(server: Served, bank_account_id: int) -> None:
    made = server.made("/v1/rentals", bodies.rental(bank_account_id))["Id"]
    server.control("DELETE", f"/records/rentals/{made}")
    assert server.made("/v1/rentals", bodies.rental(bank_account_id))["Id"] == made + 1
    assert server.first("/v1/rentals")["Id"] == server.first("/v1/rentals/units")["Id"]


def test_two_properties_may_have_the_same_name(server: Served, bank_account_id: int) -> None:
    body = bodies.rental(bank_account_id, Name="Twin")
    assert server.made("/v1/rentals", body)["Id"] != server.made("/v1/rentals", body)["Id"]


@pytest.mark.parametrize(
    "name", ["東京ハーバー", "مجمع الميناء", "𠮷野家 𝔅", 'O\'Malley "x" <b>', "e\u0301", "a\x00b", "x" * 127]
)
def test_names_of_any_script_come_back_unchanged(server: Served, bank_account_id: int, name: str) -> None:
    assert server.made("/v1/rentals", bodies.rental(bank_account_id, Name=name))["Name"] == name
