"""Vendors on their way to Buildium and back: an update replaces the whole vendor there, and nothing may be lost."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal.entities.gl_accounts.model import GlAccount
from portal.entities.vendor_categories.model import VendorCategory
from portal.entities.vendors.mapping import VENDOR
from portal.entities.vendors.model import Vendor
from portal.extensions import db
from portal.sync.page import Outcome
from portal.sync.pull import pull_one
from portal.sync.resolve import ENOUGH, retry
from portal.webhooks import handlers
from tests.live import Live
from tests.records import ADDRESS, THERE

PATH = "/v1/vendors"
FULL: dict[str, Any] = {
    **ADDRESS,
    "address_line2": "Back entrance",
    "address_line3": "Ring twice",
    "contact_name": "Ask for Al",
    "email": "office@ace.example",
    "alternate_email": "al@ace.example",
    "phone_number": "(207) 555-0101",
    "website": "https://ace.example",
    "notes": "Comes on Sundays.",
    "tax_id": "12-3456789",
    "tax_payer_type": "EIN",
    "account_number": "ACE-4711",
    "insurance_provider": "Pine Mutual",
    "insurance_policy_number": "PM-1",
    "insurance_expiration_date": date(2031, 5, 6),
}
TAX: dict[str, Any] = {
    "TaxPayerId": "98-7654321",
    "TaxPayerType": "EIN",
    "TaxPayerName1": "Ace Holding",
    "TaxPayerName2": "of Maine",
    "Address": {**THERE, "AddressLine2": "Floor 2"},
}


def trade(live: Live, name: str = "Plumbing") -> VendorCategory:
    category = VendorCategory(name=name)
    live.save(category)
    live.work()
    live.forget_requests()
    return category


def vendor(category: VendorCategory | None, **values: Any) -> Vendor:
    return Vendor(category=category, **{"name": "Ace Plumbing", **values})


def sent(live: Live, record: Vendor) -> dict[str, Any]:
    """Save it, and what Buildium then has."""
    live.save(record)
    live.work()
    assert live.state(record) == "synced", live.row(record).error_message
    there: dict[str, Any] = live.get(f"{PATH}/{record.buildium_vendor_id}")
    return there


def theirs(live: Live, category: VendorCategory, **values: Any) -> Vendor:
    """A vendor that was made in Buildium, pulled."""
    body = {"IsCompany": True, "CompanyName": "Theirs", "CategoryId": category.buildium_category_id, **values}
    made = live.http.post(PATH, json=body).raise_for_status().json()
    assert pull_one(VENDOR, made["Id"]) is Outcome.CREATED
    live.forget_requests()
    return mine(made["Id"])


def mine(buildium_id: int) -> Vendor:
    return db.session.scalars(select(Vendor).where(Vendor.buildium_vendor_id == buildium_id)).one()


def test_a_company_is_created_with_all_that_it_has(live: Live) -> None:
    account = GlAccount(account_number="5110", name="Pipes", sub_type="OperatingExpenses")
    live.save(account)
    made = vendor(trade(live), **FULL, expense_gl_account=account, include_in_1099=True)
    there = sent(live, made)
    assert (there["IsCompany"], there["CompanyName"], there["FirstName"]) == (True, "Ace Plumbing", None)
    assert there["Category"]["Name"] == "Plumbing"
    assert there["Address"]["AddressLine3"] == "Ring twice"
    assert there["PhoneNumbers"] == [{"Number": "(207) 555-0101", "Type": "Office"}]
    assert there["VendorInsurance"]["ExpirationDate"].startswith("2031-05-06")
    assert (there["AccountNumber"], there["Website"]) == ("ACE-4711", "https://ace.example")
    assert there["ExpenseGLAccountId"] == account.buildium_gl_account_id
    assert (there["TaxInformation"]["TaxPayerId"], there["TaxInformation"]["IncludeIn1099"]) == ("12-3456789", True)
    assert live.asked("PUT", PATH) == 0
    assert (made.contact_name, made.insurance_expiration_date) == ("Ask for Al", date(2031, 5, 6))


def test_a_vendor_with_the_least_is_a_name_and_a_category(live: Live) -> None:
    there = sent(live, vendor(trade(live)))
    assert (there["Address"], there["TaxInformation"], there["VendorInsurance"]) == (None, None, None)
    assert live.asked("PUT", PATH) == 0


def test_a_person_is_sent_with_both_names_and_reads_as_them(live: Live) -> None:
    person = Vendor(category=trade(live), is_company=False, first_name="Jo", last_name="Adams")
    there = sent(live, person)
    assert (there["IsCompany"], there["FirstName"], there["LastName"], there["CompanyName"]) == (
        *(False, "Jo", "Adams", None),
    )
    assert (person.name, str(person)) == ("Jo Adams", "Jo Adams")
    live.edit_there("vendors", there["Id"], LastName="Baker")
    pull_one(VENDOR, there["Id"])
    assert person.name == "Jo Baker"
    person.notes = "Fast"
    assert sent(live, person)["LastName"] == "Baker"


def test_a_person_becomes_a_company_and_the_other_way_round(live: Live) -> None:
    record = Vendor(category=trade(live), is_company=False, first_name="Jo", last_name="Adams")
    sent(live, record)
    record.is_company, record.name, record.first_name, record.last_name = True, "Adams & Daughters", None, None
    there = sent(live, record)
    assert (there["IsCompany"], there["CompanyName"], there["LastName"]) == (True, "Adams & Daughters", None)
    record.is_company, record.first_name, record.last_name = False, "Jo", "Adams"
    there = sent(live, record)
    assert (there["IsCompany"], there["CompanyName"], there["LastName"]) == (False, None, "Adams")
    assert record.name == "Jo Adams"


def test_a_vendor_waits_for_its_category_and_for_nothing_less(live: Live) -> None:
    record = vendor(None)
    live.save(record)
    live.work()
    assert live.state(record) == "blocked"
    assert [each["field"] for each in live.row(record).error_fields or []] == ["category_id"]
    category = VendorCategory(name="Plumbing")
    record.category = category
    live.save(category, record)
    live.work()
    live.work()
    assert live.state(record) == live.state(category) == "synced"
    assert len(live.get(PATH)) == 1


def test_an_update_erases_nothing_that_only_buildium_has(live: Live) -> None:
    """Appendix B: names and address on tax forms, three more phones, insurance, account and more."""
    account = live.http.post("/v1/glaccounts", json={"AccountNumber": "9", "Name": "X", "SubType": "OperatingExpenses"})
    phones = {"Work": "2075550001", "Mobile": "2075550002", "Home": "2075550003", "Fax": "2075550004"}
    record = theirs(
        live, trade(live), Address=THERE, PhoneNumbers=phones, TaxInformation=TAX, PrimaryEmail="a@ace.example",
        AlternateEmail="b@ace.example", Website="http://ace.example", AccountNumber="A-1", Comments="Hello",
        ExpenseGlAccountId=account.json()["Id"], VendorInsurance={"Provider": "P", "PolicyNumber": "N"},
    )  # fmt: skip
    before = live.get(f"{PATH}/{record.buildium_vendor_id}")
    assert all(before[key] for key in before if key not in ("FirstName", "LastName"))
    record.email = "new@ace.example"
    assert sent(live, record) == {**before, "PrimaryEmail": "new@ace.example"}


@pytest.mark.parametrize(
    ("there", "number", "others"),
    [
        ({"Work": "2075550001", "Mobile": "2075550002"}, "2075550001", ["2075550002"]),
        ({"Mobile": "2075550002", "Home": "2075550003"}, "2075550002", ["2075550003"]),
        ({"Home": "2075550003", "Fax": "2075550004"}, "2075550003", ["2075550004"]),
        ({"Fax": "2075550004"}, None, ["2075550004"]),
        ({}, None, []),
    ],
)
def test_the_number_to_call_is_the_first_of_work_mobile_and_home(
    live: Live, there: dict[str, str], number: str | None, others: list[str]
) -> None:
    record = theirs(live, trade(live), PhoneNumbers=there)
    assert record.phone_number == number
    assert [each["Number"] for each in record.extra_phones or []] == others
    before = live.get(f"{PATH}/{record.buildium_vendor_id}")
    record.notes = "Nothing about phones"
    assert sent(live, record)["PhoneNumbers"] == before["PhoneNumbers"]


def test_a_number_goes_back_to_where_it_came_from(live: Live) -> None:
    record = theirs(live, trade(live), PhoneNumbers={"Mobile": "2075550002", "Fax": "2075550004"})
    record.phone_number = "2075559999"
    numbers = {each["Type"]: each["Number"] for each in sent(live, record)["PhoneNumbers"]}
    assert numbers == {"Cell": "2075559999", "Fax": "2075550004"}
    assert record.phone_number == "2075559999"


def test_numbers_that_no_update_can_carry_are_only_erased_when_a_person_agrees(live: Live) -> None:
    record = theirs(live, trade(live))
    numbers = [{"Number": "2075550001", "Type": "Office"}, {"Number": "2075550009", "Type": "Other"}]
    live.edit_there("vendors", record.buildium_vendor_id or 0, PhoneNumbers=numbers)
    pull_one(VENDOR, record.buildium_vendor_id or 0)
    assert record.extra_phones == [{"Number": "2075550009", "Type": "Other"}]
    record.notes = "An edit"
    live.save(record)
    live.work()
    assert live.state(record) == "blocked"
    assert "would erase in Buildium the phone number 2075550009 (Other)" in (live.row(record).error_message or "")
    assert live.asked("PUT", PATH) == 0
    record.losses_accepted = True
    assert sent(live, record)["PhoneNumbers"] == numbers[:1]


def test_a_vendor_that_waited_because_of_such_a_number_goes_on_once_it_is_gone_there(live: Live) -> None:
    """Found by a chaos run: nobody has to press anything, and pressing in vain must not be in the way."""
    record = theirs(live, trade(live))
    number = record.buildium_vendor_id or 0
    live.edit_there("vendors", number, PhoneNumbers=[{"Number": "2075550009", "Type": "Other"}])
    pull_one(VENDOR, number)
    record.notes = "An edit"
    live.save(record)
    live.work()
    for _ in range(ENOUGH):
        retry(live.row(record))
        live.work()
    row = live.row(record)
    assert (row.sync_status, row.retries) == ("blocked", ENOUGH)
    live.edit_there("vendors", number, PhoneNumbers=[{"Number": "2075550009", "Type": "Office"}])
    assert pull_one(VENDOR, number) is Outcome.UPDATED
    assert live.row(record).retries == 0
    live.work_later()
    assert live.state(record) == "synced"
    assert live.get(f"{PATH}/{number}")["Comments"] == "An edit"


def test_the_insurance_is_a_day_on_both_sides_and_no_edit(live: Live) -> None:
    """A date goes in and a moment comes out (MAPPING §10.37); taken for a change it would be sent for ever."""
    record = theirs(live, trade(live), VendorInsurance={"Provider": "P", "ExpirationDate": "2031-05-06"})
    assert record.insurance_expiration_date == date(2031, 5, 6)
    record.insurance_expiration_date = date(2032, 5, 6)
    sent(live, record)
    assert live.asked("PUT", PATH) == 1
    live.save(record)
    record.contact_name = "Kept here"
    live.save(record)
    live.work()
    assert live.asked("PUT", PATH) == 1
    assert record.insurance_expiration_date == date(2032, 5, 6)


def test_whether_a_vendor_gets_a_1099_is_said_right_after_the_create(live: Live) -> None:
    """The message of a POST has no place for it, that of a PUT must have it (MAPPING §3.3)."""
    record = vendor(trade(live), tax_id="12-3456789", tax_payer_type="EIN", include_in_1099=False)
    assert sent(live, record)["TaxInformation"]["IncludeIn1099"] is False
    assert record.include_in_1099 is False
    assert live.asked("PUT", PATH) == 1
    record.include_in_1099 = True
    assert sent(live, record)["TaxInformation"] == {
        **dict.fromkeys(("TaxPayerName1", "TaxPayerName2", "Address")),
        "TaxPayerId": "12-3456789",
        "TaxPayerIdType": "EIN",
        "IncludeIn1099": True,
    }


def test_a_1099_may_be_wanted_before_the_tax_id_is_known(live: Live) -> None:
    record = vendor(trade(live), include_in_1099=True)
    assert sent(live, record)["TaxInformation"]["IncludeIn1099"] is True
    assert live.asked("PUT", PATH) == 1
    record.include_in_1099 = False
    assert sent(live, record)["TaxInformation"]["IncludeIn1099"] is False


def test_a_tax_id_given_later_brings_the_1099_along(live: Live) -> None:
    record = vendor(trade(live))
    sent(live, record)
    record.tax_id, record.tax_payer_type = "123-45-6789", "SSN"
    there = sent(live, record)["TaxInformation"]
    assert (there["TaxPayerId"], there["TaxPayerIdType"], there["IncludeIn1099"]) == ("123-45-6789", "SSN", True)


def test_secrets_leave_no_trace_but_in_their_own_columns(live: Live) -> None:
    record = vendor(trade(live), **FULL)
    sent(live, record)
    row = live.row(record)
    assert "12-3456789" not in str(row.remote_snapshot)
    assert "ACE-4711" not in str(row.remote_snapshot)
    assert row.remote_snapshot
    assert "12-3456789" not in str([each.request_data for each in live.call_log()])
    live.edit_there("vendors", record.buildium_vendor_id or 0, AccountNumber="ACE-2")
    pull_one(VENDOR, record.buildium_vendor_id or 0)
    assert record.account_number == "ACE-2"


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"city": "Portland", "country": "UnitedStates"}, ["address_line1", "postal_code"]),
        ({**ADDRESS, "state": "Bavaria"}, ["state"]),
        ({"tax_id": "12-3456789"}, ["tax_payer_type"]),
        ({"tax_id": "123-45-6789", "tax_payer_type": "EIN"}, ["tax_id"]),
        ({"website": "ace.example"}, ["website"]),
        ({"name": "x" * 128}, ["company_name"]),
        ({"phone_number": "5550101"}, ["phone_work"]),
        ({"is_company": False, "last_name": "Adams"}, ["first_name"]),
    ],
)
def test_what_buildium_would_refuse_is_said_without_a_call(
    live: Live, values: dict[str, Any], fields: list[str]
) -> None:
    record = vendor(trade(live), **values)
    live.save(record)
    live.work()
    assert live.state(record) == "blocked"
    assert [each["field"] for each in live.row(record).error_fields or []] == fields
    assert live.asked("POST", PATH) == 0


def test_a_country_alone_is_no_address(live: Live) -> None:
    record = theirs(live, trade(live))
    alone = {**dict.fromkeys(THERE), "Country": "UnitedStates"}
    live.edit_there("vendors", record.buildium_vendor_id or 0, Address=alone)
    pull_one(VENDOR, record.buildium_vendor_id or 0)
    assert record.country is None
    record.notes = "Can be sent all the same"
    sent(live, record)


def test_a_vendor_whose_create_lost_its_answer_is_found_and_not_made_twice(live: Live) -> None:
    category = trade(live)
    sent(live, vendor(category, name="Ace Plumbing of Maine"))
    live.fault("commit_then_drop", method="POST", path=PATH)
    record = vendor(category, email="office@ace.example")
    live.save(record)
    live.work()
    assert live.state(record) == "uncertain"
    live.work_later()
    assert live.state(record) == "synced"
    assert [each["CompanyName"] for each in live.get(PATH)] == ["Ace Plumbing of Maine", "Ace Plumbing"]


def test_whether_a_vendor_is_active_is_buildiums_to_say(live: Live) -> None:
    record = theirs(live, trade(live))
    live.edit_there("vendors", record.buildium_vendor_id or 0, IsActive=False)
    body = {"AccountId": 1, "VendorId": record.buildium_vendor_id}
    assert handlers.process_buildium_webhook_event("evt_vendor", "Vendor.Updated", body) == "processed"
    assert record.is_active is False
