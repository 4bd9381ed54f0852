"""What the later parts of a sample have to know of the earlier ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from random import Random

from portal.sandbox.sample.leases import Let
from portal.sandbox.sample.tenancies import Home


@dataclass(frozen=True)
class Estate:
    """The drafted company: `staff` are its active property managers, `accounts` the ledger's by number, `banks` the
    operating account of each property, `owners` each owner's properties."""

    staff: list[int]
    accounts: dict[str, int]
    banks: dict[int, int]
    owners: dict[int, list[int]]
    homes: list[Home]
    lets: list[Let]

    @cached_property
    def active_homes(self) -> list[Home]:
        """The units that tasks can be about: those of active properties."""
        return [home for home in self.homes if home.is_active]

    @cached_property
    def active_properties(self) -> set[int]:
        return {home.property_id for home in self.active_homes}


def day_between(random: Random, first: date, last: date) -> date:
    """Any day from the first to the last, and the last where it comes before."""
    return min(first, last) + timedelta(days=random.randint(0, max(0, (last - first).days)))
