"""Tenants on their way to Buildium: with a new lease they travel inside it, onto one that exists alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal.entities.leases.model import LeaseTenant
from portal.entities.tenants.mapping import TENANT
from portal.entities.tenants.model import Tenant
from portal.extensions import db
from portal.sync.models import ApiCall
from portal.sync.pull import pull_one
from portal.webhooks import handlers
from tests.leases import lease_made_there, lease_of, let_unit, pulled_lease, synced_lease, tenant_of, there
from tests.live import Live
from tests.records import THERE

PATH = "/v1/leases/tenants"
SECOND = {
    "alternate_address_line1": "9 Elm Street", "alternate_postal_code": "04102", "alternate_country": "UnitedStates",
}  # fmt: skip
EVERYTHING: dict[str, Any] = {
    "email": "jane@example.com", "alternate_email": "jane@example.org", "phone_home": "(207) 555-0001",
    "phone_work": "(207) 555-0002", "phone_mobile": "(207) 555-0003", "phone_fax": "(207) 555-0004",
    "date_of_birth": date(1990, 2, 28), "comment": "Prefers texts.", "tax_id": "123-45-6789",
    "emergency_name": "John Adams", "emergency_relationship": "Brother", "emergency_phone": "207 555 0009",
    "emergency_email": "john@example.com", "address_line1": "1 First Street", "postal_code": "04101",
    "country": "UnitedStates", **SECOND, "alternate_city": "Portland", "alternate_state": "ME",
    "mailing_preference": "AlternateAddress",
}  # fmt: skip


def added(live: Live, **values: Any) -> Tenant:
    """A tenant put on a lease that Buildium has, and sent."""
    lease = synced_lease(live)
    tenant = tenant_of("Ken", "Known", **values)
    live.save(LeaseTenant(lease=lease, tenant=tenant))
    live.work()
    assert live.state(tenant) == "synced", live.row(tenant).error_message
    return tenant


def answer_of(live: Live, tenant: Tenant) -> dict[str, Any]:
    found: dict[str, Any] = live.get(f"{PATH}/{tenant.buildium_tenant_id}")
    return found


def test_a_tenant_is_put_on_a_lease_that_exists(live: Live) -> None:
    tenant = added(live)
    lease = tenant.tenancies[0].lease
    assert [each["Id"] for each in answer_of(live, tenant)["Leases"]] == [lease.buildium_lease_id]
    assert live.state(lease) == "synced"
    pulled_lease(lease.buildium_lease_id or 0)
    assert {each.status for each in lease.tenants} == {"Current"}
    assert len(db.session.scalars(select(LeaseTenant)).all()) == 2


def test_without_an_address_a_tenant_has_the_units(live: Live) -> None:
    lease = synced_lease(live)
    first = live.get(PATH)[0]
    assert (first["Address"]["AddressLine1"], first["Address"]["PostalCode"]) == ("12 Harbor Street", "04101")
    assert live.asked("PUT", PATH) == 0
    lease.unit.address_line1 = None
    live.save(lease.unit)
    live.work()
    live.save(LeaseTenant(lease=lease, tenant=tenant_of("Ken")))
    live.work()
    assert [each["Address"]["AddressLine2"] for each in live.get(PATH)] == [None, "1A"]


def test_everything_goes_and_comes_back_and_an_update_erases_nothing(live: Live) -> None:
    tenant = added(live, **EVERYTHING)
    before = answer_of(live, tenant)
    assert before["EmergencyContact"]["RelationshipDescription"] == "Brother"
    assert before["AlternateAddress"]["AddressLine1"] == "9 Elm Street"
    tenant.comment = "Prefers calls."
    live.save(tenant)
    live.work()
    assert answer_of(live, tenant) == {**before, "Comment": "Prefers calls."}
    pull_one(TENANT, tenant.buildium_tenant_id or 0)
    assert {name: getattr(tenant, name) for name in EVERYTHING} == EVERYTHING | {"comment": "Prefers calls."}


def test_what_was_entered_only_in_buildium_survives_an_update_from_here(live: Live) -> None:
    tenant = added(live)
    contact = {"Name": "Zoe", "RelationshipDescription": None, "Phone": None, "Email": None}
    live.edit_there("tenants", tenant.buildium_tenant_id or 0, EmergencyContact=contact, AlternateAddress=THERE)
    tenant.email = "ken@example.com"
    live.save(tenant)
    live.work()
    answer = answer_of(live, tenant)
    assert (answer["EmergencyContact"]["Name"], answer["Email"]) == ("Zoe", "ken@example.com")
    assert (tenant.emergency_contact, tenant.alternate_city) == ({"name": "Zoe"}, "Portland")


def test_a_second_address_can_be_taken_away_again(live: Live) -> None:
    tenant = added(live, **SECOND)
    tenant.alternate_address = None
    live.save(tenant)
    live.work()
    assert answer_of(live, tenant)["AlternateAddress"] is None
    assert live.state(tenant) == "synced"


def test_a_number_that_no_update_can_carry_is_not_erased_without_a_word(live: Live) -> None:
    tenant = added(live, phone_mobile="(207) 555-0003")
    numbers = [*answer_of(live, tenant)["PhoneNumbers"], {"Number": "(207) 555-7777", "Type": "Other"}]
    live.edit_there("tenants", tenant.buildium_tenant_id or 0, PhoneNumbers=numbers)
    pull_one(TENANT, tenant.buildium_tenant_id or 0)
    tenant.comment = "Edited"
    live.save(tenant)
    live.work()
    assert live.state(tenant) == "blocked"
    assert "(207) 555-7777" in (live.row(tenant).error_message or "")
    tenant.losses_accepted = True
    live.save(tenant)
    live.work()
    assert (live.state(tenant), answer_of(live, tenant)["Comment"]) == ("synced", "Edited")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"tax_id": "12"}, "Write the tax id as 123-45-6789, 12-3456789 or nine digits."),
        ({"mailing_preference": "AlternateAddress"}, "Mail can’t go to the second address: there is none."),
        ({**SECOND, "alternate_postal_code": None}, "The second address needs a postal code."),
        ({**SECOND, "alternate_state": "Atlantis"}, "“Atlantis” is no state. Buildium wants its name or abbreviation."),
    ],
)
def test_what_buildium_would_refuse_is_not_sent(live: Live, values: dict[str, Any], words: str) -> None:
    lease = synced_lease(live)
    tenant = tenant_of("Ken", **values)
    live.save(LeaseTenant(lease=lease, tenant=tenant))
    live.work()
    assert (live.state(tenant), live.row(tenant).error_message) == ("blocked", words)
    assert live.asked("POST", PATH) == 0


def test_a_new_lease_goes_without_the_tenant_that_buildium_would_refuse(live: Live) -> None:
    bad = tenant_of("Ken", tax_id="12")
    lease = lease_of(let_unit(live), tenant_of(), bad)
    live.save(lease)
    live.work()
    assert (live.state(lease), live.state(bad)) == ("synced", "blocked")
    bad.tax_id = "123456789"
    live.save(bad)
    live.work()
    assert live.state(bad) == "synced"
    assert len(there(live, lease)["Tenants"]) == 2


def test_a_tenant_with_a_lost_answer_is_found_by_name_mail_and_lease(live: Live) -> None:
    lease = synced_lease(live, tenant_of("Ken", email="ken@example.com"), tenant_of())
    live.switch(tenant_twice="allow")
    live.fault("commit_then_drop", method="POST", path=PATH)
    tenant = tenant_of("Ken", email="ken@example.com")
    live.save(LeaseTenant(lease=lease, tenant=tenant))
    live.work()
    assert live.state(tenant) == "uncertain"
    for _ in range(3):
        live.work_later()
    assert (live.state(tenant), len(live.get(PATH))) == ("synced", 3)


def test_a_tenant_without_a_lease_waits_for_one(live: Live) -> None:
    tenant = tenant_of(address_line1="1 First Street", postal_code="04101", country="UnitedStates")
    live.save(tenant)
    live.work()
    assert live.row(tenant).error_message == "Buildium knows no tenant without a lease. Put this one on a lease."


def test_an_event_about_a_tenant_refreshes_the_leases_it_is_on(live: Live) -> None:
    lease = synced_lease(live)
    body = {"LeaseId": lease.buildium_lease_id, "FirstName": "Ken", "LastName": "Known", "Address": THERE}
    made = live.http.post(PATH, json=body).raise_for_status().json()["Id"]
    event = {"AccountId": 1, "TenantId": made}
    assert handlers.process_buildium_webhook_event("evt_1", "LeaseTenant.Created", event) == "processed"
    assert {each.tenant.first_name for each in lease.tenants} == {"Jane", "Ken"}
    live.delete_there("tenants", made)
    assert handlers.process_buildium_webhook_event("evt_2", "LeaseTenant.Deleted", event) == "processed"
    db.session.expire_all()
    assert {each.tenant.first_name for each in lease.tenants} == {"Jane"}


def test_a_transaction_of_a_lease_is_acknowledged_and_named(live: Live) -> None:
    event = {"AccountId": 1, "TransactionId": 9, "TransactionType": "Payment"}
    assert handlers.process_buildium_webhook_event("evt_1", "LeaseTransaction.Created", event) == "ignored"
    assert handlers.handle_lease_payment_webhook(9) == (
        "Payment or charge 9: the event names no lease, and Buildium asks for a transaction by its lease."
    )


def test_the_seeds_function_gives_the_body_that_creates_a_lease(live: Live) -> None:
    lease = synced_lease(live)
    body = handlers.map_lease_to_buildium(lease.id)
    assert (body["UnitId"], body["LeaseType"]) == (lease.unit.buildium_unit_id, "Fixed")


def test_no_tax_id_stands_in_the_log_of_calls_or_in_the_snapshot(live: Live) -> None:
    tenant = added(live, tax_id="123-45-6789")
    assert tenant.tax_id == "123-45-6789"
    calls = [str((call.request_data, call.response_data)) for call in db.session.scalars(select(ApiCall))]
    kept = str([row.remote_snapshot for row in live.rows()])
    assert not [each for each in (*calls, kept) if "123-45-6789" in each]


def test_tenants_are_imported_with_the_leases_they_are_on(live: Live) -> None:
    unit = let_unit(live)
    made = lease_made_there(live, unit, {"FirstName": "Ken", "LastName": "Known", "TaxId": "123456789"})
    lease = pulled_lease(made)
    (tenant,) = db.session.scalars(select(Tenant))
    assert (tenant.tax_id, tenant.leases) == ("123456789", [lease])
    assert (tenant.address_line1, tenant.mailing_preference) == ("12 Harbor Street", "PrimaryAddress")
