from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from portal.entities.owners.model import Owner
from portal.entities.properties.model import Property
from tests.web.conftest import Store, Stored
from tests.web.pages import errors, fields, link, rows

if TYPE_CHECKING:
    from flask.testing import FlaskClient

PERSON = {"first_name": "Jane", "last_name": "Adams"}


def test_an_owner_with_properties(manager: FlaskClient, store: Store, stored: Stored) -> None:
    house = Property(name="Alder")
    store(house)
    line = {"properties-0-property_id": str(house.id), "properties-0-ownership_percentage": "62.5"}
    response = manager.post("/owners/new", data={**PERSON, **line, "date_of_birth": "1961-04-02"})
    (owner,) = stored(select(Owner))
    assert response.location == f"/owners/{owner.id}"
    assert owner.date_of_birth == date(1961, 4, 2)
    assert "62.5%" in manager.get(response.location).text
    assert link(manager.get(response.location), "Alder") == f"/properties/{house.id}"


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, {"first_name": "Enter the first name, or tick", "last_name": "Enter the last name, or tick"}),
        ({**PERSON, "is_company": "y"}, {"company_name": "Enter the company’s name."}),
        ({**PERSON, "email": "jane@"}, {"email": "Enter an e-mail address"}),
        ({**PERSON, "phone_mobile": "5550143"}, {"phone_mobile": "Enter 10 to 20 characters"}),
        ({**PERSON, "date_of_birth": "02.04.1961"}, {"date_of_birth": "Enter a date as year-month-day"}),
        ({**PERSON, "tax_payer_id": "123456789"}, {"tax_payer_id": "Write an SSN as 123-45-6789"}),
        (
            {**PERSON, "tax_payer_id": "123-45-6789", "tax_payer_type": "EIN"},
            {"tax_payer_type": "The tax payer id is written like an SSN."},
        ),
        (
            {**PERSON, "management_agreement_start_date": "2026-02-01", "management_agreement_end_date": "2026-01-01"},
            {"management_agreement_end_date": "The agreement can’t end before it begins."},
        ),
        ({**PERSON, "tax_country": "Canada", "tax_state": "Texas"}, {"tax_state": "“Texas” is no state"}),
    ],
)
def test_wrong_values_are_named(manager: FlaskClient, typed: dict[str, str], wrong: dict[str, str]) -> None:
    response = manager.post("/owners/new", data=typed)
    assert response.status_code == 422
    found = errors(response)
    assert set(found) == set(wrong)
    assert all(found[name].startswith(message) for name, message in wrong.items())


def test_the_kind_of_a_tax_id_follows_from_how_it_is_written(manager: FlaskClient, stored: Stored) -> None:
    assert manager.post("/owners/new", data={**PERSON, "tax_payer_id": "12-3456789"}).status_code == 303
    (owner,) = stored(select(Owner))
    assert (owner.tax_payer_type, owner.tax_payer_id, owner.tax_id) == ("EIN", "12-3456789", "12-3456789")


def test_an_edit_keeps_the_tax_id_that_it_does_not_show(manager: FlaskClient, store: Store, stored: Stored) -> None:
    owner = Owner(**PERSON, tax_payer_id="123-45-6789", tax_payer_type="SSN")
    store(owner)
    form = fields(manager.get(f"/owners/{owner.id}/edit"))
    assert form["tax_payer_id"] == ""
    assert manager.post(f"/owners/{owner.id}/edit", data={**form, "first_name": "Joan"}).status_code == 303
    (owner,) = stored(select(Owner))
    assert (owner.first_name, owner.tax_payer_id) == ("Joan", "123-45-6789")


def test_tax_details_of_an_owner_in_buildium_are_changed_there(
    manager: FlaskClient, store: Store, stored: Stored
) -> None:
    owner = Owner(**PERSON, buildium_owner_id=9, tax_payer_name1="Jane Q. Adams")
    store(owner)
    page = manager.get(f"/owners/{owner.id}/edit")
    assert "Tax details can only be changed in Buildium" in page.text
    form = fields(page)
    assert not [name for name in form if name.startswith("tax_")]
    manager.post(f"/owners/{owner.id}/edit", data={**form, "tax_payer_name1": "Changed"})
    assert stored(select(Owner.tax_payer_name1)) == ["Jane Q. Adams"]


def test_companies_and_people_are_sorted_together(manager: FlaskClient, store: Store) -> None:
    store(Owner(first_name="Wei", last_name="Zhang"), Owner(is_company=True, company_name="Oak LLC"), Owner(**PERSON))
    assert rows(manager.get("/owners")) == ["Jane Adams", "Oak LLC", "Wei Zhang"]
    assert rows(manager.get("/owners?kind=company")) == ["Oak LLC"]


def test_agreements_that_end_soon_are_a_filter(manager: FlaskClient, store: Store) -> None:
    today = date.today()
    store(
        Owner(first_name="A", last_name="Today", management_agreement_end_date=today),
        Owner(first_name="B", last_name="Gone", management_agreement_end_date=date(2001, 1, 1)),
        Owner(first_name="C", last_name="Never"),
    )
    found = {value: rows(manager.get(f"/owners?agreement={value}")) for value in ("30", "ended", "open")}
    assert found == {"30": ["A Today"], "ended": ["B Gone"], "open": ["C Never"]}
