"""Bills and their payments: most of them paid, a few overdue, paid in part, or due soon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from portal.sandbox.collection import Values
from portal.sandbox.resources.bill_payment_parts import Part
from portal.sandbox.resources.bill_payments import payment_values
from portal.sandbox.resources.bills import bill_values
from portal.sandbox.sample.draft import Draft
from portal.sandbox.sample.estate import Estate, day_between
from portal.sandbox.sample.expenses import Expense, expenses
from portal.sandbox.sample.maintenance import Job
from portal.sandbox.sample.vendors import Vendors

_FIRST_CHECK = 2001
_WAITING = ("NotNeeded", "NotNeeded", "NotNeeded", "Approved", "Approved", "ApprovalRequired", "Pending", "Rejected")
_SETTLED = ("NotNeeded", "NotNeeded", "Approved")


@dataclass
class Payment:
    """A payment to be: of one bill, or of several that one vendor is paid from one account on one day."""

    day: date
    bank_id: int
    of: list[tuple[int, float]] = field(default_factory=list)


def add_books(draft: Draft, random: Random, estate: Estate, vendors: Vendors, jobs: list[Job]) -> list[int]:
    """Draft the bills and what was paid of them, ids by date; returns the ids of the bills."""
    found = expenses(random, estate, vendors, jobs, draft.past, draft.today)
    payments = _payments(random, estate, found, draft.today)
    paid_on = {number: payment.day for payment in payments for number, share in payment.of if share >= 1}
    bills: list[tuple[int, Values]] = []
    for number, expense in enumerate(found):
        bills.append(_add_bill(draft, random, expense, paid_on.get(number)))
    _add_payments(draft, random, payments, bills)
    return [bill_id for bill_id, _ in bills]


def _payments(random: Random, estate: Estate, found: Sequence[Expense], today: date) -> list[Payment]:
    """Who was paid when, and how much of it, by date."""
    made: list[Payment] = []
    latest: dict[tuple[int, int], Payment] = {}
    for number, expense in enumerate(found):
        share = _share(random, expense, today)
        if not share:
            continue
        bank_id = estate.banks[expense.property_id]
        payment = latest.get((expense.vendor_id, bank_id))
        joins = payment is not None and expense.day <= payment.day and random.random() < 0.5
        if payment is None or not joins:
            last = min(expense.due + timedelta(days=4), today - timedelta(days=1))
            payment = Payment(day_between(random, expense.day, max(last, expense.day)), bank_id)
            latest[expense.vendor_id, bank_id] = payment
            made.append(payment)
        payment.of.append((number, share))
    return sorted(made, key=lambda payment: payment.day)


def _share(random: Random, expense: Expense, today: date) -> float:
    """How much of a bill has been paid: all, nothing or a part of it."""
    if expense.due >= today:
        return random.choices((1.0, 0.0, 0.5), (35, 60, 5))[0]
    if expense.due >= today - timedelta(days=60):
        return random.choices((1.0, 0.0, 0.4), (82, 12, 6))[0]
    return random.choices((1.0, 0.0, 0.6), (978, 8, 14))[0]


def _add_bill(draft: Draft, random: Random, expense: Expense, paid_on: date | None) -> tuple[int, Values]:
    bill_id = draft.next_id("bills")
    values = bill_values(
        bill_id,
        date=expense.day.isoformat(),
        due_date=expense.due.isoformat(),
        vendor_id=expense.vendor_id,
        lines=expense.lines,
        memo=expense.memo,
        reference_number=expense.reference,
        work_order_id=expense.order_id,
        paid_date=paid_on.isoformat() if paid_on else None,
        approval_status=random.choice(_SETTLED if paid_on else _WAITING),
    )
    entered = draft.moment(expense.day, 120)
    changed = draft.moment(paid_on, 500) if paid_on else entered
    return draft.add("bills", values, entered, changed), values


def _add_payments(
    draft: Draft, random: Random, payments: Sequence[Payment], bills: Sequence[tuple[int, Values]]
) -> None:
    """Three in four are checks, numbered by account."""
    checks: Counter[int] = Counter()
    for payment in payments:
        by_check = random.random() < 0.75
        checks[payment.bank_id] += by_check
        values = payment_values(
            bank_account_id=payment.bank_id,
            entry_date=payment.day.isoformat(),
            parts=[part for number, share in payment.of for part in _parts(*bills[number], share)],
            memo=None if by_check else "Transferred online",
            check_number=str(_FIRST_CHECK - 1 + checks[payment.bank_id]) if by_check else None,
        )
        draft.add("bill_payments", values, draft.moment(payment.day, 400))


def _parts(bill_id: int, bill: Values, share: float) -> list[Part]:
    """Every line in full, or a share of the first one, in whole cents."""
    lines = bill["Lines"]
    if share >= 1:
        return [(bill_id, line, line["Amount"]) for line in lines]
    return [(bill_id, lines[0], round(lines[0]["Amount"] * share, 2))]
