"""When a bill repeats: the rule in `bills.recurring_schedule`, and the dates that follow from it."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from itertools import count, islice
from typing import Any

UNITS: Mapping[str, str] = {"week": "week", "month": "month", "quarter": "quarter", "year": "year"}
MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Schedule:
    """Every `every` units from `first` on. `day` is the day of the month, 31 for its last one; weeks have none.

    It ends after the date `until` or with the `most`th bill; `made` is how many there were. While it is `paused` no
    bill is made, and the dates that pass are left out.
    """

    unit: str
    every: int
    first: date
    day: int | None = None
    until: date | None = None
    most: int | None = None
    made: int = 0
    paused: bool = False

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> Schedule | None:
        """Of the column; None for a bill that doesn't repeat, and for a rule that isn't one of ours."""
        known: dict[str, Any] = {name: (stored or {}).get(name) for name in cls.__dataclass_fields__}
        if known["unit"] not in UNITS or not known["first"] or not known["every"]:
            return None
        for name in ("first", "until"):
            known[name] = known[name] and date.fromisoformat(known[name])
        return cls(**{name: value for name, value in known.items() if value is not None})

    def stored(self) -> dict[str, Any]:
        """For the column."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in asdict(self).items()
            if value is not None
        }

    def dates(self) -> Iterator[date]:
        """All dates of the rule, from the first one on, also those that are past, until its last date."""
        for number in count():
            found = self.nth(number)
            if self.until is not None and found > self.until:
                return
            yield found

    def nth(self, number: int) -> date:
        """Counted from the first date and not from the one before, so that the 31st comes back after a February."""
        if self.unit == "week":
            return self.first + timedelta(weeks=self.every * number)
        months = self.first.year * 12 + self.first.month - 1 + self.every * MONTHS_OF[self.unit] * number
        year, month = divmod(months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(self.day or self.first.day, last))

    def next_from(self, day: date) -> date | None:
        """The first date that isn't before `day`; None where the schedule is at its end or stands still."""
        if self.paused or (self.most is not None and self.made >= self.most):
            return None
        return next((found for found in self.dates() if found >= day), None)

    def coming(self, start: date, number: int) -> list[date]:
        """The next few dates on which bills will be made, from `start` on."""
        left = number if self.most is None else min(number, self.most - self.made)
        return [] if self.paused else list(islice((day for day in self.dates() if day >= start), max(left, 0)))

    def after_one(self) -> Schedule:
        return replace(self, made=self.made + 1)

    def words(self) -> str:
        """Such as “Every 2 months on the last day, until Dec 31, 2027”, without the end."""
        rhythm = f"Every {UNITS[self.unit]}" if self.every == 1 else f"Every {self.every} {UNITS[self.unit]}s"
        if self.unit == "week":
            return f"{rhythm} on {self.first:%A}s"
        day = self.day or self.first.day
        return f"{rhythm} on {'the last day' if day == 31 else f'day {day}'} of the month"
