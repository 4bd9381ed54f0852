from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from portal.entities.units.model import Unit
from portal.extensions import db
from tests.live import Live
from tests.records import bank_account, owner_of, property_of, synced_property, unit_of


def test_a_saved_property_is_created_with_its_units(live: Live) -> None:
    house = property_of(bank_account(live))
    live.save(house, unit_of(house, "1A"), unit_of(house, "1B"))
    live.work()
    there = live.get("/v1/rentals")
    assert [each["Name"] for each in there] == ["Harbor View"]
    assert {each["UnitNumber"] for each in live.get("/v1/rentals/units")} == {"1A", "1B"}
    assert [row.sync_status for row in live.rows() if row.entity_type != "bank_account"] == ["synced"] * 4
    assert house.buildium_property_id == there[0]["Id"]
    assert all(unit.buildium_unit_id for unit in house.units)
    assert live.asked("POST", "/v1/rentals") == 1


def test_a_property_without_units_gets_the_default_unit_that_buildium_makes(live: Live) -> None:
    house = property_of(bank_account(live))
    live.save(house)
    live.work()
    units = db.session.scalars(select(Unit)).all()
    assert [unit.buildium_unit_id for unit in units] == [each["Id"] for each in live.get("/v1/rentals/units")]
    assert len(units) == 1


def test_an_edit_reaches_buildium_and_keeps_what_the_portal_does_not_show(live: Live) -> None:
    manager = live.add_there("users", FirstName="Mo", LastName="Manager", UserTypes=["Staff"], IsActive=True)
    house = synced_property(live)
    live.edit_there("rentals", house.buildium_property_id or 0, PropertyManagerId=manager, Reserve=250.5)
    house.name = "Harbor View East"
    live.save(house)
    live.work()
    there = live.get(f"/v1/rentals/{house.buildium_property_id}")
    assert (there["Name"], there["Reserve"], there["RentalManager"]["Id"]) == ("Harbor View East", 250.5, manager)
    assert live.state(house) == "synced"
    assert (float(house.reserve or 0), house.property_manager_buildium_user_id) == (250.5, manager)


def test_ten_saves_before_the_push_are_one_put_of_the_last(live: Live) -> None:
    house = synced_property(live)
    for number in range(10):
        house.name = f"Harbor View {number}"
        live.save(house)
    live.work()
    assert live.asked("PUT", "/v1/rentals") == 1
    assert live.get(f"/v1/rentals/{house.buildium_property_id}")["Name"] == "Harbor View 9"


def test_nothing_is_sent_where_nothing_differs(live: Live) -> None:
    house = synced_property(live)
    live.edit_there("rentals", house.buildium_property_id or 0, Name="Same Name")
    house.name = "Same Name"
    live.save(house)
    live.work()
    assert live.asked("PUT", "/v1/rentals") == 0
    assert live.state(house) == "synced"


def test_deactivation_is_a_request_of_its_own_and_takes_the_owners_along(live: Live) -> None:
    house = synced_property(live)
    owner = owner_of(house)
    live.save(owner)
    live.work()
    house.is_active = False
    live.save(house)
    live.work()
    assert live.get(f"/v1/rentals/{house.buildium_property_id}")["IsActive"] is False
    assert live.asked("PUT", "/v1/rentals/1") == 0
    db.session.refresh(owner)
    assert owner.is_active is False


def test_a_record_that_buildium_would_refuse_is_blocked_without_a_call(live: Live) -> None:
    house = property_of(bank_account(live), postal_code=None, rental_sub_type="Castle")
    live.save(house)
    live.work()
    row = live.row(house)
    assert row.sync_status == "blocked"
    assert [each["field"] for each in row.error_fields or []] == ["rental_sub_type", "postal_code"]
    assert live.asked("POST", "/v1/rentals") == 0


def test_completing_a_blocked_record_sends_it(live: Live) -> None:
    house = property_of(bank_account(live), postal_code=None)
    live.save(house)
    live.work()
    house.postal_code = "04101"
    live.save(house)
    live.work()
    assert live.state(house) == "synced"


def test_correcting_a_value_that_only_a_create_carries_sends_a_blocked_record(live: Live) -> None:
    owner = owner_of(synced_property(live), tax_payer_id="nonsense", tax_payer_type="EIN")
    live.save(owner)
    live.work()
    assert live.state(owner) == "blocked"
    owner.tax_payer_id = "12-3456789"
    live.save(owner)
    live.work()
    assert live.state(owner) == "synced"


