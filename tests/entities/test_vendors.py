from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from portal.audit import AuditEntry
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.vendor_categories.model import VendorCategory
from portal.entities.vendors.model import Vendor
from portal.sync.models import SyncStatus
from tests.people import sign_in
from tests.web.conftest import Store, Stored
from tests.web.pages import errors, fields, link, notices, parsed, rows, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient

COMPANY = {"name": "Ace Plumbing"}
PERSON = {"is_company": "False", "first_name": "Jo", "last_name": "Adams"}
ADDRESS = {"address_line1": "1 Elm St", "postal_code": "04101", "country": "UnitedStates"}
TODAY = date.today()


@pytest.fixture
def plumbing(store: Store) -> VendorCategory:
    category = VendorCategory(name="Plumbing")
    store(category)
    return category


def new(manager: FlaskClient, **typed: str) -> Any:
    return manager.post("/vendors/new", data=typed)


def test_a_company_with_everything(
    manager: FlaskClient, plumbing: VendorCategory, store: Store, stored: Stored
) -> None:
    account = GlAccount(account_number="5110", name="Pipes", sub_type="OperatingExpenses")
    store(account)
    more = {
        "category_id": str(plumbing.id),
        "contact_name": "Al",
        "email": "office@ace.example",
        "phone_number": "(207) 555-0101",
        "website": "ace.example/plumbing",
        "insurance_provider": "Pine Mutual",
        "insurance_policy_number": "PM-1",
        "insurance_expiration_date": "2031-05-06",
        "tax_id": "12-3456789",
        "include_in_1099": "y",
        "expense_gl_account_id": str(account.id),
        "account_number": "ACE-4711",
        "notes": "Comes on Sundays.",
    }
    response = new(manager, **COMPANY, **ADDRESS, **more)
    assert errors(response) == {}
    (vendor,) = stored(select(Vendor))
    assert response.location == f"/vendors/{vendor.id}"
    assert (vendor.is_company, vendor.name, vendor.category_id) == (True, "Ace Plumbing", plumbing.id)
    assert (vendor.website, vendor.insurance_expiration_date) == ("https://ace.example/plumbing", date(2031, 5, 6))
    assert (vendor.tax_id, vendor.tax_payer_type, vendor.include_in_1099) == ("12-3456789", "EIN", True)
    assert (vendor.account_number, vendor.expense_gl_account_id) == ("ACE-4711", account.id)
    assert [each.entity_type for each in stored(select(SyncStatus)) if each.entity_id == str(vendor.id)] == ["vendor"]
    page = manager.get(response.location)
    assert link(page, "Plumbing") == f"/vendor-categories/{plumbing.id}"
    assert link(page, "https://ace.example/plumbing") == "https://ace.example/plumbing"
    assert "Until May 6, 2031" in words(parsed(page))
    assert link(page, "Add bill") == f"/bills/new?vendor_id={response.location.rpartition('/')[2]}"


def test_a_vendor_without_a_category_is_saved_with_a_warning(manager: FlaskClient) -> None:
    page = manager.get(new(manager, **COMPANY).location)
    assert notices(page) == [
        "Vendor “Ace Plumbing” saved.",
        "Before it can be sent, Buildium also needs: category.",
    ]


def test_a_person_is_called_by_both_names(manager: FlaskClient, stored: Stored) -> None:
    assert new(manager, **PERSON, name="Left over").status_code == 303
    (vendor,) = stored(select(Vendor))
    assert (vendor.is_company, vendor.name, vendor.country) == (False, "Jo Adams", None)
    place = f"/vendors/{vendor.id}/edit"
    form = fields(manager.get(place))
    assert (form["is_company"], form["name"], form["last_name"]) == ("False", "", "Adams")
    changed = {**form, "is_company": "True", "name": "Adams LLC"}
    assert manager.post(place, data=changed).status_code == 303
    (vendor,) = stored(select(Vendor))
    assert (vendor.is_company, vendor.name, vendor.first_name) == (True, "Adams LLC", None)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, {"name": "Enter the company’s name."}),
        (
            {"is_company": "False", "name": "Ace"},
            {"first_name": "Enter the first name, or say", "last_name": "Enter the last name, or say"},
        ),
        ({**COMPANY, "email": "ace@"}, {"email": "Enter an e-mail address"}),
        ({**COMPANY, "phone_number": "5550101"}, {"phone_number": "Enter 10 to 20 characters"}),
        ({**COMPANY, "website": "not a website"}, {"website": "Enter the address of a website"}),
        ({**COMPANY, "website": "ftp://ace.example"}, {"website": "Enter the address of a website"}),
        ({**COMPANY, "website": "javascript:alert(1)"}, {"website": "Enter the address of a website"}),
        ({**COMPANY, "website": "https://[ace"}, {"website": "Enter the address of a website"}),
        (
            {**COMPANY, "city": "Portland", "country": ""},
            {
                "address_line1": "Enter address line 1, or leave the whole address empty.",
                "postal_code": "Enter the postal code, or leave the whole address empty.",
                "country": "Choose the country, or leave the whole address empty.",
            },
        ),
        ({**COMPANY, **ADDRESS, "state": "Bavaria"}, {"state": "“Bavaria” is no state"}),
        ({**COMPANY, "insurance_expiration_date": "06.05.2031"}, {"insurance_expiration_date": "Enter a date as"}),
        ({**COMPANY, "tax_id": "123456789"}, {"tax_id": "Write an SSN as 123-45-6789"}),
        ({**COMPANY, "tax_payer_type": "EIN"}, {"tax_id": "Enter the tax payer id, or leave its kind open."}),
        (
            {**COMPANY, "tax_id": "123-45-6789", "tax_payer_type": "EIN"},
            {"tax_payer_type": "The tax payer id is written like an SSN."},
        ),
        ({"name": "x" * 128}, {"name": "Field cannot be longer than 127 characters."}),
        ({**COMPANY, "category_id": "nonsense"}, {"category_id": "Choose one of the vendor categories."}),
    ],
)
def test_wrong_values_are_named(manager: FlaskClient, typed: dict[str, str], wrong: dict[str, str]) -> None:
    response = new(manager, **typed)
    assert response.status_code == 422
    found = errors(response)
    assert set(found) == set(wrong)
    assert all(found[name].startswith(message) for name, message in wrong.items())


