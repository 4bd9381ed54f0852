"""Records for the tests of the sync: complete enough for Buildium unless a test takes something away."""

from __future__ import annotations

from typing import Any

from portal.entities.bank_accounts.model import BankAccount
from portal.entities.owners.model import Owner
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from portal.sync.current import current_sync
from portal.sync.pull import pull_one
from tests.live import Live

ADDRESS = {
    "address_line1": "12 Harbor Street",
    "city": "Portland",
    "state": "ME",
    "postal_code": "04101",
    "country": "UnitedStates",
}
THERE = {
    "AddressLine1": "12 Harbor Street",
    "City": "Portland",
    "State": "ME",
    "PostalCode": "04101",
    "Country": "UnitedStates",
}


def bank_account(live: Live) -> BankAccount:
    """A bank account of Buildium's, pulled."""
    body = {"Name": "Operating", "BankAccountType": "Checking", "Country": "UnitedStates", "AccountNumber": "987654321"}
    made = live.http.post("/v1/bankaccounts", json=body).raise_for_status().json()
    pull_one(current_sync().resource("gl_account"), made["GLAccount"]["Id"])
    pull_one(current_sync().resource("bank_account"), made["Id"])
    live.forget_requests()
    from portal.extensions import db

    return db.session.query(BankAccount).one()


def property_of(account: BankAccount | None, **values: Any) -> Property:
    given = {"name": "Harbor View", "rental_sub_type": "MultiFamily", **ADDRESS, **values}
    return Property(operating_bank_account_id=account.id if account else None, **given)


def unit_of(house: Property, number: str = "1A", **values: Any) -> Unit:
    return Unit(property=house, unit_number=number, **{**ADDRESS, **values})


def owner_of(*houses: Property, **values: Any) -> Owner:
    owner = Owner(**{"is_company": True, "company_name": "Oak Holdings LLC", **ADDRESS, **values})
    for house in houses:
        owner.own(house)
    return owner


def synced_property(live: Live, **values: Any) -> Property:
    """A property that Buildium has, with one unit."""
    house = property_of(bank_account(live), **values)
    live.save(house, unit_of(house))
    live.work()
    assert live.state(house) == "synced", live.row(house).error_message
    live.forget_requests()
    return house
