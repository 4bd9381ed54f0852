"""What the portfolio was billed for: the work that was done, and what comes round every quarter, season and year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from portal.sandbox.collection import Values
from portal.sandbox.resources.bill_lines import entity_values, line_values
from portal.sandbox.sample.estate import Estate
from portal.sandbox.sample.maintenance import Job
from portal.sandbox.sample.trades import TRADES
from portal.sandbox.sample.vendors import Vendors


@dataclass(frozen=True)
class Expense:
    """A bill to be: its amount is the sum of its lines."""

    day: date
    due: date
    vendor_id: int
    property_id: int
    lines: list[Values]
    memo: str | None
    reference: str | None
    order_id: int | None = None


def expenses(
    random: Random, estate: Estate, vendors: Vendors, jobs: list[Job], past: date, today: date
) -> list[Expense]:
    """Every bill of the sample by its date, none of today or later."""
    found = [_of_job(random, job, job.done) for job in jobs if job.done and random.random() < 0.9]
    units = Counter(home.property_id for home in estate.homes)
    for property_id, count in units.items():
        found += _regular(random, estate, vendors, property_id, count, past, today)
    return sorted((each for each in found if past <= each.day < today), key=lambda each: each.day)


def _of_job(random: Random, job: Job, done: date) -> Expense:
    """The bill of a work order: its items, on the property and the unit."""
    day = done + timedelta(days=random.randint(1, 10))
    entity = entity_values(job.property_id, job.unit_id)
    lines = [
        line_values(entity, item["GlAccountId"], item["Quantity"] * item["UnitPrice"], item["Memo"])
        for item in job.items
    ]
    due = day + timedelta(days=random.choice((14, 30, 30)))
    reference = f"INV-{random.randint(1000, 99_999)}"
    return Expense(day, due, job.vendor_id, job.property_id, lines, job.title, reference, job.order_id)


def _regular(
    random: Random, estate: Estate, vendors: Vendors, property_id: int, units: int, past: date, today: date
) -> Iterator[Expense]:
    """Water every quarter, insurance every year, and for some properties the grounds and the snow."""
    water, insurer = random.choice(vendors["water"]), random.choice(vendors["insurance"])
    grounds = random.choice(vendors["grounds"]) if random.random() < 0.6 else None
    plow = random.choice(vendors["snow"]) if random.random() < 0.5 else None
    policy = random.randint(1, 12)
    day = date(past.year, past.month, 1)
    while day < today:
        on = day + timedelta(days=random.randint(2, 9))
        if day.month % 3 == property_id % 3:
            yield _one(random, estate, "water", water, property_id, on, units * random.uniform(45, 90), "Quarter")
        if day.month == policy:
            yield _one(random, estate, "insurance", insurer, property_id, on, 400 + units * 120, "Annual premium")
        if grounds and day.month in (5, 10):
            yield _one(random, estate, "grounds", grounds, property_id, on, random.uniform(180, 900), "Season")
        if plow and day.month == 2:
            yield _one(random, estate, "snow", plow, property_id, on, random.uniform(240, 1400), "Plowing, January")
        day = (day + timedelta(days=32)).replace(day=1)


def _one(
    random: Random, estate: Estate, trade: str, vendor_id: int, property_id: int, day: date, amount: float, what: str
) -> Expense:
    account = estate.accounts[TRADES[trade].account]
    memo = f"{what} {day.year}" if what == "Season" else f"{what}, {day:%B %Y}"
    lines = [line_values(entity_values(property_id), account, amount, memo)]
    due = day + timedelta(days=random.choice((14, 21, 30)))
    reference = f"{trade[:2].upper()}{day:%y%m}-{property_id}" if random.random() < 0.9 else None
    return Expense(day, due, vendor_id, property_id, lines, TRADES[trade].category, reference)
