"""Units and owners."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox import bodies
from tests.sandbox.running import Served
from tests.sandbox.test_rentals import errors


@pytest.fixture
def new_unit(server: Served, property_id: int) -> dict[str, Any]:
    return server.made("/v1/rentals/units", bodies.full_unit(PropertyId=property_id))


def test_a_unit_counts_in_its_property_and_names_its_building(server: Served, new_unit: dict[str, Any]) -> None:
    building = server.api.get(f"/v1/rentals/{new_unit['PropertyId']}").json()
    assert new_unit["BuildingName"] == building["Name"]
    listed = server.api.get(f"/v1/rentals/units?propertyids={building['Id']}&limit=1000")
    assert int(listed.headers["X-Total-Count"]) == building["NumberUnits"]


def test_a_unit_of_an_unknown_property_is_404(server: Served) -> None:
    assert server.api.post("/v1/rentals/units", json=bodies.unit(PropertyId=999_999)).status_code == 404
    server.switch(missing_parent_status=422)
    assert server.api.post("/v1/rentals/units", json=bodies.unit(PropertyId=999_999)).status_code == 422


def test_a_unit_number_is_unique_within_its_property(server: Served, new_unit: dict[str, Any]) -> None:
    number, property_id = new_unit["UnitNumber"], new_unit["PropertyId"]
    twin = bodies.unit(UnitNumber=number, PropertyId=property_id)
    assert errors(server.api.post("/v1/rentals/units", json=twin)) == ["UnitNumber"]
    elsewhere = bodies.unit(UnitNumber=number, PropertyId=property_id + 1)
    assert server.api.post("/v1/rentals/units", json=elsewhere).status_code == 201
    other = server.made("/v1/rentals/units", bodies.unit(PropertyId=property_id))
    renamed = server.api.put(f"/v1/rentals/units/{other['Id']}", json=bodies.unit(UnitNumber=number))
    assert errors(renamed) == ["UnitNumber"]


def test_unit_numbers_can_be_compared_without_case(server: Served, property_id: int) -> None:
    server.made("/v1/rentals/units", bodies.unit(UnitNumber="2a", PropertyId=property_id))
    server.made("/v1/rentals/units", bodies.unit(UnitNumber="2A", PropertyId=property_id))
    server.switch(unique_ignores_case=True)
    body = bodies.unit(UnitNumber="2a", PropertyId=property_id)
    assert errors(server.api.post("/v1/rentals/units", json=body)) == ["UnitNumber"]


def test_a_unit_keeps_its_number_and_loses_the_rest_in_a_bare_put(server: Served, new_unit: dict[str, Any]) -> None:
    bare = bodies.unit(UnitNumber=new_unit["UnitNumber"])
    changed = server.api.put(f"/v1/rentals/units/{new_unit['Id']}", json=bare).json()
    gone = ("UnitSize", "MarketRent", "UnitBedrooms", "UnitBathrooms", "Description")
    assert [changed[name] for name in gone] == [None] * 5
    assert changed["PropertyId"] == new_unit["PropertyId"]


def test_a_unit_cannot_move_to_another_property(server: Served, new_unit: dict[str, Any]) -> None:
    body = bodies.unit(PropertyId=new_unit["PropertyId"] + 1)
    assert server.api.put(f"/v1/rentals/units/{new_unit['Id']}", json=body).status_code == 400


def test_an_owner_needs_at_least_one_existing_property(server: Served) -> None:
    assert server.api.post("/v1/rentals/owners", json=bodies.owner([])).status_code == 422
    assert errors(server.api.post("/v1/rentals/owners", json=bodies.owner([999_999]))) == ["PropertyIds"]


@pytest.mark.parametrize("missing", ["FirstName", "LastName"])
def test_a_person_needs_both_names(server: Served, property_id: int, missing: str) -> None:
    body = bodies.owner([property_id], **{missing: None})
    assert errors(server.api.post("/v1/rentals/owners", json=body)) == [missing]


def test_a_company_needs_its_name_and_shows_no_other(server: Served, property_id: int) -> None:
    refused = server.api.post("/v1/rentals/owners", json=bodies.company([property_id], CompanyName=""))
    assert errors(refused) == ["CompanyName"]
    made = server.made("/v1/rentals/owners", bodies.company([property_id], FirstName="Ada", LastName="Byron"))
    assert (made["FirstName"], made["LastName"]) == (None, None)


def test_the_date_of_birth_is_kept_but_never_returned(server: Served, property_id: int) -> None:
    made = server.made("/v1/rentals/owners", bodies.full_owner([property_id]))
    assert "DateOfBirth" not in made
    record = f"/records/owners/{made['Id']}"
    assert server.control("GET", record)["values"]["DateOfBirth"] == "1970-12-31"
    server.api.put(f"/v1/rentals/owners/{made['Id']}", json=bodies.owner([property_id]))
    assert server.control("GET", record)["values"]["DateOfBirth"] is None


def test_phones_are_sent_as_slots_and_come_back_as_a_list(server: Served, property_id: int) -> None:
    made = server.made("/v1/rentals/owners", bodies.full_owner([property_id]))
    assert made["PhoneNumbers"] == [
        {"Number": "(207) 555-0001", "Type": "Home"},
        {"Number": "(207) 555-0002", "Type": "Office"},
        {"Number": "(207) 555-0003", "Type": "Cell"},
        {"Number": "(207) 555-0004", "Type": "Fax"},
    ]


@pytest.mark.parametrize("number", ["", "555-0001", "1" * 21])
def test_a_phone_has_10_to_20_characters(server: Served, property_id: int, number: str) -> None:
    body = bodies.owner([property_id], PhoneNumbers={"Home": number})
    assert errors(server.api.post("/v1/rentals/owners", json=body)) == ["PhoneNumbers.Home"]


def test_a_put_drops_every_phone_that_has_no_slot(server: Served, property_id: int) -> None:
    owner_id = server.made("/v1/rentals/owners", bodies.owner([property_id]))["Id"]
    server.control("PATCH", f"/records/owners/{owner_id}", {"PhoneNumbers": [{"Number": "1", "Type": "Other"}]})
    assert server.api.get(f"/v1/rentals/owners/{owner_id}").json()["PhoneNumbers"][0]["Type"] == "Other"
    body = bodies.owner([property_id], PhoneNumbers={"Work": "(207) 555-0002"})
    changed = server.api.put(f"/v1/rentals/owners/{owner_id}", json=body).json()
    assert changed["PhoneNumbers"] == [{"Number": "(207) 555-0002", "Type": "Office"}]


def test_tax_information_is_taken_at_creation_and_answered_under_another_name(server: Served, property_id: int) -> None:
    made = server.made("/v1/rentals/owners", bodies.owner([property_id], TaxInformation=bodies.tax()))
    tax = made["TaxInformation"]
    assert (tax["TaxPayerIdType"], tax["TaxPayerId"]) == ("SSN", "987-65-4321")
    assert "TaxPayerType" not in tax
    body = bodies.owner([property_id], TaxInformation=bodies.tax())
    assert server.api.put(f"/v1/rentals/owners/{made['Id']}", json=body).status_code == 400
    kept = server.api.put(f"/v1/rentals/owners/{made['Id']}", json=bodies.owner([property_id])).json()
    assert kept["TaxInformation"] == tax


@pytest.mark.parametrize(
    "tax",
    [
        {"TaxPayerType": None},
        {"TaxPayerId": None},
        {"TaxPayerId": "987654321"},
        {"TaxPayerType": "EIN"},
        {"Address": bodies.address(State="Nowhere")},
    ],
)
def test_a_tax_id_needs_its_type_and_format(server: Served, property_id: int, tax: dict[str, Any]) -> None:
    body = bodies.owner([property_id], TaxInformation=bodies.tax(**tax))
    (field,) = errors(server.api.post("/v1/rentals/owners", json=body))
    assert field.startswith("TaxInformation.")


def test_a_put_replaces_the_set_of_properties(server: Served, property_id: int) -> None:
    owner_id = server.made("/v1/rentals/owners", bodies.owner([property_id, property_id + 1]))["Id"]
    body = bodies.owner([property_id + 2, property_id + 2])
    assert server.api.put(f"/v1/rentals/owners/{owner_id}", json=body).json()["PropertyIds"] == [property_id + 2]
    owners = server.api.get(f"/v1/rentals/owners?propertyids={property_id}").json()
    assert owner_id not in [owner["Id"] for owner in owners]


def test_an_owner_of_only_inactive_properties_is_inactive(server: Served, property_id: int) -> None:
    server.api.post(f"/v1/rentals/{property_id}/inactivationrequest")
    made = server.made("/v1/rentals/owners", bodies.owner([property_id]))
    assert made["IsActive"] is False
