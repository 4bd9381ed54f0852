from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from portal.entities.leases.model import Lease
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from portal.entities.vendors.model import Vendor
from portal.extensions import db
from tests.leases import days
from tests.people import speaking_as
from tests.web.conftest import IMPORT, Store, Stored
from tests.web.pages import fields, parsed, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def one_house(store: Store) -> str:
    house = Property(name="Alder", city="Salem", state="OR", country="UnitedStates", reserve=100)
    store(house)
    return f"/properties/{house.id}/edit"


def save(client: FlaskClient, address: str, form: dict[str, Any], **changes: str) -> Any:
    return client.post(address, data={**form, **changes})


def table(response: Any) -> dict[str, list[str]]:
    body = next(parsed(response).iter("tbody"))
    return {words(next(row.iter("th"))): [words(cell) for cell in row.iter("td")] for row in body.iter("tr")}


def test_the_second_of_two_saves_sees_both_versions_and_keeps_its_text(
    manager: FlaskClient, store: Store, stored: Stored
) -> None:
    address = one_house(store)
    form = fields(manager.get(address))
    assert save(manager, address, form, name="Theirs", reserve="250").status_code == 303
    late = save(manager, address, form, name="Mine", city="Astoria")
    assert late.status_code == 409
    assert "Manager" in words(parsed(late)) or "somebody else" in late.text
    found = table(late)
    assert found["Name"][:2] == ["Mine", "Theirs"]
    assert found["City"][:2] == ["Astoria", "Salem"]
    assert found["Reserve"] == ["100.00", "250", "Theirs: you didn’t change it"]
    (house,) = stored(select(Property))
    assert (house.name, house.city) == ("Theirs", "Salem")


def test_going_on_saves_yours_and_what_only_they_changed(manager: FlaskClient, store: Store, stored: Stored) -> None:
    address = one_house(store)
    form = fields(manager.get(address))
    save(manager, address, form, name="Theirs", reserve="250")
    late = save(manager, address, form, name="Mine", city="Astoria")
    assert save(manager, address, fields(late)).status_code == 303
    (house,) = stored(select(Property))
    assert (house.name, house.city, house.reserve) == ("Mine", "Astoria", 250)


def test_a_single_field_can_be_taken_from_them(manager: FlaskClient, store: Store, stored: Stored) -> None:
    address = one_house(store)
    form = fields(manager.get(address))
    save(manager, address, form, name="Theirs")
    late = save(manager, address, form, name="Mine", city="Astoria")
    assert save(manager, address, {**fields(late), "theirs": "name"}).status_code == 303
    (house,) = stored(select(Property))
    assert (house.name, house.city) == ("Theirs", "Astoria")


def test_a_third_save_in_between_is_noticed_too(manager: FlaskClient, store: Store) -> None:
    address = one_house(store)
    form = fields(manager.get(address))
    save(manager, address, form, name="First")
    late = save(manager, address, form, name="Mine")
    assert save(manager, address, fields(manager.get(address)), name="Third").status_code == 303
    assert save(manager, address, fields(late)).status_code == 409


def test_a_form_without_or_with_a_wrong_version_never_saves(manager: FlaskClient, store: Store, stored: Stored) -> None:
    address = one_house(store)
    form = fields(manager.get(address))
    for version in ("", "0", "x", "99999999999999999999"):
        assert save(manager, address, form, name="Mine", version=version, seen="[]").status_code == 409
    assert stored(select(Property.name)) == ["Alder"]


def test_saving_without_a_change_changes_nothing(manager: FlaskClient, store: Store, stored: Stored) -> None:
    address = one_house(store)
    before = stored(select(Property.version))
    assert save(manager, address, fields(manager.get(address))).status_code == 303
    assert stored(select(Property.version)) == before


def change(model: type[Any], **values: Any) -> None:
    """What the sync writes down meanwhile."""
    with speaking_as(IMPORT):
        record = db.session.scalars(select(model)).one()
        for name, value in values.items():
            setattr(record, name, value)
        db.session.commit()
        db.session.expunge_all()


