"""Both sides of the wire against Buildium's document: what our client sends, and what the sandbox answers.

The fixture `traffic` judges every call of a test at its end.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, update

from portal.entities.owners.model import Owner
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from portal.extensions import db
from portal.sync import breaker, imports, runs
from portal.sync.current import current_sync
from portal.sync.models import BuildiumConnection, SyncRun
from portal.sync.pull import pull_one
from portal.sync.schedule import poll_unannounced, reconcile_changed
from tests.contract.traffic import Traffic
from tests.live import Live
from tests.records import THERE, bank_account, owner_of, property_of, synced_property, unit_of

WIDE = "ä“漢🏠'\"<\\"  # every kind of character that gets escaped somewhere
# The longest that Buildium takes, as MAPPING §3 and §4 say.
FULL_ADDRESS: dict[str, Any] = {
    "address_line1": "1" * 100,
    "address_line2": WIDE,
    "address_line3": "3" * 100,
    "city": "C" * 100,
    "state": "ME",
    "postal_code": "04101-0001",
    "country": "UnitedStates",
}
FULL_UNIT: dict[str, Any] = {
    **FULL_ADDRESS,
    "unit_size": 1234,
    "market_rent": Decimal("1850.55"),
    "unit_bedrooms": "9+",
    "unit_bathrooms": "4.5",
    "description": WIDE + "d" * 65_000,
}
FULL_OWNER: dict[str, Any] = {
    **FULL_ADDRESS,
    "is_company": False,
    # Buildium keeps no company name for a person, and no person's name for a company.
    "company_name": None,
    "first_name": "F" * 127,
    "last_name": WIDE,
    "date_of_birth": date(1970, 12, 31),
    "management_agreement_start_date": date(2024, 1, 1),
    "management_agreement_end_date": date(2030, 1, 1),
    "email": "ada@example.com",
    "alternate_email": "ada@example.org",
    "phone_home": "2075550001",
    "phone_work": "(207) 555-0002",
    "phone_mobile": "+1 (207) 555-0003 xx",
    "phone_fax": "(207) 555-0004",
    "comment": "c" * 65_535,
    "tax_payer_id": "987-65-4321",
    "tax_payer_type": "SSN",
    "tax_payer_name1": "1" * 40,
    "tax_payer_name2": WIDE,
    **{f"tax_{name}": value for name, value in FULL_ADDRESS.items()},
}


def full_property(live: Live) -> Property:
    """A property with every value that Buildium takes, not yet saved."""
    manager = live.add_there("users", FirstName="Mo", LastName="Manager", UserTypes=["Staff"], IsActive=True)
    pull_one(current_sync().resource("staff_user"), manager)
    return property_of(
        bank_account(live),
        **FULL_ADDRESS | {"name": WIDE + "n" * 100},
        structure_description="s" * 65_535,
        reserve=Decimal("1234.56"),
        year_built=1000,
        property_manager_buildium_user_id=manager,
    )


def agreed(live: Live, *records: Any) -> None:
    live.work()
    for record in records:
        assert live.state(record) == "synced", live.row(record).error_message


def clear(record: Any, *names: str) -> None:
    for name in names:
        setattr(record, name, None)


def test_a_property_with_everything_is_created_with_its_units_and_updated(live: Live, traffic: Traffic) -> None:
    house = full_property(live)
    live.save(house, unit_of(house, "U" * 30, **FULL_UNIT), unit_of(house, "plain"))
    agreed(live, house)
    (sent,) = traffic.bodies("POST", "/v1/rentals")
    assert set(sent) == {"Name", "Address", "RentalSubType", "OperatingBankAccountId", "PropertyManagerId", "Reserve",
                         "YearBuilt", "StructureDescription", "Units"}  # fmt: skip
    assert [len(each) for each in sent["Units"]] in ([2, 7], [7, 2])
    house.name = "n" * 127
    live.save(house)
    agreed(live, house)
    (again,) = traffic.bodies("PUT", f"/v1/rentals/{house.buildium_property_id}")
    assert again == {**{key: sent[key] for key in sent if key != "Units"}, "Name": "n" * 127}


def test_a_property_with_the_least_is_created_and_everything_can_be_cleared_again(live: Live, traffic: Traffic) -> None:
    house = full_property(live)
    live.save(house)
    least = property_of(house.operating_bank_account, name="N", state=None, city=None)
    live.save(least)
    agreed(live, house, least)
    clear(house, "structure_description", "reserve", "year_built", "property_manager_buildium_user_id")
    clear(house, "address_line2", "address_line3", "city", "state")
    live.save(house)
    agreed(live, house)
    (sent,) = traffic.bodies("PUT", f"/v1/rentals/{house.buildium_property_id}")
    assert set(sent) == {"Name", "Address", "RentalSubType", "OperatingBankAccountId"}
    assert set(sent["Address"]) == {"AddressLine1", "PostalCode", "Country"}


def test_a_property_is_switched_off_and_on_with_requests_that_have_no_body(live: Live, traffic: Traffic) -> None:
    house = synced_property(live)
    owner = owner_of(house)
    live.save(owner)
    agreed(live, owner)
    for active in (False, True):
        house.is_active = active
        live.save(house)
        agreed(live, house)
    traffic.judge()
    switches = {call.partition(" →")[0] for call in traffic.counts if "activationrequest" in call}
    assert switches == {f"POST /v1/rentals/{{propertyId}}/{word}activationrequest" for word in ("in", "re")}


def test_units_are_created_updated_and_cleared_by_themselves(live: Live, traffic: Traffic) -> None:
    house = synced_property(live)
    full, least = unit_of(house, "U" * 30, **FULL_UNIT), unit_of(house, "1", city=None, state=None)
    live.save(full, least)
    agreed(live, full, least)
    first = traffic.bodies("POST", "/v1/rentals/units")
    assert sorted(len(each) for each in first) == [3, 8]
    clear(full, "unit_size", "market_rent", "unit_bedrooms", "unit_bathrooms", "description")
    for name, value in FULL_UNIT.items():
        setattr(least, name, value)
    live.save(full, least)
    agreed(live, full, least)
    (cleared,) = traffic.bodies("PUT", f"/v1/rentals/units/{full.buildium_unit_id}")
    (filled,) = traffic.bodies("PUT", f"/v1/rentals/units/{least.buildium_unit_id}")
    assert (set(cleared), len(filled)) == ({"UnitNumber", "Address"}, 7)


def test_every_number_of_rooms_is_sent_as_buildium_spells_it(live: Live, traffic: Traffic) -> None:
    from portal.sync.conversions import BATHROOMS, BEDROOMS

    house = synced_property(live)
    rooms = list(zip([*BEDROOMS.values(), "studio"], [*BATHROOMS.values(), "5.5"], strict=True))
    units = [
        unit_of(house, f"R{number}", unit_bedrooms=bedrooms, unit_bathrooms=bathrooms)
        for number, (bedrooms, bathrooms) in enumerate(rooms)
    ]
    live.save(*units)
    agreed(live, *units)
    sent = traffic.bodies("POST", "/v1/rentals/units")
    assert {each["UnitBedrooms"] for each in sent} == set(BEDROOMS)
    assert {each["UnitBathrooms"] for each in sent} == set(BATHROOMS)


def test_an_owner_with_everything_is_created_and_updated(live: Live, traffic: Traffic) -> None:
    house = synced_property(live)
    owner = owner_of(house, **FULL_OWNER)
    live.save(owner)
    agreed(live, owner)
    (sent,) = traffic.bodies("POST", "/v1/rentals/owners")
    assert {*sent, *sent["PhoneNumbers"], *sent["TaxInformation"]} >= {"DateOfBirth", "Fax", "TaxPayerType", "Comment"}
    owner.email = "new@example.com"
    live.save(owner)
    agreed(live, owner)
    (again,) = traffic.bodies("PUT", f"/v1/rentals/owners/{owner.buildium_owner_id}")
    assert again == {**{key: sent[key] for key in sent if key != "TaxInformation"}, "Email": "new@example.com"}


def test_owners_with_the_least_are_created_and_everything_can_be_cleared_again(live: Live, traffic: Traffic) -> None:
    house = synced_property(live)
    company = owner_of(house, city=None, state=None)
    person = owner_of(house, is_company=False, company_name=None, first_name="A", last_name="B")
    full = owner_of(house, **FULL_OWNER)
    employer = owner_of(house, company_name="Taxed", tax_payer_id="12-3456789", tax_payer_type="EIN")
    live.save(company, person, full, employer)
    agreed(live, company, person, full, employer)
    clear(full, "date_of_birth", "email", "alternate_email", "comment")
    clear(full, "management_agreement_start_date", "management_agreement_end_date")
    clear(full, "phone_home", "phone_work", "phone_mobile", "phone_fax")
    full.losses_accepted = True
    live.save(full)
    agreed(live, full)
    (sent,) = traffic.bodies("PUT", f"/v1/rentals/owners/{full.buildium_owner_id}")
    assert set(sent) == {"IsCompany", "FirstName", "LastName", "Address", "PropertyIds"}


def test_the_properties_of_an_owner_change_with_the_owners_put(live: Live, traffic: Traffic) -> None:
    house = synced_property(live)
    second = property_of(house.operating_bank_account, name="Second")
    owner = owner_of(house)
    live.save(second, owner)
    agreed(live, second, owner)
    owner.own(second)
    live.save(owner)
    agreed(live, owner)
    owner.disown(house)
    live.save(owner)
    agreed(live, owner)
    sent = traffic.bodies("PUT", f"/v1/rentals/owners/{owner.buildium_owner_id}")
    assert [len(each["PropertyIds"]) for each in sent] == [2, 1]


def test_what_was_lost_is_looked_for_with_filters_that_exist(live: Live, traffic: Traffic) -> None:
    """Create, and lose the answer: the look-up asks the listing of each kind."""
    house = synced_property(live)
    lost: list[tuple[str, Callable[[], Any]]] = [
        ("", lambda: property_of(house.operating_bank_account, name="Lost", city=WIDE)),
        ("", lambda: property_of(house.operating_bank_account, name="Nowhere", city=None)),
        ("/units", lambda: unit_of(house, "lost")),
        ("/owners", lambda: owner_of(house)),
        ("/owners", lambda: owner_of(house, **FULL_OWNER)),
    ]
    for path, make in lost:
        live.fault("commit_then_drop", method="POST", path=f"/v1/rentals{path}")
        record = make()
        live.save(record)
        live.work()
        assert live.state(record) == "uncertain"
        for _ in range(3):
            live.work_later()
        assert live.state(record) == "synced", live.row(record).error_message
    asked = {str(each.request.url.params) for each in traffic.answers if "limit" in each.request.url.params}
    assert any("ownername" in each for each in asked)
    assert any("location" in each for each in asked)


def test_an_import_and_the_reconciliations_read_what_buildium_has(live: Live, traffic: Traffic) -> None:
    live.http.post("/_control/reset", json={"to": "sample", "size": 60}).raise_for_status()
    imports.begin_import("test")
    live.work()
    reconcile_changed()
    poll_unannounced()
    runs.begin(runs.Kind.FULL, current_sync().resources.by_name, "test")
    live.work()
    assert {run.state for run in db.session.scalars(select(SyncRun))} == {"done"}
    assert any("lastupdatedfrom" in each.request.url.params for each in traffic.answers)
    house = db.session.scalars(select(Property)).first()
    assert house
    house.name = "Edited after the import"
    live.save(house)
    agreed(live, house)


def test_every_imported_record_can_be_sent_back(live: Live, traffic: Traffic) -> None:
    live.http.post("/_control/reset", json={"to": "sample", "size": 60}).raise_for_status()
    imports.begin_import("test")
    live.work()
    records: list[Any] = [*db.session.scalars(select(Property)), *db.session.scalars(select(Unit))]
    for record in records:
        record.address_line3 = WIDE
    owners = db.session.scalars(select(Owner)).all()
    for owner in owners:
        owner.comment, owner.losses_accepted = WIDE, True
    live.save(*records, *owners)
    live.work()
    assert {row.sync_status for row in live.rows()} == {"synced"}, {row.error_message for row in live.rows()}


def test_an_event_a_probe_and_a_vanished_record_ask_for_what_exists(live: Live, traffic: Traffic) -> None:
    house = synced_property(live)
    for name, buildium_id in (("property", house.buildium_property_id), ("unit", house.units[0].buildium_unit_id)):
        pull_one(current_sync().resource(name), buildium_id or 0)
    live.delete_there("rentals", house.buildium_property_id or 0)
    house.name = "Gone there"
    live.save(house)
    live.work()
    assert live.state(house) == "missing"
    due = {"state": "open", "reason": "test", "next_probe_at": func.clock_timestamp()}
    db.session.execute(update(BuildiumConnection).values(due))
    db.session.commit()
    assert breaker.probe()


def test_a_refusal_has_the_shape_that_every_refusal_has(live: Live, traffic: Traffic) -> None:
    house = synced_property(live)
    live.add_there("units", PropertyId=house.buildium_property_id, UnitNumber="2B", Address=THERE)
    twin = unit_of(house, "2B")
    live.save(twin)
    live.work()
    assert live.row(twin).cause == "refused 422"
    live.switch(permissions={"Rentals > Property Rental Owners": "View"})
    owner = owner_of(house)
    live.save(owner)
    live.work()
    assert live.row(owner).error_message == "The API key lacks “Rentals > Property Rental Owners”."
    traffic.judge()
    refused = {call.rpartition(" ")[2] for call in traffic.counts}
    assert {"422", "403"} <= refused, traffic.counts
