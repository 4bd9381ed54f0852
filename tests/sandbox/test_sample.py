"""The sample portfolio: always the same, legal, and full of what real portfolios are full of."""

from __future__ import annotations

import unicodedata
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from portal.sandbox.collection import Record
from portal.sandbox.sample.portfolio import sample_portfolio

TODAY = date(2026, 3, 17)


def by_kind(size: int, today: date = TODAY) -> dict[str, list[Record]]:
    kinds: dict[str, list[Record]] = {}
    for record in sample_portfolio(size, today):
        kinds.setdefault(record.kind, []).append(record)
    return kinds


@pytest.fixture(scope="module")
def sample() -> dict[str, list[Record]]:
    return by_kind(400)


def test_it_is_the_same_every_time_on_a_day_and_moves_with_the_days() -> None:
    assert sample_portfolio(100, TODAY) == sample_portfolio(100, TODAY)
    assert sample_portfolio(100, TODAY) != sample_portfolio(100, TODAY + timedelta(days=1))
    assert sample_portfolio(0, TODAY) == []


@pytest.mark.parametrize(("size", "properties"), [(1, 1), (5, 5), (60, 9), (400, 40), (1000, 100)])
def test_it_has_as_many_units_as_asked_for(size: int, properties: int) -> None:
    kinds = by_kind(size)
    assert (len(kinds["units"]), len(kinds["rentals"])) == (size, properties)
    owned = {property_id for owner in kinds["owners"] for property_id in owner["PropertyIds"]}
    assert owned == {rental.id for rental in kinds["rentals"]}


def test_it_has_every_sub_type_and_some_inactive_properties_and_owners(sample: dict[str, list[Record]]) -> None:
    assert len({rental["RentalSubType"] for rental in sample["rentals"]}) == 9
    for kind in ("rentals", "owners"):
        assert {record["IsActive"] for record in sample[kind]} == {True, False}


def test_most_owners_are_companies_and_some_own_several_or_together(sample: dict[str, list[Record]]) -> None:
    large = by_kind(4000)["owners"]
    assert 0.78 < sum(owner["IsCompany"] for owner in large) / len(large) < 0.86
    assert max(len(owner["PropertyIds"]) for owner in sample["owners"]) > 1
    owners = Counter(property_id for owner in sample["owners"] for property_id in owner["PropertyIds"])
    assert max(owners.values()) > 1


def test_names_are_as_odd_as_in_life(sample: dict[str, list[Record]]) -> None:
    names = [record["Name"] for record in sample["rentals"]]
    names += [str(record["CompanyName"] or record["LastName"]) for record in sample["owners"]]
    text = "".join(names)
    assert "'" in text
    assert any(ord(letter) > 0xFFFF for letter in text)
    assert any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)
    assert any("CJK" in unicodedata.name(letter, "") for letter in text)
    assert max(len(name) for name in names) == 127
    assert max(len(record["StructureDescription"] or "") for record in sample["rentals"]) > 60_000


def test_it_has_a_chart_of_accounts_banks_and_users(sample: dict[str, list[Record]]) -> None:
    assert len(sample["gl_accounts"]) > 55
    assert any(account["ParentGLAccountId"] for account in sample["gl_accounts"])
    assert len(sample["bank_accounts"]) == 5
    assert sum("Staff" in user["UserTypes"] for user in sample["users"]) == 8
    assert len(sample["users"]) > 8
    for field in ("Name", "AccountNumber"):
        values = [account[field] for account in sample["gl_accounts"]]
        assert len(values) == len(set(values))


def test_unit_numbers_are_unique_within_their_property(sample: dict[str, list[Record]]) -> None:
    numbers = [(unit["PropertyId"], unit["UnitNumber"]) for unit in sample["units"]]
    assert len(numbers) == len(set(numbers))


def test_phones_are_of_all_kinds_and_tax_information_of_both(sample: dict[str, list[Record]]) -> None:
    kinds = {phone["Type"] for owner in sample["owners"] for phone in owner["PhoneNumbers"]}
    assert {"Home", "Office", "Cell", "Fax", "Other"} <= kinds
    taxes: list[Any] = [owner["TaxInformation"] for owner in sample["owners"]]
    assert {tax and tax["TaxPayerIdType"] for tax in taxes} == {None, "SSN", "EIN"}
