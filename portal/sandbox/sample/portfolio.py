"""The sample portfolio of Harbor & Vine Property Management: the same for the same size, whenever it is made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from portal.sandbox.collection import FIRST_ID, Record, Values
from portal.sandbox.sample import company
from portal.sandbox.sample.owners import owner_values
from portal.sandbox.sample.properties import Building, buildings

_FIRST_MOMENT = datetime(2024, 3, 4, 14, 0, tzinfo=UTC)
_SEED = 20240304


class Draft:
    """Collects records with ids and times of their own, a minute apart."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._next: dict[str, int] = {}

    def add(self, kind: str, values: Values) -> int:
        record_id = self._next.get(kind, FIRST_ID)
        self._next[kind] = record_id + 1
        at = _FIRST_MOMENT + timedelta(minutes=len(self.records))
        self.records.append(Record(kind, record_id, at, at, values))
        return record_id


def sample_portfolio(size: int) -> list[Record]:
    """All records of a portfolio with `size` units, about a tenth as many properties; none at all with size 0."""
    draft, random = Draft(), Random(f"{_SEED}:{size}")
    if size:
        staff = [draft.add("users", user) for user in company.users()]
        _add_chart(draft)
        _add_portfolio(draft, random, size, staff[1:7])
    return draft.records


def _add_chart(draft: Draft) -> None:
    ids: dict[str, int] = {}
    for values, parent in company.chart():
        values["ParentGLAccountId"] = ids.get(parent)
        ids[values["AccountNumber"]] = draft.add("gl_accounts", values)


def _add_portfolio(draft: Draft, random: Random, size: int, managers: list[int]) -> None:
    banks = []
    for bank, gl_account in company.bank_accounts():
        bank["GLAccountId"] = draft.add("gl_accounts", gl_account)
        banks.append(draft.add("bank_accounts", bank))
    # The closed account, which is the last, serves no property.
    made = buildings(random, size, banks[:-1], managers)
    ids = [draft.add("rentals", building.values) for building in made]
    for property_id, building in zip(ids, made, strict=True):
        for unit in building.units:
            draft.add("units", {"PropertyId": property_id, **unit})
    _add_owners(draft, random, ids, made)


def _add_owners(draft: Draft, random: Random, ids: list[int], made: list[Building]) -> None:
    active = {property_id for property_id, building in zip(ids, made, strict=True) if building.values["IsActive"]}
    for number, owned in enumerate(_shares(random, ids)):
        values = owner_values(random, number, owned)
        draft.add("owners", {**values, "IsActive": not active.isdisjoint(owned)})


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
