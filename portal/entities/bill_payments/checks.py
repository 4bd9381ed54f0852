"""What Buildium would refuse about a payment (MAPPING §4.12). What has arrived is frozen, so nothing is asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from portal.entities.bill_payments.model import BillPayment
from portal.sync.lock_period import lock_dates
from portal.sync.resource import Body, Problem
from portal.web.formats import day, money

ZERO = Decimal(0)


def check(record: BillPayment, _: Body) -> list[Problem]:
    """What has to be settled before the payment can be sent."""
    first = record.together()[0]
    if first.is_frozen:
        return []
    if first is not record:
        return [Problem("paid_with", "It goes with the check that is sent first.", ("bill_payment", str(first.id)))]
    found = [problem for each in record.together() for problem in amount_problems(each)]
    return found or [*several_problems(record), *lock_problems(record)]


def amount_problems(payment: BillPayment) -> Iterator[Problem]:
    bill = payment.bill
    if bill.buildium_bill_id is None or any(each.bill_line.buildium_line_id is None for each in payment.lines):
        words = f"Waiting for all lines of bill “{bill}” to arrive in Buildium first."
        yield Problem("bill_id", words, ("bill", str(bill.id)))
    elif not payment.amount or sum(payment.shares().values(), ZERO) != payment.amount:
        yield Problem("amount", f"{money(payment.amount)} can’t be shared out over the lines of bill “{bill}”.")
    elif payment.amount > (left := open_without(payment)):
        yield Problem("amount", f"Only {money(left)} of bill “{bill}” is left to pay.")


def open_without(payment: BillPayment) -> Decimal:
    """What is open of the bill in Buildium, as far as we know."""
    there = [each for each in payment.bill.payments if each.is_frozen and not each.is_void]
    return payment.bill.lines_total() - sum((each.amount for each in there), ZERO)


def several_problems(record: BillPayment) -> Iterator[Problem]:
    if len(record.together()) == 1:
        return
    for name, words in (("reference_number", "check number"), ("memo", "memo")):
        if getattr(record, name):
            yield Problem(name, f"Buildium takes no {words} for one check that pays several bills. Enter it there.")


def lock_problems(record: BillPayment) -> Iterator[Problem]:
    if words := lock_words(record.together(), lock_dates()):
        yield Problem("date", words)


def lock_words(payments: Sequence[BillPayment], locked: Mapping[int | None, date]) -> str:
    """Why the books are closed for what one check pays; "" where they are open. A property may have a date of its own
    instead of everybody's."""
    lines = [line for each in payments for line in each.bill.lines]
    houses = {line.property.buildium_property_id if line.property else None for line in lines}
    last = max((locked[key] for key in {each if each in locked else None for each in houses} & {*locked}), default=None)
    if last is None or payments[0].date > last:
        return ""
    return (
        f"The books are locked up to {day(last)}, so Buildium takes no payment of {day(payments[0].date)}."
        " Choose a later date, or have the lock lifted in Buildium."
    )