def test_a_new_form_proposes_a_company_in_the_portals_country(manager: FlaskClient) -> None:
    form = fields(manager.get("/vendors/new"))
    assert (form["is_company"], form["country"]) == ("True", "UnitedStates")


def test_a_country_alone_is_no_address(manager: FlaskClient, stored: Stored) -> None:
    new(manager, **COMPANY, country="UnitedStates")
    assert stored(select(Vendor.country)) == [None]


def test_a_category_out_of_use_takes_no_new_vendors(manager: FlaskClient, store: Store, stored: Stored) -> None:
    old = VendorCategory(name="Chimneys", is_active=False)
    vendor = Vendor(name="Soot & Sons", category=old)
    store(old, vendor)
    refused = new(manager, **COMPANY, category_id=str(old.id))
    assert errors(refused) == {"category_id": "“Chimneys” isn’t in use any more. Choose another category."}
    form = fields(manager.get(f"/vendors/{vendor.id}/edit"))
    assert manager.post(f"/vendors/{vendor.id}/edit", data={**form, "contact_name": "Bert"}).status_code == 303
    assert stored(select(Vendor.contact_name)) == ["Bert"]


@pytest.mark.parametrize(
    "again", [{"name": "ace PLUMBING"}, {"name": "Other", "email": "Office@Ace.example"}, {**PERSON, "last_name": "B"}]
)
def test_a_vendor_that_exists_is_shown_before_another_one_is_made(
    manager: FlaskClient, store: Store, stored: Stored, again: dict[str, str]
) -> None:
    known = Vendor(name="Ace Plumbing", email="office@ace.example")
    person = Vendor(is_company=False, first_name="jo", last_name="b")
    store(known, person)
    meant = person if "first_name" in again else known
    asked = new(manager, **again)
    assert asked.status_code == 422
    assert errors(asked) == {
        ("first_name" if "first_name" in again else "name"): (
            "A vendor with this name or e-mail exists. Look at it first, or tick that this is another one."
        )
    }
    assert link(asked, str(meant)) == f"/vendors/{meant.id}"
    typed = fields(asked)
    assert again.items() <= typed.items()
    assert manager.post("/vendors/new", data={**typed, "duplicate_accepted": "y"}).status_code == 303
    assert len(stored(select(Vendor))) == 3


def test_an_edit_asks_about_no_duplicate(manager: FlaskClient, store: Store) -> None:
    one, other = Vendor(name="Ace"), Vendor(name="Ace")
    store(one, other)
    form = fields(manager.get(f"/vendors/{one.id}/edit"))
    assert manager.post(f"/vendors/{one.id}/edit", data={**form, "contact_name": "Al"}).status_code == 303


def test_two_edits_of_a_person_at_once_differ_in_what_was_changed_only(manager: FlaskClient, store: Store) -> None:
    vendor = Vendor(is_company=False, first_name="Jo", last_name="Adams")
    store(vendor)
    place = f"/vendors/{vendor.id}/edit"
    form = fields(manager.get(place))
    manager.post(place, data={**form, "contact_name": "Theirs"})
    compared = manager.post(place, data={**form, "contact_name": "Mine"})
    assert compared.status_code == 409
    assert rows(compared) == ["Contact person"]