def test_an_owner_waits_for_its_property_and_goes_when_that_has_arrived(live: Live) -> None:
    account = bank_account(live)
    house = property_of(account, postal_code=None)
    owner = owner_of(house)
    live.save(house, owner)
    live.work()
    assert (live.state(owner), live.row(owner).blocked_on) == ("blocked", f"property:{house.id}")
    house.postal_code = "04101"
    live.save(house)
    live.work()
    assert live.state(owner) == "synced"
    assert live.get("/v1/rentals/owners")[0]["PropertyIds"] == [house.buildium_property_id]


def test_a_share_is_sent_as_the_owners_and_its_percentage_is_not_sent_at_all(live: Live) -> None:
    house = synced_property(live)
    owner = owner_of(house)
    live.save(owner)
    live.work()
    version = live.row(owner).local_version
    owner.ownerships[0].ownership_percentage = Decimal(40)
    live.save(owner)
    assert live.row(owner).local_version == version
    second = property_of(house.operating_bank_account, name="Second")
    live.save(second)
    live.work()
    owner.own(second)
    live.save(owner)
    live.work()
    both = {house.buildium_property_id, second.buildium_property_id}
    assert set(live.get("/v1/rentals/owners")[0]["PropertyIds"]) == both


def test_a_property_tied_to_the_owner_in_buildium_is_not_dropped_by_our_push(live: Live) -> None:
    house = synced_property(live)
    second = property_of(house.operating_bank_account, name="Second")
    owner = owner_of(house)
    live.save(owner, second)
    live.work()
    both = [house.buildium_property_id, second.buildium_property_id]
    live.edit_there("owners", owner.buildium_owner_id or 0, PropertyIds=both)
    owner.comment = "Calls on Mondays"
    live.save(owner)
    live.work()
    there = live.get(f"/v1/rentals/owners/{owner.buildium_owner_id}")
    assert (set(there["PropertyIds"]), there["Comment"]) == (set(both), "Calls on Mondays")
    assert {each.property_id for each in owner.ownerships} == {house.id, second.id}


def test_a_refusal_names_the_fields_and_an_edit_sends_again(live: Live) -> None:
    house = synced_property(live)
    live.fault("status", method="PUT", path="/v1/rentals/*", status=422)
    house.name = "Refused"
    live.save(house)
    live.work()
    row = live.row(house)
    assert (row.sync_status, row.cause) == ("failed", "refused 422")
    assert live.asked("PUT", "/v1/rentals") == 1
    house.name = "Accepted"
    live.save(house)
    live.work()
    assert live.get(f"/v1/rentals/{house.buildium_property_id}")["Name"] == "Accepted"


def test_a_missing_permission_is_named(live: Live) -> None:
    house = synced_property(live)
    live.fault("status", method="PUT", path="/v1/rentals/*", status=403)
    house.name = "Forbidden"
    live.save(house)
    live.work()
    assert live.row(house).error_message == "The API key lacks “Rentals > Rental properties and units”."


@pytest.mark.parametrize("status", [429, 500, 502, 504])
def test_what_passes_is_tried_again_and_sent_once(live: Live, status: int) -> None:
    house = synced_property(live)
    live.fault("status", method="PUT", path="/v1/rentals/*", status=status)
    house.name = "At last"
    live.save(house)
    live.work()
    assert live.state(house) == "pending"
    live.work_later()
    assert live.state(house) == "synced"
    assert live.get(f"/v1/rentals/{house.buildium_property_id}")["Name"] == "At last"


def test_too_many_requests_is_waiting_and_never_a_failed_attempt(live: Live) -> None:
    house = synced_property(live)
    live.fault("status", method="GET", path="/v1/rentals/*", status=429, times=8)
    house.name = "Patience"
    live.save(house)
    for _ in range(9):
        live.work_later()
        live.redis.delete("buildium:pause")
    assert live.row(house).attempts == 0
    assert live.state(house) == "synced"


@pytest.mark.parametrize("status", [401, 503])
def test_a_refused_account_stops_everything_without_failing_a_record(live: Live, status: int) -> None:
    house = synced_property(live)
    live.fault("status", status=status, times=None)
    house.name = "Later"
    live.save(house)
    live.work()
    live.work_later()
    assert live.state(house) == "pending"
    from portal.sync import breaker

    assert breaker.is_open()
    assert live.asked("GET", "/v1/rentals") == 1
    live.clear_faults()
    breaker.close(None, None)
    live.work_later()
    assert live.state(house) == "synced"


def test_a_record_gone_in_buildium_is_kept_and_shown_as_missing(live: Live) -> None:
    house = synced_property(live)
    live.delete_there("rentals", house.buildium_property_id or 0)
    house.name = "Still here"
    live.save(house)
    live.work()
    assert live.state(house) == "missing"
    assert house.name == "Still here"