def test_a_change_of_nothing_that_the_form_shows_asks_nobody(
    manager: FlaskClient, store: Store, stored: Stored
) -> None:
    """Such as Buildium's number, which a push writes down moments after the save before."""
    address = one_house(store)
    form = fields(manager.get(address))
    change(Property, buildium_property_id=4711)
    assert save(manager, address, form, city="Astoria").status_code == 303
    (house,) = stored(select(Property))
    assert (house.city, house.buildium_property_id) == ("Astoria", 4711)


def test_a_sealed_value_is_not_typed_over_one_that_came_meanwhile(
    manager: FlaskClient, store: Store, stored: Stored
) -> None:
    """Forms don't show it, so nobody could see that somebody else was faster."""
    vendor = Vendor(name="Ace", tax_payer_type="EIN")
    store(vendor)
    address = f"/vendors/{vendor.id}/edit"
    form = fields(manager.get(address))
    assert save(manager, address, form, tax_id="98-7654321").status_code == 303
    assert save(manager, address, form, tax_id="12-3456789").status_code == 409
    assert stored(select(Vendor))[0].tax_id == "98-7654321"


def lease_opened_before_buildium_has_it(manager: FlaskClient, store: Store) -> tuple[str, dict[str, Any]]:
    """The address of its form and what it shows. Buildium takes a rent and people with a new lease only."""
    house = Property(name="Alder")
    unit = Unit(property=house, unit_number="1A")
    store(house, unit)
    lease = Lease(unit_id=unit.id, property_id=house.id, start_date=days(-9), end_date=days(300), status="Active")
    store(lease)
    address = f"/leases/{lease.id}/edit"
    form = fields(manager.get(address))
    change(Lease, buildium_lease_id=4711)
    return address, form


def test_what_was_typed_and_can_not_be_saved_any_more_is_named(
    manager: FlaskClient, store: Store, stored: Stored
) -> None:
    address, form = lease_opened_before_buildium_has_it(manager, store)
    late = save(manager, address, form, rent="950", is_eviction_pending="y")
    assert late.status_code == 409
    shown = words(parsed(late))
    assert "Something that this form doesn’t show has changed since you opened it" in shown
    assert (
        "What you changed in these is not saved, because this lease can’t have it changed here any more: Rent." in shown
    )
    assert save(manager, address, fields(late)).status_code == 303
    (lease,) = stored(select(Lease))
    assert (lease.rent, lease.is_eviction_pending) == (None, True)


def test_fields_that_leave_the_form_untouched_ask_nobody(manager: FlaskClient, store: Store, stored: Stored) -> None:
    address, form = lease_opened_before_buildium_has_it(manager, store)
    assert save(manager, address, form, is_eviction_pending="y").status_code == 303
    (lease,) = stored(select(Lease))
    assert (lease.rent, lease.is_eviction_pending) == (None, True)


def test_a_field_that_joins_the_form_meanwhile_keeps_what_is_stored(
    manager: FlaskClient, store: Store, stored: Stored
) -> None:
    """What Buildium may erase is asked once it has the vendor: who opened the form before has said nothing of it."""
    vendor = Vendor(name="Ace")
    store(vendor)
    address = f"/vendors/{vendor.id}/edit"
    form = fields(manager.get(address))
    change(Vendor, buildium_vendor_id=4711, losses_accepted=True)
    assert save(manager, address, form, name="Ace Plumbing").status_code == 303
    (vendor,) = stored(select(Vendor))
    assert (vendor.name, vendor.losses_accepted) == ("Ace Plumbing", True)


def test_a_form_that_says_nothing_of_what_it_was_based_on_is_compared(
    manager: FlaskClient, store: Store, stored: Stored
) -> None:
    address = one_house(store)
    form = fields(manager.get(address))
    change(Property, buildium_property_id=4711)
    assert save(manager, address, form, city="Astoria", seen="[]").status_code == 409
    assert save(manager, address, {}, city="Astoria").status_code == 409
    assert stored(select(Property))[0].city == "Salem"
