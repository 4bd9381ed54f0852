"""The rules of a lease's dates and money, as its form asks them; (name of a field, message) of each that is broken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any


def term_problems(form: Any) -> Iterator[tuple[str, str]]:
    kind, start, end = form.lease_type.data, form.start_date.data, form.end_date.data
    if not kind:
        yield "lease_type", "Choose the lease type."
    if start is None and not form.start_date.errors:
        yield "start_date", "Enter the first day."
    if kind == "AtWill" and end is not None:
        yield "end_date", "A month-to-month lease has no last day. Empty it, or choose a fixed term."
    elif kind not in (None, "AtWill") and end is None and not form.end_date.errors:
        yield "end_date", "Enter the last day of the term."
    if start and end and end <= start:
        yield "end_date", "The lease has to end after it starts."
    if form.auto_move_out.data and end is None and kind == "AtWill":
        yield "auto_move_out", "Without a last day nobody can be moved out on it. Take the tick away."


def money_problems(form: Any) -> Iterator[tuple[str, str]]:
    """What Buildium takes with a new lease."""
    start, end = form.start_date.data, form.end_date.data
    if form.rent.data and form.rent_gl_account_id.data is None:
        yield "rent_gl_account_id", "Choose the income account that the rent is booked to."
    if form.rent.data and not form.rent_cycle.data:
        yield "rent_cycle", "Choose how often the rent is charged."
    if form.prorated_first_month_rent.data and (start is None or start.day == 1):
        yield (
            "prorated_first_month_rent",
            "The lease starts with the month, so its first rent is whole. Leave this empty.",
        )
    if form.prorated_last_month_rent.data and (end is None or ends_a_month(end)):
        yield (
            "prorated_last_month_rent",
            "The lease doesn’t end within a month, so its last rent is whole. Leave this empty.",
        )


def ends_a_month(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1