def test_an_edit_keeps_the_secrets_that_it_does_not_show(manager: FlaskClient, store: Store, stored: Stored) -> None:
    vendor = Vendor(name="Ace", tax_id="98-7654321", tax_payer_type="EIN", account_number="ACE-4711")
    store(vendor)
    page = manager.get(f"/vendors/{vendor.id}/edit")
    assert "98-7654321" not in page.text
    assert "ACE-4711" not in page.text
    form = fields(page)
    refused = manager.post(f"/vendors/{vendor.id}/edit", data={**form, "tax_payer_type": "SSN"})
    assert errors(refused) == {"tax_payer_type": "The tax payer id is written like an EIN."}
    assert manager.post(f"/vendors/{vendor.id}/edit", data={**form, "name": "Ace Two"}).status_code == 303
    (vendor,) = stored(select(Vendor))
    assert (vendor.name, vendor.tax_id, vendor.account_number) == ("Ace Two", "98-7654321", "ACE-4711")
    assert vendor.include_in_1099 is False


@pytest.mark.parametrize(("name", "value"), [("tax_id", "12-3456789"), ("account_number", "ACE-4711")])
def test_a_secret_is_shown_once_to_people_who_may_see_it(
    client: FlaskClient, store: Store, stored: Stored, name: str, value: str
) -> None:
    vendor = Vendor(name="Ace", **{name: value})
    store(vendor)
    sign_in(client, "staff")
    page = client.get(f"/vendors/{vendor.id}")
    assert value not in page.text
    assert "••••" in page.text
    assert "Reveal" not in page.text
    assert client.post(f"/vendors/{vendor.id}/revelations", data={"field": name}).status_code == 403
    sign_in(client, "manager")
    assert value in client.post(f"/vendors/{vendor.id}/revelations", data={"field": name}).text
    revealed = select(AuditEntry).where(AuditEntry.action == "reveal", AuditEntry.row_id == str(vendor.id))
    assert len(stored(revealed)) == 1


def test_insurance_that_runs_out_is_a_filter_and_a_badge(manager: FlaskClient, store: Store) -> None:
    days = {"Gone": -1, "Today": 0, "Month": 30, "Two": 60, "Three": 90, "Later": 91}
    store(
        Vendor(name="None"),
        *(Vendor(name=name, insurance_expiration_date=TODAY + timedelta(days=left)) for name, left in days.items()),
    )
    found = {each: sorted(rows(manager.get(f"/vendors?insurance={each}"))) for each in ("expired", "30", "60", "90")}
    assert found == {
        "expired": ["Gone"],
        "30": ["Month", "Today"],
        "60": ["Month", "Today", "Two"],
        "90": ["Month", "Three", "Today", "Two"],
    }
    assert rows(manager.get("/vendors?insurance=none")) == ["None"]
    assert rows(manager.get("/vendors?sort=insurance")) == [*days, "None"]
    page = manager.get("/vendors?insurance=expired")
    (badge,) = [words(each) for each in parsed(page).iter("span") if "badge tone-bad" in (each.get("class") or "")]
    assert badge.startswith("Ran out ")
    assert "Ran out" in manager.get("/vendors.csv?insurance=expired").text


def test_insurance_that_has_run_out_is_said_on_the_page(manager: FlaskClient, store: Store) -> None:
    gone = Vendor(name="Gone", insurance_expiration_date=date(2020, 1, 2))
    fine = Vendor(name="Fine", insurance_expiration_date=TODAY + timedelta(days=400))
    store(gone, fine)
    assert "The insurance of this vendor ran out on Jan 2, 2020." in words(parsed(manager.get(f"/vendors/{gone.id}")))
    assert "Insurance has run out" not in manager.get(f"/vendors/{fine.id}").text


def test_vendors_are_filtered_by_trade_kind_and_words(
    manager: FlaskClient, plumbing: VendorCategory, store: Store
) -> None:
    store(
        Vendor(name="Ace", category_id=plumbing.id),
        Vendor(name="Bolt", phone_number="(207) 555-0101", is_active=False),
        Vendor(is_company=False, first_name="Jo", last_name="Adams"),
    )
    chosen = manager.get(f"/vendors?category_id={plumbing.id}")
    assert rows(chosen) == ["Ace"]
    assert "Category: Plumbing" in words(parsed(chosen))
    assert "Plumbing" in [words(each) for each in parsed(manager.get("/vendors")).iter("option")]
    assert rows(manager.get("/vendors?category_id=nonsense")) == ["Ace", "Bolt", "Jo Adams"]
    assert rows(manager.get("/vendors?kind=person")) == ["Jo Adams"]
    assert rows(manager.get("/vendors?status=inactive")) == ["Bolt"]
    assert rows(manager.get("/vendors?q=2075550101")) == ["Bolt"]


def test_numbers_that_buildium_has_besides_are_shown(manager: FlaskClient, store: Store) -> None:
    numbers = [{"Number": "2075550002", "Type": "Cell"}, {"Number": "2075550009", "Type": "Other"}]
    vendor = Vendor(name="Ace", phone_number="2075550001", extra_phones=numbers, buildium_vendor_id=7)
    store(vendor)
    page = words(parsed(manager.get(f"/vendors/{vendor.id}")))
    assert "2075550002 (mobile) 2075550009 (other)" in page
    assert "losses_accepted" in manager.get(f"/vendors/{vendor.id}/edit").text
    assert "losses_accepted" not in manager.get("/vendors/new").text
