"""Paging, ordering and filters of the lists."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox import bodies
from tests.sandbox.running import Served


def ids(answers: Any) -> list[int]:
    return [answer["Id"] for answer in answers]


def test_a_page_has_50_records_unless_told_otherwise(server: Served) -> None:
    response = server.api.get("/v1/rentals/units")
    assert len(response.json()) == 50
    assert response.headers["X-Total-Count"] == "60"
    assert len(server.api.get("/v1/rentals/units?limit=7").json()) == 7


def test_a_limit_above_1000_is_taken_for_1000(server: Served) -> None:
    server.control("POST", "/reset", {"to": "sample", "size": 1100})
    server.switch(rate_limit=None)
    response = server.api.get("/v1/rentals/units?limit=5000&orderby=Id")
    assert len(response.json()) == 1000
    assert response.headers["X-Total-Count"] == "1100"


def test_pages_ordered_by_id_show_every_record_once(server: Served) -> None:
    seen = []
    for offset in range(0, 60, 13):
        seen += ids(server.api.get(f"/v1/rentals/units?orderby=Id asc&limit=13&offset={offset}").json())
    assert seen == sorted(set(seen))
    assert len(seen) == 60


def test_an_offset_behind_the_end_is_an_empty_page(server: Served) -> None:
    response = server.api.get("/v1/rentals/units?offset=500")
    assert (response.json(), response.headers["X-Total-Count"]) == ([], "60")


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=ten", "offset=-1", "offset=1.5", "orderby=Nothing"])
def test_a_bad_paging_value_is_400(server: Served, query: str) -> None:
    assert server.api.get(f"/v1/rentals?{query}").status_code == 400


@pytest.mark.parametrize("query", ["Limit=5", "OFFSET=1", "OrderBy=Id", "PropertyIds=1"])
def test_a_parameter_in_the_wrong_case_is_404(server: Served, query: str) -> None:
    assert server.api.get(f"/v1/rentals?{query}").status_code == 404


def test_a_parameter_nobody_knows_is_ignored(server: Served) -> None:
    assert server.api.get("/v1/rentals?nonsense=1").status_code == 200


def test_orderby_takes_several_fields_and_directions(server: Served) -> None:
    units = server.api.get("/v1/rentals/units?orderby=PropertyId desc,UnitNumber,Id&limit=1000").json()
    keys = [(-unit["PropertyId"], unit["UnitNumber"].casefold(), unit["Id"]) for unit in units]
    assert keys == sorted(keys)


def test_orderby_ignores_the_case_of_property_names(server: Served) -> None:
    by_own_case = server.api.get("/v1/rentals?orderby=Name desc,Id").json()
    assert server.api.get("/v1/rentals?orderby=name DESC,id").json() == by_own_case


def test_orderby_puts_nulls_first(server: Served) -> None:
    years = [rental["YearBuilt"] for rental in server.api.get("/v1/rentals?orderby=YearBuilt").json()]
    assert years == sorted(years, key=lambda year: (year is not None, year or 0))


def test_an_order_that_nobody_asked_for_can_be_made_unstable(server: Served) -> None:
    server.switch(unstable_order=True)
    orders = {tuple(ids(server.api.get("/v1/rentals/units").json())) for _ in range(3)}
    assert len(orders) > 1


def test_array_filters_repeat_the_key(server: Served) -> None:
    first, second = ids(server.api.get("/v1/rentals?limit=2&orderby=Id").json())
    units = server.api.get("/v1/rentals/units", params={"propertyids": [first, second], "limit": 1000}).json()
    assert {unit["PropertyId"] for unit in units} == {first, second}


def test_array_filters_take_no_commas(server: Served) -> None:
    assert server.api.get("/v1/rentals?propertyids=1001,1002").status_code == 400


def test_records_are_found_by_the_time_of_their_last_change(server: Served, property_id: int) -> None:
    server.api.post(f"/v1/rentals/{property_id}/inactivationrequest")
    changed = server.api.get("/v1/rentals?lastupdatedfrom=2025-01-01T00:00:00Z").json()
    assert ids(changed) == [property_id]
    unchanged = server.api.get("/v1/rentals?lastupdatedto=2025-01-01T00:00:00Z&limit=1000").json()
    assert property_id not in ids(unchanged)
    assert len(unchanged) == server.count("rentals") - 1


def test_a_change_in_the_second_of_the_filter_is_found(server: Served, property_id: int) -> None:
    server.api.post(f"/v1/rentals/{property_id}/inactivationrequest")
    changed = server.control("GET", f"/records/rentals/{property_id}")["updated"][:19]
    for name in ("lastupdatedfrom", "lastupdatedto"):
        found = server.api.get("/v1/rentals", params={name: f"{changed}Z", "limit": 1000}).json()
        assert property_id in ids(found)


@pytest.mark.parametrize(
    "query",
    ["lastupdatedfrom=yesterday", "types=Castle", "status=Inactive", "propertyids=x", "propertyids=99999999999"],
)
def test_a_bad_filter_value_is_400(server: Served, query: str) -> None:
    assert server.api.get(f"/v1/rentals?{query}").status_code == 400


def test_properties_are_filtered_by_type_sub_type_and_status(server: Served, property_id: int) -> None:
    server.api.post(f"/v1/rentals/{property_id}/inactivationrequest")
    everything = server.api.get("/v1/rentals?limit=1000").json()
    for query, name, value in [
        ("types=Commercial", "RentalType", "Commercial"),
        ("subtypes=Storage", "RentalSubType", "Storage"),
        ("status=InActive", "IsActive", False),
    ]:
        expected = [rental["Id"] for rental in everything if rental[name] == value]
        assert ids(server.api.get(f"/v1/rentals?{query}&limit=1000").json()) == expected
        assert expected


def test_location_matches_city_or_state(server: Served, bank_account_id: int) -> None:
    city = server.made("/v1/rentals", bodies.rental(bank_account_id, Address=bodies.address(City="Xanadu", State="ME")))
    address = bodies.address(City="Elsewhere", State="Xan", Country="France")
    state = server.made("/v1/rentals", bodies.rental(bank_account_id, Address=address))
    assert ids(server.api.get("/v1/rentals?location=xan").json()) == [city["Id"], state["Id"]]


def test_owners_are_filtered_by_name_phone_property_and_status(server: Served, property_id: int) -> None:
    made = server.made("/v1/rentals/owners", bodies.full_owner([property_id], LastName="Quetzalcoatl"))
    for query in ("ownername=quetzal", "ownername=Ada Quetz", "phone=5550003", "phone=555-0003"):
        assert made["Id"] in ids(server.api.get(f"/v1/rentals/owners?{query}").json())
    assert made["Id"] in ids(server.api.get(f"/v1/rentals/owners?propertyids={property_id}").json())
    assert made["Id"] not in ids(server.api.get("/v1/rentals/owners?status=Inactive").json())


def test_owners_are_filtered_by_the_days_left_of_their_agreement(server: Served, property_id: int) -> None:
    ending = server.made("/v1/rentals/owners", bodies.owner([property_id], ManagementAgreementEndDate="2099-01-01"))
    assert ending["Id"] in ids(server.api.get("/v1/rentals/owners?agreementdaysremaining=99999&limit=1000").json())
    assert ending["Id"] not in ids(server.api.get("/v1/rentals/owners?agreementdaysremaining=30&limit=1000").json())


def test_properties_are_found_by_their_owners(server: Served, property_id: int) -> None:
    made = server.made("/v1/rentals/owners", bodies.owner([property_id]))
    assert ids(server.api.get(f"/v1/rentals?rentalownerids={made['Id']}").json()) == [property_id]


def test_bank_accounts_are_filtered_by_status_name_and_routing_number(server: Served) -> None:
    made = server.made("/v1/bankaccounts", bodies.bank_account(Name="Zebra Trust", RoutingNumber="999888777"))
    for query in ("bankname=zebra", "routingnumbers=9888", "routingnumbers=0000000&routingnumbers=9888"):
        assert ids(server.api.get(f"/v1/bankaccounts?{query}").json()) == [made["Id"]]
    inactive = server.api.get("/v1/bankaccounts?bankaccountstatus=InActive").json()
    assert [account["IsActive"] for account in inactive] == [False]


def test_ledger_accounts_are_filtered_by_type(server: Served) -> None:
    found = server.api.get("/v1/glaccounts?accounttypes=Equity&accounttypes=Liability").json()
    assert {account["Type"] for account in found} == {"Equity", "Liability"}


def test_users_are_filtered_by_type_role_status_name_and_email(server: Served) -> None:
    staff = server.api.get("/v1/users?usertypes=Staff").json()
    assert len(staff) == 8
    assert {user["UserTypes"][0] for user in staff} == {"Staff"}
    assert ids(server.api.get("/v1/users?usertypes=Staff&status=Inactive").json()) == [staff[-1]["Id"]]
    assert ids(server.api.get("/v1/users?name=imogen v").json()) == [staff[0]["Id"]]
    assert ids(server.api.get("/v1/users?email=imogen.vance@").json()) == [staff[0]["Id"]]
    role = staff[0]["UserRole"]["Id"]
    assert {user["UserRole"]["Id"] for user in server.api.get(f"/v1/users?roleids={role}").json()} == {role}


def test_contains_filters_can_be_made_case_sensitive(server: Served) -> None:
    server.switch(contains_ignores_case=False)
    assert server.api.get("/v1/users?name=imogen").json() == []
    assert len(server.api.get("/v1/users?name=Imogen").json()) == 1
