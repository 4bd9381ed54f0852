"""Who lived where and when: the leases of a unit over two years as dates, told backwards from today."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from portal.sandbox.collection import Values

_TERMS = (6, 12, 18, 24, 36)
_TERM_WEIGHTS = (3, 28, 10, 36, 23)
# How many days a running lease has left: a good quarter of them end within 30, 60 or 90 days.
_LEFT = ((0, 30), (31, 60), (61, 90), (91, 365))
_LEFT_WEIGHTS = (9, 9, 9, 73)
_RENEWED = 0.3


@dataclass(frozen=True)
class Home:
    """A unit of the sample and whether its property is active."""

    unit_id: int
    property_id: int
    values: Values
    is_active: bool


@dataclass
class Party:
    """The people who move in together; `tenant_ids` are known once they are drafted."""

    size: int
    tenant_ids: list[int] = field(default_factory=list)


@dataclass
class Tenancy:
    """One lease: `end` is the last day of its term, `leaves` the day on which its people move out, if they do."""

    home: Home
    party: Party
    kind: str
    start: date
    end: date | None
    leaves: date | None = None

    def is_current(self, today: date) -> bool:
        """Whether somebody lives there on that day under this lease."""
        if self.start > today or (self.leaves is not None and self.leaves <= today):
            return False
        return self.end is None or self.end >= today or self.kind == "FixedWithRollover"


def tenancies(random: Random, home: Home, today: date, since: date, *, occupied: bool) -> list[Tenancy]:
    """The leases of a unit back to `since` and a little into the future, oldest first."""
    if occupied:
        newest = _current(random, home, today)
    elif home.is_active:
        newest = _ended(random, home, today - timedelta(days=random.randint(3, 75)))
    else:
        newest = _ended(random, home, today - timedelta(days=random.randint(100, 500)))
    told = [newest]
    while told[-1].start > since:
        earlier = _before(random, told[-1])
        if earlier.leaves is not None and earlier.leaves < since:
            break
        told.append(earlier)
    told.reverse()
    return told + (_after(random, newest, today) if home.is_active else [])


def _current(random: Random, home: Home, today: date) -> Tenancy:
    party = _party(random)
    kind = random.choices(("Fixed", "FixedWithRollover", "AtWill"), (62, 26, 12))[0]
    if kind == "AtWill":
        return Tenancy(home, party, kind, today - timedelta(days=random.randint(30, 900)), None)
    term = _term(random)
    if kind == "FixedWithRollover" and random.random() < 0.55:
        end = _tidy(random, today - timedelta(days=random.randint(32, 400)))
    else:
        lowest, highest = random.choices(_LEFT, _LEFT_WEIGHTS)[0]
        longest = max(lowest, min(highest, term * 30 - 32))
        end = _tidy(random, today + timedelta(days=random.randint(lowest, longest)))
    return Tenancy(home, party, kind, _start(end, term), end)


def _ended(random: Random, home: Home, left: date) -> Tenancy:
    """A lease whose people left on that day: with its term, before it, or out of a rollover."""
    kind = random.choices(("Fixed", "FixedWithRollover", "AtWill"), (78, 14, 8))[0]
    start = _start(left, _term(random))
    end: date | None = left
    if kind == "AtWill":
        end = None
    elif kind == "FixedWithRollover":
        end = max(left - timedelta(days=random.randint(30, 200)), start + timedelta(days=60))
    elif random.random() < 0.06:
        end = left + timedelta(days=random.randint(20, 90))
    return Tenancy(home, _party(random), kind, start, end, left)


def _before(random: Random, later: Tenancy) -> Tenancy:
    """What came before: the same people on an earlier term, or others and a gap."""
    if random.random() < _RENEWED:
        end = later.start - timedelta(days=1)
        return Tenancy(later.home, later.party, "Fixed", _start(end, _term(random)), end)
    return _ended(random, later.home, _tidy(random, later.start - timedelta(days=random.randint(32, 50))))


def _after(random: Random, newest: Tenancy, today: date) -> list[Tenancy]:
    """What is agreed already: a renewal, a notice with or without people to follow, somebody for an empty unit."""
    if newest.leaves is not None:
        free = today + timedelta(days=random.randint(1, 45))
        return [_new(random, newest.home, free)] if random.random() < 0.4 else []
    if newest.kind != "Fixed" or newest.end is None or newest.end > today + timedelta(days=90):
        return []
    chance = random.random()
    if chance < 0.35:
        start = newest.end + timedelta(days=1)
        return [Tenancy(newest.home, newest.party, "Fixed", start, _end(start, 12))]
    if chance < 0.6:
        newest.leaves = newest.end
        if random.random() < 0.5:
            return [_new(random, newest.home, newest.end + timedelta(days=random.randint(5, 20)))]
    return []


def _new(random: Random, home: Home, start: date) -> Tenancy:
    return Tenancy(home, _party(random), "Fixed", start, _end(start, random.choice((12, 12, 18))))


def _party(random: Random) -> Party:
    return Party(random.choices((1, 2, 3), (42, 41, 17))[0])


def _term(random: Random) -> int:
    """Months, those of renewals in place included."""
    return random.choices(_TERMS, _TERM_WEIGHTS)[0]


def _tidy(random: Random, day: date) -> date:
    """Most leases end with a month: that day, or more often the last of its month."""
    if random.random() < 0.4:
        return day
    return day.replace(day=1) + timedelta(days=_days_in(day) - 1)


def _days_in(day: date) -> int:
    following = day.replace(day=28) + timedelta(days=4)
    return (following - timedelta(days=following.day)).day


def _start(end: date, months: int) -> date:
    """The first day of a term of so many months that ends on that day."""
    return _shifted(end + timedelta(days=1), -months)


def _end(start: date, months: int) -> date:
    return _shifted(start, months) - timedelta(days=1)


def _shifted(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, 28))
