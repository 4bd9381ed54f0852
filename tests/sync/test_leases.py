"""Leases on their way to Buildium: with their people, their money and their mail."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from portal.entities.leases.mapping import LEASE
from portal.entities.leases.model import Lease, LeaseTenant
from portal.entities.tenants.model import Tenant
from portal.extensions import db
from portal.sync import imports
from portal.sync.page import Outcome
from portal.sync.pull import pull_one
from tests.leases import days, lease_made_there, lease_of, let_unit, rent_income, sent, synced_lease, tenant_of, there
from tests.leases import pulled_tenant as known_tenant
from tests.live import Live

PATH = "/v1/leases"


def states(live: Live, *kinds: str) -> set[tuple[str, str]]:
    return {(row.entity_type, row.sync_status) for row in live.rows() if row.entity_type in kinds}


def mails(live: Live) -> list[str]:
    found = live.http.get("/_control/records/emails").raise_for_status().json()["items"]
    return sorted(each["values"]["To"] for each in found)


def test_a_lease_with_two_new_people_and_a_known_one_is_one_lease_and_nobody_twice(live: Live) -> None:
    unit = let_unit(live)
    old = lease_made_there(live, unit, {"FirstName": "Ken", "LastName": "Known"}, LeaseFromDate="2020-01-01",
                           LeaseToDate="2020-12-31")  # fmt: skip
    ken = known_tenant(live.get(f"{PATH}/{old}")["Tenants"][0]["Id"])
    jane, john = tenant_of(email="jane@example.com"), tenant_of("John")
    lease = lease_of(unit, jane, ken, john)
    live.save(lease)
    live.work()
    assert states(live, "lease", "tenant") == {("lease", "synced"), ("tenant", "synced")}
    assert [each["Id"] for each in live.get(PATH)] == [old, lease.buildium_lease_id]
    people = {each["Id"]: each["FirstName"] for each in live.get("/v1/leases/tenants")}
    assert sorted(people.values()) == ["Jane", "John", "Ken"]
    assert {people[each.buildium_tenant_id or 0] for each in (jane, john, ken)} == {"Jane", "John", "Ken"}
    assert {each["Id"] for each in there(live, lease)["Tenants"]} == set(people)
    assert live.asked("POST", PATH) == 1
    assert {each.status for each in lease.tenants} == {"Current"}


def test_the_money_of_a_new_lease_goes_once_and_comes_back(live: Live) -> None:
    unit, account = let_unit(live), rent_income(live)
    lease = lease_of(
        unit, tenant_of(), rent=Decimal("1250.50"), rent_cycle="Every2Weeks", rent_gl_account=account,
        first_rent_due_on=days(2), deposit_amt=Decimal(900), security_deposit_due_date=days(-29),
    )  # fmt: skip
    live.save(lease)
    live.work()
    body = sent(live, "POST", PATH)[0]
    charge = {"Amount": 1250.5, "GlAccountId": account.buildium_gl_account_id, "NextDueDate": str(days(2))}
    assert body["Rent"] == {"Cycle": "Every2Weeks", "Charges": [charge]}
    assert body["SecurityDeposit"] == {"DueDate": str(days(-29)), "Amount": 900.0}
    assert body["SendWelcomeEmail"] is False
    assert (lease.rent, lease.deposit_amt, live.state(lease)) == (Decimal("1250.50"), Decimal(900), "synced")
    live.forget_requests()
    lease.end_date = days(400)
    live.save(lease)
    live.work()
    assert set(sent(live, "PUT", PATH)[0]) == {
        "LeaseType", "UnitId", "LeaseFromDate", "LeaseToDate", "IsEvictionPending", "AutomaticallyMoveOutTenants",
    }  # fmt: skip


def test_the_welcome_e_mail_is_sent_only_where_a_person_asked_for_it(live: Live) -> None:
    unit = let_unit(live)
    live.save(lease_of(unit, tenant_of(email="quiet@example.com")))
    live.work()
    assert mails(live) == []
    asked = lease_of(unit, tenant_of("Ann", email="ann@example.com"), start_date=days(400), end_date=days(700),
                     send_welcome_email=True)  # fmt: skip
    live.save(asked)
    live.work()
    assert mails(live) == ["ann@example.com"]
    assert asked.send_welcome_email is False


@pytest.mark.parametrize("fault", ["commit_then_drop", "commit_then_status"])
def test_after_a_lost_answer_the_lease_is_found_and_nobody_gets_mail_twice(live: Live, fault: str) -> None:
    more = {"status": 500} if fault == "commit_then_status" else {}
    live.fault(fault, method="POST", path=PATH, **more)
    lease = lease_of(let_unit(live), tenant_of(email="ann@example.com"), send_welcome_email=True)
    live.save(lease)
    live.work()
    assert live.state(lease) == "uncertain"
    for _ in range(4):
        live.work_later()
    assert states(live, "lease", "tenant") == {("lease", "synced"), ("tenant", "synced")}
    assert (len(live.get(PATH)), len(live.get("/v1/leases/tenants")), mails(live)) == (1, 1, ["ann@example.com"])


def test_a_create_that_never_arrived_keeps_the_wish_for_mail(live: Live) -> None:
    live.fault("status", method="POST", path=PATH, status=503)
    lease = lease_of(let_unit(live), tenant_of(email="ann@example.com"), send_welcome_email=True)
    live.save(lease)
    live.work()
    for _ in range(4):
        live.work_later()
    assert (live.state(lease), mails(live)) == ("synced", ["ann@example.com"])


def test_flags_that_no_create_can_carry_follow_it(live: Live) -> None:
    lease = synced_lease(live, auto_move_out=True, is_eviction_pending=True)
    answer = there(live, lease)
    assert (answer["AutomaticallyMoveOutTenants"], answer["IsEvictionPending"]) == (True, True)
    assert (lease.auto_move_out, lease.is_eviction_pending) == (True, True)


def test_an_update_keeps_the_flags_that_were_set_in_buildium(live: Live) -> None:
    lease = synced_lease(live)
    live.edit_there("leases", lease.buildium_lease_id or 0, AutomaticallyMoveOutTenants=True)
    lease.end_date = days(200)
    live.save(lease)
    live.work()
    answer = there(live, lease)
    assert (answer["AutomaticallyMoveOutTenants"], answer["LeaseToDate"]) == (True, str(days(200)))
    assert lease.auto_move_out is True


def test_a_lease_whose_type_buildium_never_says_can_not_be_sent_back(live: Live) -> None:
    lease = synced_lease(live)
    live.edit_there("leases", lease.buildium_lease_id or 0, LeaseType="None")
    pull_one(LEASE, lease.buildium_lease_id or 0)
    lease.end_date = days(200)
    live.save(lease)
    live.work()
    assert (live.state(lease), live.row(lease).error_message) == (
        "blocked", "Lease type is “None”, which Buildium doesn't know.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"end_date": None}, "A lease with a fixed term needs its last day."),
        ({"end_date": days(-60)}, "The lease has to end after it starts."),
        ({"rent": Decimal(5)}, "Choose the income account that the rent is booked to."),
    ],
)
def test_what_buildium_would_refuse_is_not_sent(live: Live, values: dict[str, Any], words: str) -> None:
    lease = lease_of(let_unit(live), tenant_of(), **values)
    live.save(lease)
    live.work()
    assert (live.state(lease), live.row(lease).error_message) == ("blocked", words)
    assert live.asked("POST", PATH) == 0


def test_a_lease_from_buildium_comes_with_its_people_and_their_move_outs(live: Live) -> None:
    unit = let_unit(live)
    names = ({"FirstName": "Ken", "LastName": "Known"}, {"FirstName": "Ann", "LastName": "Other"})
    made = lease_made_there(live, unit, *names)
    first = live.get(f"{PATH}/{made}")["Tenants"][0]["Id"]
    out = {"TenantId": first, "MoveOutDate": str(days(20)), "NoticeGivenDate": str(days(-5))}
    live.http.post(f"{PATH}/{made}/moveouts", json=out).raise_for_status()
    pull_one(LEASE, made)
    (lease,) = db.session.scalars(select(Lease))
    people = {each.tenant.first_name: each for each in lease.tenants}
    assert (people["Ken"].move_out_date, people["Ken"].notice_given_date) == (days(20), days(-5))
    assert (people["Ann"].move_out_date, people["Ann"].move_in_date) == (None, days(-30))
    assert (lease.unit_id, lease.property_id, lease.status) == (unit.id, unit.property_id, "Active")
    assert lease.buildium_created_at is not None


def test_a_person_taken_off_a_lease_in_buildium_is_taken_off_here(live: Live) -> None:
    lease = synced_lease(live, tenant_of(), tenant_of("John"))
    john = next(each.tenant for each in lease.tenants if each.tenant.first_name == "John")
    live.delete_there("tenants", john.buildium_tenant_id or 0)
    pull_one(LEASE, lease.buildium_lease_id or 0)
    db.session.expire_all()
    assert [each.tenant.first_name for each in lease.tenants] == ["Jane"]
    assert len(db.session.scalars(select(Tenant)).all()) == 2


def test_somebody_known_can_not_be_put_on_a_lease_that_exists(live: Live) -> None:
    lease = synced_lease(live)
    ken = lease_made_there(live, lease.unit, {"FirstName": "Ken", "LastName": "Known"}, LeaseFromDate="2020-01-01",
                           LeaseToDate="2020-12-31")  # fmt: skip
    pull_one(LEASE, ken)
    tenant = db.session.scalars(select(Tenant).where(Tenant.first_name == "Ken")).one()
    live.save(LeaseTenant(lease=lease, tenant=tenant))
    live.work()
    assert live.row(lease).error_message == "Buildium can’t put Ken Known, whom it knows, on a lease that exists."


def test_an_import_brings_every_lease_with_its_people_and_an_edit_changes_nothing_else(live: Live) -> None:
    live.http.post("/_control/reset", json={"to": "sample", "size": 12}).raise_for_status()
    imports.begin_import("test")
    live.work()
    found = {each.buildium_lease_id: each for each in db.session.scalars(select(Lease))}
    everything = live.get(PATH)
    assert set(found) == {each["Id"] for each in everything}
    people = {number: {each.tenant.buildium_tenant_id for each in it.tenants} for number, it in found.items()}
    assert people == {each["Id"]: {tenant["Id"] for tenant in each["Tenants"]} for each in everything}
    before = next(each for each in everything if each["LeaseType"] == "Fixed" and each["LeaseStatus"] == "Active")
    lease = found[before["Id"]]
    lease.end_date = days(500)
    live.save(lease)
    live.work()
    after = there(live, lease)
    changing = {"LeaseToDate": str(days(500)), "LastUpdatedDateTime": after["LastUpdatedDateTime"]}
    tenants = {"CurrentTenants": after["CurrentTenants"]}  # they repeat the lease
    assert after == {**before, **changing, **tenants}
    live.edit_there("leases", before["Id"], LeaseToDate=str(days(600)))
    assert pull_one(LEASE, before["Id"]) is Outcome.UPDATED
    assert lease.end_date == days(600)
