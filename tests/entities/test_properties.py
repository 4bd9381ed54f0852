from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from portal.entities.bank_accounts.model import BankAccount
from portal.entities.owners.model import Owner
from portal.entities.ownerships.model import Ownership
from portal.entities.properties.model import Property
from portal.entities.staff_users.model import StaffUser
from portal.sync.models import SyncStatus
from tests.web.conftest import Store, Stored
from tests.web.pages import errors, fields, notices, parsed, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient

GOOD = {
    "name": "Alder Court",
    "rental_sub_type": "MultiFamily",
    "address_line1": "1 Elm St",
    "city": "Portland",
    "state": "Oregon",
    "postal_code": "97201",
    "country": "UnitedStates",
}


def test_a_property_with_everything(manager: FlaskClient, store: Store, stored: Stored) -> None:
    account, staff = BankAccount(name="Trust"), StaffUser(buildium_user_id=7, first_name="Dana")
    store(account, staff)
    more = {
        "operating_bank_account_id": str(account.id),
        "property_manager_buildium_user_id": "7",
        "reserve": "$1,250.50",
        "year_built": "1904",
        "square_footage": "12,000",
        "bathrooms": "2.5",
        "structure_description": "  Brick\r\nSlate roof  ",
    }
    response = manager.post("/properties/new", data={**GOOD, **more})
    (house,) = stored(select(Property))
    assert response.location == f"/properties/{house.id}"
    assert (house.operating_bank_account_id, house.property_manager_buildium_user_id) == (account.id, 7)
    assert (house.reserve, house.year_built, house.bathrooms) == (Decimal("1250.50"), 1904, Decimal("2.5"))
    assert house.structure_description == "Brick\nSlate roof"
    assert notices(manager.get(response.location)) == ["Property “Alder Court” saved."]


def test_what_buildium_misses_is_a_warning_and_no_refusal(manager: FlaskClient) -> None:
    page = manager.get(manager.post("/properties/new", data={"name": "Alder"}).location)
    (_, warning) = notices(page)
    assert warning.startswith("Before it can be sent, Buildium also needs: property type, address line 1, postal code")
    assert "operating bank account" in warning


def test_a_new_form_has_the_portals_country(manager: FlaskClient) -> None:
    assert fields(manager.get("/properties/new"))["country"] == "UnitedStates"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "   ", "Enter the property’s name."),
        ("name", "x" * 128, "Field cannot be longer than 127 characters."),
        ("state", "Bavaria", "“Bavaria” is no state or province of United States. Use its name or abbreviation."),
        ("country", "Atlantis", "Not a valid choice."),
        ("rental_sub_type", "Castle", "Not a valid choice."),
        ("operating_bank_account_id", "nonsense", "Invalid Choice: could not coerce"),
        ("year_built", "999", "Enter a whole number from 1000 to 9999."),
        ("year_built", "12x", "Enter a whole number from 1000 to 9999."),
        ("year_built", "9" * 5000, "Enter a whole number from 1000 to 9999."),
        ("year_built", "9998", "Enter a year up to"),
        ("reserve", "-1", "Enter an amount of 0 or more."),
        ("reserve", "1.005", "Enter a number with 2 decimals at most."),
        ("reserve", "NaN", "Enter an amount, such as 1250.00."),
        ("reserve", "Infinity", "Enter an amount, such as 1250.00."),
        ("reserve", "1e400", "Enter an amount of 0 or more."),
        ("reserve", "1e-400", "Enter a number with 2 decimals at most."),
        ("reserve", "twelve", "Enter an amount, such as 1250.00."),
        ("square_footage", "2147483648", "Enter a whole number from 0 to 2147483647."),
        ("bathrooms", "2.25", "Enter a number with 1 decimal at most."),
        ("structure_description", "x" * 65_536, "Field cannot be longer than 65535 characters."),
    ],
)
def test_a_wrong_value_is_named_beside_its_field_and_on_top(
    manager: FlaskClient, field: str, value: str, message: str
) -> None:
    response = manager.post("/properties/new", data={**GOOD, field: value})
    assert response.status_code == 422
    assert errors(response)[field].startswith(message)
    summary = next(each for each in parsed(response).iter("a") if each.get("href") == f"#{field}")
    assert words(summary).startswith(message)
    others = {name: typed for name, typed in GOOD.items() if name != field}
    assert others.items() <= fields(response).items()


@pytest.mark.parametrize(
    ("country", "state"),
    [
        ("UnitedStates", "or"),
        ("UnitedStates", "new york"),
        ("Canada", "BC"),
        ("Canada", "Quebec"),
        ("Germany", "Bavaria"),
    ],
)
def test_states_are_those_of_the_country(manager: FlaskClient, country: str, state: str) -> None:
    assert manager.post("/properties/new", data={**GOOD, "country": country, "state": state}).status_code == 303


def test_a_stored_value_that_is_no_code_survives_an_edit(manager: FlaskClient, store: Store, stored: Stored) -> None:
    house = Property(name="Alder", country="USA", rental_sub_type="Castle")
    store(house)
    form = fields(manager.get(f"/properties/{house.id}/edit"))
    assert (form["country"], form["rental_sub_type"]) == ("USA", "Castle")
    assert manager.post(f"/properties/{house.id}/edit", data={**form, "name": "Oak"}).status_code == 303
    (house,) = stored(select(Property))
    assert (house.name, house.country, house.rental_sub_type) == ("Oak", "USA", "Castle")


def test_a_new_property_brings_its_owners(manager: FlaskClient, store: Store, stored: Stored) -> None:
    jane, john = (Owner(first_name=name, last_name="Adams") for name in ("Jane", "John"))
    store(jane, john)
    lines = {
        "owners-0-owner_id": str(jane.id),
        "owners-0-ownership_percentage": "60",
        "owners-1-owner_id": str(john.id),
        "owners-1-ownership_percentage": "40%",
        "owners-1-disbursement_percentage": "12.5",
    }
    assert manager.post("/properties/new", data={**GOOD, **lines}).status_code == 303
    shares = {each.owner_id: each for each in stored(select(Ownership))}
    assert (shares[jane.id].ownership_percentage, shares[jane.id].disbursement_percentage) == (60, 60)
    assert (shares[john.id].ownership_percentage, shares[john.id].disbursement_percentage) == (40, Decimal("12.5"))
    queued = {(each.entity_type, each.entity_id) for each in stored(select(SyncStatus))}
    assert {("owner", str(jane.id)), ("owner", str(john.id))} <= queued


@pytest.mark.parametrize(
    ("second", "share", "message"),
    [("john", "50", "Ownership adds up to 110%, more than 100%."), ("jane", "10", "The same one is listed twice.")],
)
def test_owners_of_a_new_property_must_fit(
    manager: FlaskClient, store: Store, second: str, share: str, message: str
) -> None:
    owners = {name: Owner(first_name=name, last_name="Adams") for name in ("jane", "john")}
    store(*owners.values())
    lines = {
        "owners-0-owner_id": str(owners["jane"].id),
        "owners-0-ownership_percentage": "60",
        "owners-1-owner_id": str(owners[second].id),
        "owners-1-ownership_percentage": share,
    }
    response = manager.post("/properties/new", data={**GOOD, **lines})
    assert response.status_code == 422
    assert message in words(parsed(response))
    assert fields(response)["owners-1-ownership_percentage"] == share
