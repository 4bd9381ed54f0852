from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from tests.web.conftest import Store, Stored
from tests.web.pages import errors, fields, parsed, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def test_a_unit_of_the_property_it_was_added_from(manager: FlaskClient, store: Store, stored: Stored) -> None:
    house = Property(name="Alder")
    store(house)
    page = f"/units/new?property_id={house.id}"
    form = fields(manager.get(page))
    assert form["property_id"] == str(house.id)
    more = {"unit_number": "PH 1", "unit_bedrooms": "2", "unit_bathrooms": "1.5", "unit_size": "940"}
    assert manager.post(page, data={**form, **more, "market_rent": "$2,150"}).status_code == 303
    (unit,) = stored(select(Unit))
    assert (unit.unit_number, unit.unit_bedrooms, unit.unit_bathrooms) == ("PH 1", "2", "1.5")
    assert (unit.unit_size, unit.square_footage, unit.market_rent) == (940, 940, 2150)


def test_a_number_is_taken_only_once_in_a_property(manager: FlaskClient, store: Store) -> None:
    house, other = Property(name="Alder"), Property(name="Oak")
    store(house, other, Unit(property=house, unit_number="1"))
    again = manager.post("/units/new", data={"property_id": str(house.id), "unit_number": "1", "unit_size": "700"})
    assert again.status_code == 422
    assert errors(again)["unit_number"].startswith("This property has a unit with this number already.")
    assert fields(again)["unit_size"] == "700"
    assert manager.post("/units/new", data={"property_id": str(other.id), "unit_number": "1"}).status_code == 303


def test_a_unit_needs_a_property_that_exists(manager: FlaskClient, store: Store) -> None:
    store(Property(name="Alder"))
    wanted = {
        "": "Choose the property.",
        "nonsense": "Choose one of the properties.",
        "5d0f8a3e-0000-4000-8000-000000000000": "This property does not exist any more. Choose another one.",
    }
    for value, message in wanted.items():
        response = manager.post("/units/new", data={"property_id": value, "unit_number": "1"})
        assert (response.status_code, errors(response)["property_id"]) == (422, message)


def test_among_many_properties_one_is_found_by_its_words(manager: FlaskClient, store: Store, stored: Stored) -> None:
    store(
        *(Property(name=f"House {n:02}") for n in range(60)), Property(name="Alder Court"), Property(name="Alder Hill")
    )
    assert "property_id-sought" in manager.get("/units/new").text
    form = {"unit_number": "1", "property_id-sought": "alder"}
    asked = manager.post("/units/new", data=form)
    assert asked.status_code == 422
    assert "Choose one of those that match “alder”." in words(parsed(asked))
    offered = [each.get("value") for each in parsed(asked).iter("input") if each.get("type") == "radio"]
    assert len(offered) == 2
    assert fields(asked)["unit_number"] == "1"
    chosen = manager.post("/units/new", data={**form, "property_id-sought": "", "property_id": offered[0]})
    assert chosen.status_code == 303
    assert manager.post("/units/new", data={**form, "property_id-sought": "alder hill"}).status_code == 303
    assert sorted(stored(select(Property.name).join(Unit))) == ["Alder Court", "Alder Hill"]


def test_words_that_match_nothing_are_said(manager: FlaskClient, store: Store) -> None:
    store(*(Property(name=f"House {n:02}") for n in range(60)))
    asked = manager.post("/units/new", data={"unit_number": "1", "property_id-sought": "castle"})
    assert errors(asked)["property_id"] == "No property matches “castle”."


def test_a_unit_that_buildium_has_stays_in_its_property(manager: FlaskClient, store: Store, stored: Stored) -> None:
    house, other = Property(name="Alder"), Property(name="Oak")
    unit = Unit(property=house, unit_number="1", buildium_unit_id=12)
    store(house, other, unit)
    form = fields(manager.get(f"/units/{unit.id}/edit"))
    assert "property_id" not in form
    manager.post(f"/units/{unit.id}/edit", data={**form, "property_id": str(other.id)})
    assert stored(select(Unit.property_id)) == [house.id]
