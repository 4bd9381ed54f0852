"""The pages of tenants: a new one comes onto a lease, and nothing that Buildium keeps is lost by editing one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from portal.entities.leases.model import Lease, LeaseTenant
from portal.entities.properties.model import Property
from portal.entities.tenants.model import Tenant
from portal.entities.units.model import Unit
from portal.sync.models import SyncStatus
from portal.web.formats import day
from tests.leases import days, tenant_of
from tests.web.conftest import Store, Stored
from tests.web.pages import errors, fields, link, parsed, rows, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient

JANE = {"first_name": "Jane", "last_name": "Adams"}
SECOND = {
    "alternate_address_line1": "9 Elm Street", "alternate_postal_code": "04102", "alternate_country": "UnitedStates",
}  # fmt: skip


@pytest.fixture
def lease(store: Store) -> Lease:
    house = Property(name="Alder", address_line1="1 Alder Way", postal_code="97201", country="UnitedStates")
    unit = Unit(property=house, unit_number="1A")
    store(house, unit)
    lease = Lease(unit_id=unit.id, property_id=house.id, start_date=days(-9), end_date=days(300), status="Active")
    store(lease)
    return lease


def new(manager: FlaskClient, lease: Lease, **typed: str) -> Any:
    page = f"/tenants/new?lease_id={lease.id}"
    return manager.post(page, data={**fields(manager.get(page)), **JANE, **typed})


def test_a_new_tenant_comes_onto_the_lease_it_was_added_from(
    manager: FlaskClient, stored: Stored, lease: Lease
) -> None:
    assert link(manager.get(f"/leases/{lease.id}"), "Add tenant") == f"/tenants/new?lease_id={lease.id}"
    assert fields(manager.get(f"/tenants/new?lease_id={lease.id}"))["tenancies-0-lease_id"] == str(lease.id)
    answer = new(manager, lease, email="jane@example.com", **SECOND, emergency_name="John", tax_id="123-45-6789")
    (jane,) = stored(select(Tenant))
    assert answer.location == f"/tenants/{jane.id}"
    assert stored(select(LeaseTenant.lease_id)) == [lease.id]
    assert (jane.tax_id, jane.emergency_contact) == ("123-45-6789", {"name": "John"})
    assert (jane.alternate_address or {})["address_line1"] == "9 Elm Street"
    assert (jane.address_line1, jane.country) == (None, None)
    queued = {each.entity_type for each in stored(select(SyncStatus))}
    assert "tenant" in queued
    shown = manager.get(answer.location).text
    assert all(text in shown for text in ("As the unit’s", "••••6789", "John", "9 Elm Street", "Alder – 1A"))
    assert "123-45-6789" not in shown


def test_a_tenant_added_while_somebody_edits_the_new_lease_stays_on_it(
    manager: FlaskClient, stored: Stored, lease: Lease
) -> None:
    """Until Buildium has a lease, its form lists its people too: a save of an older list would take the new one off."""
    address = f"/leases/{lease.id}/edit"
    old_form = fields(manager.get(address))
    assert new(manager, lease).status_code == 303
    end = days(200).isoformat()
    late = manager.post(address, data={**old_form, "end_date": end})
    assert late.status_code == 409
    assert "was saved by somebody else after you had opened it" in words(parsed(late))
    assert f"End {day(days(200))} {day(days(300))} Take theirs" in words(parsed(late))
    assert "Tenants who exist already (empty) Jane Adams Theirs: you didn’t change it" in words(parsed(late))
    assert stored(select(LeaseTenant.lease_id)) == [lease.id]
    assert manager.post(address, data=fields(late)).status_code == 303
    assert stored(select(LeaseTenant.lease_id)) == [lease.id]
    assert stored(select(Lease.end_date)) == [days(200)]


def test_a_tenant_without_a_lease_is_refused(manager: FlaskClient, stored: Stored, lease: Lease) -> None:
    answer = manager.post("/tenants/new", data=JANE)
    assert (answer.status_code, errors(answer)["tenancies"]) == (422, "Choose the lease.")
    assert stored(select(Tenant)) == []


def test_the_form_says_that_nobody_known_can_be_put_on_a_lease_that_exists(manager: FlaskClient, lease: Lease) -> None:
    page = words(parsed(manager.get(f"/tenants/new?lease_id={lease.id}")))
    assert "Buildium puts new people on a lease that exists. For somebody it knows already, make a new lease" in page


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"last_name": ""}, "last_name", "Enter the last name."),
        ({"phone_mobile": "555"}, "phone_mobile",
         "Enter 10 to 20 characters, with the area code, such as (503) 555-0143."),
        ({"tax_id": "12"}, "tax_id", "Write the tax id as 123-45-6789, 12-3456789 or nine digits."),
        ({**SECOND, "alternate_postal_code": ""}, "alternate_postal_code",
         "Enter the postal code, or leave the whole second address empty."),
        ({"mailing_preference": "AlternateAddress"}, "mailing_preference",
         "Enter the second address, or let mail go to the first one."),
        ({**SECOND, "alternate_state": "Atlantis"}, "alternate_state",
         "“Atlantis” is no state or province of United States. Use its name or abbreviation."),
    ],
)  # fmt: skip
def test_what_buildium_would_refuse_is_said_beside_the_field(
    manager: FlaskClient, lease: Lease, typed: dict[str, str], field: str, message: str
) -> None:
    answer = new(manager, lease, **typed)
    assert (answer.status_code, errors(answer).get(field)) == (422, message)


def test_an_edit_keeps_the_lease_and_the_sealed_tax_id(
    manager: FlaskClient, store: Store, stored: Stored, lease: Lease
) -> None:
    jane = tenant_of(tax_id="123-45-6789", buildium_tenant_id=4, **SECOND)
    store(jane)
    store(LeaseTenant(lease_id=lease.id, tenant_id=jane.id))
    page = f"/tenants/{jane.id}/edit"
    form = fields(manager.get(page))
    assert "tenancies-0-lease_id" not in form
    assert form["alternate_address_line1"] == "9 Elm Street"
    empty = dict.fromkeys((*SECOND, "alternate_state"), "")
    assert manager.post(page, data={**form, **empty, "comment": "Calls"}).status_code == 303
    (kept,) = stored(select(Tenant))
    assert (kept.tax_id, kept.comment, kept.alternate_address) == ("123-45-6789", "Calls", None)


def test_a_tax_id_is_revealed_on_purpose_only(manager: FlaskClient, store: Store) -> None:
    jane = tenant_of(tax_id="123-45-6789")
    store(jane)
    assert "123-45-6789" not in manager.get(f"/tenants/{jane.id}").text
    assert "123-45-6789" in manager.post(f"/tenants/{jane.id}/revelations", data={"field": "tax_id"}).text


def test_tenants_are_found_by_name_phone_and_where_they_live(manager: FlaskClient, store: Store, lease: Lease) -> None:
    jane, john = tenant_of(phone_mobile="(207) 555-0143"), tenant_of("John", "Zimmer")
    store(jane, john)
    store(LeaseTenant(lease_id=lease.id, tenant_id=jane.id))
    assert rows(manager.get("/tenants")) == ["Jane Adams", "John Zimmer"]
    assert rows(manager.get("/tenants?q=2075550143")) == ["Jane Adams"]
    assert rows(manager.get("/tenants?lease_status=Active")) == ["Jane Adams"]
    assert rows(manager.get("/tenants?lease_status=none")) == ["John Zimmer"]
    assert rows(manager.get(f"/tenants?lease_id={lease.id}")) == ["Jane Adams"]
    assert rows(manager.get(f"/tenants?unit_id={lease.unit_id}")) == ["Jane Adams"]
    assert "Alder – 1A" in words(parsed(manager.get("/tenants?lease_status=Active")))
    assert "Jane Adams" in manager.get("/tenants.csv").text


def test_a_new_lease_can_be_made_from_a_tenants_page(manager: FlaskClient, store: Store, lease: Lease) -> None:
    jane = tenant_of()
    store(jane)
    page = manager.get(f"/tenants/{jane.id}")
    assert link(page, "New lease") == f"/leases/new?tenant_id={jane.id}"
    assert fields(manager.get(f"/leases/new?tenant_id={jane.id}"))["tenants-0-tenant_id"] == str(jane.id)
