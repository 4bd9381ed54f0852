"""The sample portfolio of Harbor & Vine Property Management: the same for the same size and the same day.

The company came to Buildium three years before that day; two years of leases and of what happened in them lie behind
it, and a few things ahead.
"""

from __future__ import annotations

from datetime import date
from random import Random

from portal.sandbox.collection import Record
from portal.sandbox.messages.shared import moment_text
from portal.sandbox.sample import company
from portal.sandbox.sample.books import add_books
from portal.sandbox.sample.draft import Draft
from portal.sandbox.sample.estate import Estate
from portal.sandbox.sample.leases import add_leases
from portal.sandbox.sample.maintenance import add_maintenance
from portal.sandbox.sample.owners import owner_values
from portal.sandbox.sample.papers import add_papers
from portal.sandbox.sample.properties import Building, buildings
from portal.sandbox.sample.tenancies import Home
from portal.sandbox.sample.vendors import add_vendors

_SEED = 20240304


def sample_portfolio(size: int, today: date) -> list[Record]:
    """All records of a portfolio with `size` units, about a tenth as many properties; none at all with size 0."""
    draft = Draft(today)
    if size:
        estate = _add_company(draft, size)
        random = Random(f"{_SEED}:{size}:work")
        vendors = add_vendors(draft, random, size, estate.accounts)
        jobs = add_maintenance(draft, random, estate, vendors)
        add_books(draft, random, estate, vendors, jobs)
        add_papers(draft, random)
    return draft.records


def _add_company(draft: Draft, size: int) -> Estate:
    """Staff, accounts, properties with their owners, and the leases."""
    random = Random(f"{_SEED}:{size}")
    signed_in = moment_text(draft.moment(draft.today, 0))
    staff = [draft.add("users", user) for user in company.users(signed_in)][1:7]
    accounts = _add_chart(draft)
    banks = _add_banks(draft)
    # The closed account, which is the last, serves no property.
    made = buildings(random, size, banks[:-1], staff)
    ids = [draft.add("rentals", building.values) for building in made]
    homes = _add_units(draft, ids, made)
    owners = _add_owners(draft, random, ids, made)
    operating = {each: building.values["OperatingBankAccountId"] for each, building in zip(ids, made, strict=True)}
    lets = add_leases(draft, Random(f"{_SEED}:{size}:leases"), homes)
    return Estate(staff, accounts, operating, owners, homes, lets)


def _add_chart(draft: Draft) -> dict[str, int]:
    """The ids of the ledger accounts by number."""
    ids: dict[str, int] = {}
    for values, parent in company.chart():
        values["ParentGLAccountId"] = ids.get(parent)
        ids[values["AccountNumber"]] = draft.add("gl_accounts", values)
    return ids


def _add_banks(draft: Draft) -> list[int]:
    banks = []
    for bank, gl_account in company.bank_accounts():
        bank["GLAccountId"] = draft.add("gl_accounts", gl_account)
        banks.append(draft.add("bank_accounts", bank))
    return banks


def _add_units(draft: Draft, ids: list[int], made: list[Building]) -> list[Home]:
    homes = []
    for property_id, building in zip(ids, made, strict=True):
        for unit in building.units:
            values = {"PropertyId": property_id, **unit}
            homes.append(Home(draft.add("units", values), property_id, values, building.values["IsActive"]))
    return homes


def _add_owners(draft: Draft, random: Random, ids: list[int], made: list[Building]) -> dict[int, list[int]]:
    """The properties of each owner."""
    active = {property_id for property_id, building in zip(ids, made, strict=True) if building.values["IsActive"]}
    owners = {}
    for number, owned in enumerate(_shares(random, ids)):
        values = owner_values(random, number, owned)
        owners[draft.add("owners", {**values, "IsActive": not active.isdisjoint(owned)})] = owned
    return owners


def _shares(random: Random, ids: list[int]) -> list[list[int]]:
    """Who owns what: some owners have several properties, some properties two or three owners."""
    shares: list[list[int]] = []
    left = list(ids)
    while left:
        count = random.choices((1, 2, 4), (70, 22, 8))[0]
        shares.append(left[:count])
        left = left[count:]
    for property_id in ids:
        partners = random.choices((0, 1, 2), (78, 16, 6))[0]
        shares.extend([property_id] for _ in range(partners))
    return shares
