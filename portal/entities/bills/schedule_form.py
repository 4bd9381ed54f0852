"""The form that says how a bill repeats."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.validators import DataRequired

from portal.entities.bills.model import Bill
from portal.entities.bills.schedule import Schedule
from portal.web.fields import CodeField, DayField, WholeField
from portal.web.forms import errors_of

UNITS = {"week": "weeks", "month": "months", "quarter": "quarters", "year": "years"}


class ScheduleForm(FlaskForm):
    every = WholeField("Every", 1, 99, default=1)
    unit = CodeField("Unit", UNITS, blank="Choose …", default="month", validators=[DataRequired("Choose the unit.")])
    first = DayField("Next date", description="When the next bill is made. It has this date.")
    day = WholeField(
        "Day of the month",
        1,
        31,
        description="31 is the last day of every month. Empty: as the next date. Not for weeks.",
    )
    until = DayField("Until", description="No bill is made after this date. Empty: until you stop it.")
    most = WholeField("Number of bills", 1, 999, description="How many are made in all. Empty: no limit.")
    version = HiddenField()

    def __init__(self, bill: Bill, today: date) -> None:
        self.bill, self.today = bill, today
        super().__init__(data=self.shown())  # type: ignore[no-untyped-call]
        if not self.is_submitted():
            self.version.data = str(bill.version)

    def shown(self) -> dict[str, Any]:
        """The rule as it is; a month from the bill's date where there is none yet."""
        rule = self.bill.schedule()
        if rule is None:
            following = Schedule("month", 1, self.bill.date)
            return {"first": next(day for day in following.dates() if day > max(self.bill.date, self.today))}
        return {**{name: getattr(rule, name) for name in rule.__dataclass_fields__}, "first": self.bill.next_bill_on}

    def validate(self, extra_validators: Any = None) -> bool:
        good: bool = super().validate(extra_validators)
        for name, message in self.problems():
            self[name].errors = [*self[name].errors, message]
            good = False
        return good

    def problems(self) -> Iterator[tuple[str, str]]:
        first, until, most, made = self.first.data, self.until.data, self.most.data, self.made()
        if self.every.data is None and not self.every.errors:
            yield "every", "Enter a whole number from 1 to 99."
        if first is None:
            if not self.first.errors:
                yield "first", "Enter the date of the next bill."
        elif first < self.today:
            yield "first", "The next date can’t be in the past."
        if first and until and until < first:
            yield "until", "The end can’t be before the next date."
        if most is not None and most <= made:
            yield "most", f"{made} were made already. Enter a larger number, or stop repeating."

    def made(self) -> int:
        rule = self.bill.schedule()
        return rule.made if rule else 0

    def schedule(self) -> Schedule:
        """What was entered; the form must be valid."""
        assert self.unit.data
        assert self.every.data
        assert self.first.data
        day = None if self.unit.data == "week" else self.day.data
        return Schedule(
            self.unit.data, self.every.data, self.first.data, day, self.until.data, self.most.data, self.made()
        )

    def is_of(self, bill: Bill) -> bool:
        return bool(self.version.data == str(bill.version))

    def shown_fields(self) -> list[Any]:
        return [self.every, self.unit, self.first, self.day, self.until, self.most]

    def all_errors(self) -> list[tuple[str, str]]:
        return [each for field in self.shown_fields() for each in errors_of(field)]
