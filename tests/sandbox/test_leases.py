"""Leases: terms and status, the people and the money that come with them, and what a PUT destroys."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox import bodies
from tests.sandbox.bodies import in_days
from tests.sandbox.running import Served, Subscriber
from tests.sandbox.test_rentals import errors

Body = dict[str, Any]


@pytest.fixture
def unit_id(server: Served, property_id: int) -> int:
    """A unit without any lease."""
    return int(server.made("/v1/rentals/units", bodies.unit(PropertyId=property_id))["Id"])


@pytest.fixture
def gl_account_id(server: Served) -> int:
    return int(server.made("/v1/glaccounts", bodies.gl_account(SubType="Income"))["Id"])


def refused(server: Served, body: Body) -> list[str]:
    return errors(server.api.post("/v1/leases", json=body))


def test_a_lease_belongs_to_the_property_of_its_unit(server: Served, unit_id: int, property_id: int) -> None:
    made = server.made("/v1/leases", bodies.lease(unit_id))
    unit = server.api.get(f"/v1/rentals/units/{unit_id}").json()
    assert (made["PropertyId"], made["UnitNumber"]) == (property_id, unit["UnitNumber"])
    assert made["Tenants"] == made["CurrentTenants"] == made["MoveOutData"] == []


def test_a_lease_of_an_unknown_unit_tenant_or_applicant_is_404(server: Served, unit_id: int) -> None:
    nobody: list[Body] = [{"UnitId": 999_999}, {"TenantIds": [999_999]}, {"ApplicantIds": [7]}]
    for wrong in nobody:
        assert server.api.post("/v1/leases", json=bodies.lease(unit_id, **wrong)).status_code == 404
    server.switch(missing_parent_status=422)
    for wrong in nobody:
        assert refused(server, bodies.lease(unit_id, **wrong)) == list(wrong)


@pytest.mark.parametrize("kind", ["Fixed", "FixedWithRollover"])
def test_a_fixed_lease_needs_an_end_unless_switched(server: Served, unit_id: int, kind: str) -> None:
    body = bodies.lease(unit_id, LeaseType=kind, LeaseToDate=None)
    assert refused(server, body) == ["LeaseToDate"]
    server.switch(fixed_lease_needs_end=False)
    assert server.made("/v1/leases", body)["LeaseToDate"] is None


@pytest.mark.parametrize("end", [in_days(-365), in_days(-366)])
def test_a_lease_ends_after_it_starts(server: Served, unit_id: int, end: str) -> None:
    assert refused(server, bodies.lease(unit_id, LeaseToDate=end)) == ["LeaseToDate"]


@pytest.mark.parametrize(
    ("terms", "status", "term"),
    [
        (("Fixed", -10, 10), "Active", "Standard"),
        (("Fixed", 0, 10), "Active", "Standard"),
        (("Fixed", -10, 0), "Active", "Standard"),
        (("Fixed", 1, 10), "Future", "Standard"),
        (("Fixed", -10, -1), "Past", "Standard"),
        (("FixedWithRollover", -10, -1), "Active", "MonthToMonth"),
        (("FixedWithRollover", -10, 1), "Active", "Standard"),
        (("AtWill", -10, None), "Active", "MonthToMonth"),
        (("AtWill", -10, -1), "Past", "MonthToMonth"),
    ],
)
def test_the_status_and_the_term_follow_from_type_and_dates(
    server: Served, unit_id: int, terms: tuple[str, int, int | None], status: str, term: str
) -> None:
    kind, start, end = terms
    dates = {"LeaseFromDate": in_days(start), "LeaseToDate": None if end is None else in_days(end)}
    made = server.made("/v1/leases", bodies.lease(unit_id, LeaseType=kind, **dates, Tenants=[bodies.tenant()]))
    assert (made["LeaseStatus"], made["TermType"]) == (status, term)
    standing = {"Active": "Current", "Past": "MovedOut", "Future": "Future"}[status]
    assert [(each["Status"], each["MoveInDate"]) for each in made["Tenants"]] == [(standing, in_days(start))]
    assert made["CurrentNumberOfOccupants"] == len(made["CurrentTenants"]) == (status == "Active")


def test_a_fixed_lease_can_be_made_to_go_on_until_its_tenants_move_out(server: Served, unit_id: int) -> None:
    server.switch(expired_leases_stay_active=True)
    made = server.made("/v1/leases", bodies.lease(unit_id, LeaseToDate=in_days(-1)))
    assert made["LeaseStatus"] == "Active"
    put = bodies.lease_put(unit_id, LeaseFromDate=in_days(-365), LeaseToDate=in_days(-1))
    assert server.api.put(f"/v1/leases/{made['Id']}", json=put).json()["LeaseStatus"] == "Past"


def test_a_unit_is_occupied_while_a_lease_is_active(server: Served, unit_id: int) -> None:
    def occupied() -> bool:
        return bool(server.api.get(f"/v1/rentals/units/{unit_id}").json()["IsUnitOccupied"])

    server.made("/v1/leases", bodies.lease(unit_id, LeaseFromDate=in_days(5)))
    assert not occupied()
    server.made("/v1/leases", bodies.lease(unit_id, LeaseToDate=in_days(4)))
    assert occupied()


def test_overlapping_leases_are_fine_unless_switched(server: Served, unit_id: int) -> None:
    first = server.made("/v1/leases", bodies.lease(unit_id))["Id"]
    second = server.made("/v1/leases", bodies.lease(unit_id))["Id"]
    server.control("DELETE", f"/records/leases/{second}")
    server.switch(overlapping_leases="refuse")
    assert refused(server, bodies.lease(unit_id, LeaseFromDate=in_days(365), LeaseToDate=in_days(400))) == [
        "LeaseFromDate"
    ]
    after = bodies.lease(unit_id, LeaseFromDate=in_days(366), LeaseToDate=in_days(400))
    assert server.made("/v1/leases", after)["LeaseStatus"] == "Future"
    same = bodies.lease_put(unit_id, LeaseFromDate=in_days(-365), LeaseToDate=in_days(365))
    assert server.api.put(f"/v1/leases/{first}", json=same).status_code == 200


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        ({"LeaseFromDate": "2031-02-01"}, "ProratedFirstMonthRent"),
        ({"LeaseToDate": "2032-02-29"}, "ProratedLastMonthRent"),
    ],
)
def test_a_whole_month_is_not_prorated(
    server: Served, unit_id: int, gl_account_id: int, dates: Body, field: str
) -> None:
    body = bodies.full_lease(unit_id, gl_account_id, **dates)
    assert refused(server, body) == [field]
    assert server.made("/v1/leases", {**body, field: None})["LeaseStatus"] == "Future"


@pytest.mark.parametrize("field", ["Tenants", "TenantIds", "ApplicantIds"])
def test_no_more_than_five_people_of_a_kind_come_with_a_lease(server: Served, unit_id: int, field: str) -> None:
    people: list[Any] = [bodies.tenant() for _ in range(6)] if field == "Tenants" else [1] * 6
    response = server.api.post("/v1/leases", json=bodies.lease(unit_id, **{field: people}))
    assert (response.status_code, errors(response)) == (422, [field])


def test_new_and_known_tenants_move_in_with_the_lease(server: Served, unit_id: int) -> None:
    known = server.made("/v1/leases", bodies.lease(unit_id, Tenants=[bodies.tenant()]))["Tenants"][0]["Id"]
    body = bodies.lease(unit_id, Tenants=[bodies.tenant(LastName="New")], TenantIds=[known, known])
    made = server.made("/v1/leases", body)
    assert [tenant["LastName"] for tenant in made["CurrentTenants"]][0] == "New"
    assert [tenant["Id"] for tenant in made["Tenants"]][1:] == [known]


def test_a_mistake_in_a_person_is_named_by_its_place(server: Served, unit_id: int) -> None:
    wrong = bodies.tenant(Address=bodies.address(State="Nowhere"))
    body = bodies.lease(unit_id, Tenants=[bodies.tenant(), wrong])
    assert refused(server, body) == ["Tenants[1].Address.State"]
    body = bodies.lease(unit_id, Cosigners=[bodies.cosigner(AlternateAddress=bodies.address(State="Nowhere"))])
    assert refused(server, body) == ["Cosigners[0].AlternateAddress.State"]
    assert refused(server, bodies.lease(unit_id, Tenants=[bodies.tenant(TaxId="12345")])) == ["Tenants[0].TaxId"]


def test_nesting_ends_after_the_leases_of_the_tenants(server: Served, unit_id: int) -> None:
    made = server.made("/v1/leases", bodies.lease(unit_id, Tenants=[bodies.tenant()]))
    (nested,) = made["CurrentTenants"][0]["Leases"]
    assert (nested["Id"], nested["CurrentTenants"], nested["Tenants"]) == (made["Id"], None, made["Tenants"])


def test_rent_and_deposit_show_as_amounts_only(server: Served, unit_id: int, gl_account_id: int) -> None:
    made = server.made("/v1/leases", bodies.full_lease(unit_id, gl_account_id))
    assert made["AccountDetails"] == {"SecurityDeposit": 2000.0, "Rent": 1525.5}
    assert made["PaymentDueDay"] == 3
    assert made["Cosigners"][0]["LastName"] == "Aiken"
    assert "SendWelcomeEmail" not in made
    plain = server.made("/v1/leases", bodies.lease(unit_id))
    assert plain["AccountDetails"] == {"SecurityDeposit": None, "Rent": None}


def test_rent_needs_an_existing_ledger_account(server: Served, unit_id: int) -> None:
    assert server.api.post("/v1/leases", json=bodies.full_lease(unit_id, 999_999)).status_code == 404
    server.switch(missing_parent_status=422)
    assert refused(server, bodies.full_lease(unit_id, 999_999)) == ["Rent.Charges[0].GlAccountId"]


def test_what_is_due_is_booked_and_announced_without_the_lease(
    subscribed: Served, subscriber: Subscriber, unit_id: int, gl_account_id: int
) -> None:
    subscriber.events(2)
    rent = {"Cycle": "Monthly", "Charges": [charge(gl_account_id, in_days(0)), charge(gl_account_id, in_days(9))]}
    deposit = {"DueDate": in_days(9), "Amount": 900.0}
    made = subscribed.made("/v1/leases", bodies.lease(unit_id, Rent=rent, SecurityDeposit=deposit))
    lease, *booked = sorted(subscriber.events(3), key=lambda event: str(event["EventName"]))
    assert (lease["EventName"], lease["LeaseId"]) == ("Lease.Created", made["Id"])
    assert {event["EventName"] for event in booked} == {"LeaseTransaction.Created"}
    assert all("LeaseId" not in event and event["TransactionType"] == "Charge" for event in booked)
    assert subscriber.is_quiet()


def charge(gl_account_id: int, due: str) -> Body:
    return {"Amount": 100.0, "GlAccountId": gl_account_id, "NextDueDate": due}


@pytest.mark.parametrize(("wanted", "sent"), [(True, 1), (False, 0)])
def test_a_welcome_mail_is_sent_only_where_asked_for(server: Served, unit_id: int, wanted: bool, sent: int) -> None:
    people = [bodies.tenant(Email="grace@example.com"), bodies.tenant()]
    made = server.made("/v1/leases", bodies.lease(unit_id, Tenants=people, SendWelcomeEmail=wanted))
    mails = server.control("GET", "/records/emails")["items"]
    assert [mail["values"]["To"] for mail in mails] == ["grace@example.com"] * sent
    assert all(mail["values"]["LeaseId"] == made["Id"] for mail in mails)
    assert server.api.get("/v1/emails").status_code == 404


def test_a_put_replaces_six_values_and_nothing_else(server: Served, unit_id: int, gl_account_id: int) -> None:
    made = server.made("/v1/leases", bodies.full_lease(unit_id, gl_account_id))
    place = f"/v1/leases/{made['Id']}"
    full = server.api.put(place, json=bodies.lease_put(unit_id, LeaseToDate="2033-01-14")).json()
    assert (full["LeaseToDate"], full["IsEvictionPending"], full["AutomaticallyMoveOutTenants"]) == (
        "2033-01-14",
        True,
        True,
    )
    bare = {"LeaseType": "AtWill", "UnitId": unit_id, "LeaseFromDate": "2031-01-15", "IsEvictionPending": False}
    left = server.api.put(place, json=bare).json()
    assert (left["LeaseToDate"], left["AutomaticallyMoveOutTenants"]) == (None, False)
    for kept in ("AccountDetails", "Cosigners", "Tenants", "PaymentDueDay"):
        assert left[kept] == made[kept]
    assert server.api.put(place, json={**bare, "Rent": None}).status_code == 400


def test_a_put_can_move_a_lease_to_another_unit(server: Served, unit_id: int, property_id: int) -> None:
    place = f"/v1/leases/{server.made('/v1/leases', bodies.lease(unit_id))['Id']}"
    elsewhere = server.made("/v1/rentals/units", bodies.unit(PropertyId=property_id + 1))["Id"]
    moved = server.api.put(place, json=bodies.lease_put(elsewhere)).json()
    assert (moved["UnitId"], moved["PropertyId"]) == (elsewhere, property_id + 1)
    assert errors(server.api.put(place, json=bodies.lease_put(999_999))) == ["UnitId"]


def test_leases_are_found_by_place_people_dates_type_and_status(server: Served, unit_id: int) -> None:
    owner = server.api.get(f"/v1/rentals/units/{unit_id}").json()["PropertyId"]
    owner = server.api.get(f"/v1/rentals/owners?propertyids={owner}").json()[0]["Id"]
    number = server.api.get(f"/v1/rentals/units/{unit_id}").json()["UnitNumber"]
    dates = {"LeaseFromDate": "2041-01-01", "LeaseToDate": "2041-12-31"}
    future = server.made("/v1/leases", bodies.lease(unit_id, **dates))["Id"]
    current = server.made("/v1/leases", bodies.lease(unit_id, Tenants=[bodies.tenant(FirstName="Zenobia")]))["Id"]

    def found(query: str) -> list[int]:
        return [lease["Id"] for lease in server.api.get(f"/v1/leases?{query}&limit=1000&orderby=Id").json()]

    assert {future, current} <= set(found(f"rentalownerids={owner}"))
    assert found(f"unitnumber={number}") == [future, current]
    assert found("tenantname=zenobia") == [current]
    assert found("leasedatefrom=2041-01-01") == [future]
    assert future not in found("leasedateto=2041-12-30")
    assert future in found("leasedateto=2041-12-31&leasetypes=Fixed")
    assert found(f"unitnumber={number}&leasestatuses=Future") == [future]
    assert found(f"unitnumber={number}&leasestatuses=Active&leasestatuses=Past") == [current]
    assert {future, current} <= set(found(f"createddatetimefrom={in_days(0)} 00:00:00"))
    assert future not in found(f"createddatetimeto={in_days(-1)} 23:59:59")
    assert server.api.get("/v1/leases?leasedatefrom=soon").status_code == 400
    assert server.api.get("/v1/leases?leasestatuses=Current").status_code == 400


def test_a_key_needs_every_permission_that_creating_a_lease_takes(server: Served, unit_id: int) -> None:
    for area in ("Rentals > Leases", "Rentals > Tenants", "Rentals > Lease transactions"):
        server.switch(permissions={area: "View"})
        response = server.api.post("/v1/leases", json=bodies.lease(unit_id))
        assert (response.status_code, f"{area}: Edit" in response.json()["UserMessage"]) == (403, True)
    server.switch(permissions={"Rentals > Applicants": "View"})
    server.made("/v1/leases", bodies.lease(unit_id))


def test_a_lease_deleted_in_the_web_pages_takes_everything_but_its_tenants(server: Served, unit_id: int) -> None:
    made = server.made("/v1/leases", bodies.lease(unit_id, Tenants=[bodies.tenant()], Cosigners=[bodies.cosigner()]))
    tenant = made["Tenants"][0]["Id"]
    server.made(f"/v1/leases/{made['Id']}/notes", {"Note": "Gone soon."})
    server.made(f"/v1/leases/{made['Id']}/moveouts", bodies.move_out(tenant))
    before = server.control("GET", "/records")
    server.control("DELETE", f"/records/rentals/{made['PropertyId']}")
    assert server.api.get(f"/v1/leases/{made['Id']}").status_code == 404
    assert server.api.get(f"/v1/leases/tenants/{tenant}").json()["Leases"] == []
    after = server.control("GET", "/records")
    for kind in ("leases", "lease_notes", "lease_moveouts", "cosigners"):
        assert after[kind] < before[kind]
