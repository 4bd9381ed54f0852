from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from portal.entities.properties.model import Property
from tests.web.conftest import Store, Stored
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