def test_different_fields_changed_on_both_sides_are_both_kept(live: Live) -> None:
    house = synced_property(live)
    live.edit_there("rentals", house.buildium_property_id or 0, YearBuilt=1901)
    house.name = "Ours"
    live.save(house)
    live.work()
    there = live.get(f"/v1/rentals/{house.buildium_property_id}")
    assert (there["Name"], there["YearBuilt"], house.year_built) == ("Ours", 1901, 1901)


def test_the_same_field_changed_on_both_sides_is_for_a_person(live: Live) -> None:
    house = synced_property(live)
    live.edit_there("rentals", house.buildium_property_id or 0, Name="Theirs", YearBuilt=1901)
    house.name = "Ours"
    live.save(house)
    live.work()
    row = live.row(house)
    assert row.sync_status == "conflict"
    told = {"changed_by", "changed_by_id", "changed_at", "seen_at", "seen_through"}  # who and when
    values = {place: {k: v for k, v in each.items() if k not in told} for place, each in (row.conflict or {}).items()}
    assert values == {
        "Name": {"label": "Name", "field": "name", "base": "Harbor View", "ours": "Ours", "theirs": "Theirs"}
    }
    assert (house.name, house.year_built) == ("Ours", 1901)
    assert live.get(f"/v1/rentals/{house.buildium_property_id}")["Name"] == "Theirs"


@pytest.mark.parametrize(("side", "expected"), [("ours", "Ours"), ("theirs", "Theirs")])
def test_a_decided_conflict_ends_the_same_on_both_sides(live: Live, side: str, expected: str) -> None:
    from portal.sync.decisions import decide

    house = synced_property(live)
    live.edit_there("rentals", house.buildium_property_id or 0, Name="Theirs")
    house.name = "Ours"
    live.save(house)
    live.work()
    decide(live.row(house), {"Name": side})
    live.work()
    assert live.state(house) == "synced"
    assert (house.name, live.get(f"/v1/rentals/{house.buildium_property_id}")["Name"]) == (expected, expected)


def test_a_unit_added_later_is_created_by_itself(live: Live) -> None:
    house = synced_property(live)
    unit = unit_of(house, "2B", unit_bedrooms="2", unit_bathrooms="1.5", market_rent=1850)
    live.save(unit)
    live.work()
    there = live.get(f"/v1/rentals/units/{unit.buildium_unit_id}")
    assert (there["UnitBedrooms"], there["UnitBathrooms"], there["MarketRent"]) == ("TwoBed", "OnePointFiveBath", 1850)


def test_a_save_during_the_push_is_sent_too(live: Live) -> None:
    house = synced_property(live)
    house.name = "First"
    live.save(house)
    from portal.sync.leases import claim, settle
    from portal.sync.states import Event

    lease = claim("property", str(house.id))
    assert lease
    house.name = "Second"
    live.save(house)
    assert live.state(house) == "syncing"
    settle(lease, Event.AGREED)
    db.session.commit()
    assert live.state(house) == "pending"
    live.work_later()
    assert live.get(f"/v1/rentals/{house.buildium_property_id}")["Name"] == "Second"


def test_a_worker_that_lost_its_lease_writes_nothing(live: Live) -> None:
    from portal.sync.leases import LeaseLostError, claim, settle
    from portal.sync.states import Event
    from portal.sync.sweep import free_expired_leases

    house = synced_property(live)
    house.name = "First"
    live.save(house)
    lease = claim("property", str(house.id))
    assert lease
    row = live.row(house)
    row.leased_until = row.created_at
    db.session.commit()
    assert free_expired_leases() == 1
    with pytest.raises(LeaseLostError):
        settle(lease, Event.AGREED)
    db.session.rollback()
    assert live.state(house) == "pending"


def test_a_unit_without_an_address_goes_with_the_propertys(live: Live) -> None:
    house = synced_property(live)
    unit = unit_of(house, "9C", **dict.fromkeys(("address_line1", "city", "state", "postal_code", "country")))
    live.save(unit)
    live.work()
    assert live.state(unit) == "synced", live.row(unit).error_message
    there = live.get(f"/v1/rentals/units/{unit.buildium_unit_id}")["Address"]
    assert (there["AddressLine1"], there["AddressLine2"], there["PostalCode"]) == ("12 Harbor Street", "9C", "04101")


def test_the_last_property_taken_from_an_owner_is_held_back_in_words(live: Live) -> None:
    house = synced_property(live)
    owner = owner_of(house)
    live.save(owner)
    live.work()
    owner.disown(house)
    live.save(owner)
    live.work()
    assert live.row(owner).error_message == "A property is missing; Buildium requires it."
    assert live.get("/v1/rentals/owners")[0]["PropertyIds"] == [house.buildium_property_id]
