"""What is said to Buildium about vendors and categories, judged by its document."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.entities.gl_accounts.model import GlAccount
from portal.entities.task_categories.model import TaskCategory
from portal.entities.vendor_categories.model import VendorCategory
from portal.entities.vendors.model import Vendor
from portal.extensions import db
from portal.sync.current import current_sync
from portal.sync.pull import pull_one
from tests.contract.test_traffic import FULL_ADDRESS, WIDE, agreed, clear
from tests.contract.traffic import Traffic
from tests.live import Live
from tests.records import THERE

PATH = "/v1/vendors"
# The longest that Buildium takes, as MAPPING §4.8 says.
FULL: dict[str, Any] = {
    **FULL_ADDRESS,
    "name": "n" * 127,
    "email": "ada@example.com",
    "alternate_email": "ada@example.org",
    "phone_number": "+1 (207) 555-0003 xx",
    "website": "https://" + "w" * 88 + ".com",
    "notes": WIDE + "c" * 65_000,
    "account_number": "4" * 30,
    "insurance_provider": "i" * 65,
    "insurance_policy_number": "p" * 65,
    "insurance_expiration_date": date(2031, 12, 31),
    "tax_id": "987-65-4321",
    "tax_payer_type": "SSN",
    "include_in_1099": False,
}


@pytest.fixture
def trade(live: Live) -> VendorCategory:
    category = VendorCategory(name=WIDE + "n" * 200)
    live.save(category)
    live.work()
    return category


def test_a_vendor_with_everything_is_created_updated_and_cleared_again(
    live: Live, traffic: Traffic, trade: VendorCategory
) -> None:
    account = GlAccount(account_number="5110", name="Pipes", sub_type="OperatingExpenses")
    vendor = Vendor(**FULL, category=trade, expense_gl_account=account)
    live.save(account, vendor)
    agreed(live, account, vendor)
    (sent,) = traffic.bodies("POST", PATH)
    assert set(sent) == {
        *("IsCompany", "CompanyName", "PrimaryEmail", "AlternateEmail", "PhoneNumbers", "Address", "CategoryId"),
        *("ExpenseGlAccountId", "AccountNumber", "Website", "VendorInsurance", "Comments", "TaxInformation"),
    }
    place = f"{PATH}/{vendor.buildium_vendor_id}"
    (after,) = traffic.bodies("PUT", place)
    assert after == {**sent, "TaxInformation": {**sent["TaxInformation"], "IncludeIn1099": False}}
    clear(vendor, "email", "alternate_email", "phone_number", "website", "notes", "account_number", "tax_id")
    clear(vendor, "tax_payer_type", "include_in_1099", "expense_gl_account", *FULL_ADDRESS)
    clear(vendor, "insurance_provider", "insurance_policy_number", "insurance_expiration_date")
    live.save(vendor)
    agreed(live, vendor)
    cleared = traffic.bodies("PUT", place)[-1]
    assert set(cleared) == {"IsCompany", "CompanyName", "CategoryId"}


def test_people_and_companies_with_the_least_are_created_and_filled_later(
    live: Live, traffic: Traffic, trade: VendorCategory
) -> None:
    person = Vendor(is_company=False, first_name="F" * 127, last_name=WIDE, category=trade)
    company = Vendor(name=WIDE, category=trade)
    live.save(person, company)
    agreed(live, person, company)
    first = traffic.bodies("POST", PATH)
    assert sorted(map(len, first)) == [3, 4]
    for name, value in FULL.items():
        setattr(company, name, value)
    live.save(company)
    agreed(live, company)
    (filled,) = traffic.bodies("PUT", f"{PATH}/{company.buildium_vendor_id}")
    assert filled["TaxInformation"]["IncludeIn1099"] is False


def test_what_only_buildium_has_is_carried_in_words_that_it_takes(
    live: Live, traffic: Traffic, trade: VendorCategory
) -> None:
    tax = {"TaxPayerId": "98-7654321", "TaxPayerType": "EIN", "TaxPayerName1": WIDE, "Address": THERE}
    phones = {"Mobile": "2075550002", "Home": "2075550003", "Fax": "2075550004"}
    theirs = {"IsCompany": True, "CompanyName": "Theirs", "CategoryId": trade.buildium_category_id}
    insured = {"Provider": "P", "ExpirationDate": "2031-05-06"}
    body = {**theirs, "TaxInformation": tax, "PhoneNumbers": phones, "VendorInsurance": insured}
    made = live.http.post(PATH, json=body).raise_for_status().json()
    pull_one(current_sync().resource("vendor"), made["Id"])
    vendor = live_vendor(made["Id"])
    vendor.notes = WIDE
    live.save(vendor)
    agreed(live, vendor)
    (sent,) = traffic.bodies("PUT", f"{PATH}/{made['Id']}")
    assert sent == {**body, "Comments": WIDE, "TaxInformation": {**tax, "IncludeIn1099": True}}


def live_vendor(buildium_id: int) -> Vendor:
    return db.session.query(Vendor).filter_by(buildium_vendor_id=buildium_id).one()


def test_vendors_and_categories_that_were_lost_are_looked_for(
    live: Live, traffic: Traffic, trade: VendorCategory
) -> None:
    lost: list[tuple[str, Any]] = [
        ("/v1/vendors", Vendor(name=WIDE, email="ada@example.com", category=trade)),
        ("/v1/vendors", Vendor(is_company=False, first_name="A", last_name="B", category=trade)),
        ("/v1/vendors/categories", VendorCategory(name="Chimneys")),
        ("/v1/tasks/categories", TaskCategory(name=WIDE)),
    ]
    for path, record in lost:
        live.fault("commit_then_drop", method="POST", path=path)
        live.save(record)
        live.work()
        assert live.state(record) == "uncertain"
        for _ in range(3):
            live.work_later()
        assert live.state(record) == "synced", live.row(record).error_message
    asked = {str(each.request.url.params) for each in traffic.answers if "limit" in each.request.url.params}
    assert any("name=" in each and "email=" in each for each in asked)


def test_categories_are_created_and_renamed(live: Live, traffic: Traffic) -> None:
    made: list[Any] = [VendorCategory(name="Chimneys"), TaskCategory(name="Chimneys", color="#0f766e")]
    live.save(*made)
    agreed(live, *made)
    for each in made:
        each.name = WIDE
    live.save(*made)
    agreed(live, *made)
    for path in ("/v1/vendors/categories", "/v1/tasks/categories"):
        assert traffic.bodies("POST", path) == [{"Name": "Chimneys"}]
    assert traffic.bodies("PUT", f"/v1/tasks/categories/{made[1].buildium_category_id}") == [{"Name": WIDE}]
