"""What has been paid of a bill and what is still open, in exact cents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from portal.sandbox.collection import Record, Values
from portal.sandbox.world import World

ZERO = Decimal(0)


def exact(amount: float) -> Decimal:
    """An amount of JSON's as it was written."""
    return Decimal(str(amount))


def total(lines: Sequence[Values]) -> Decimal:
    """The sum of the amounts of bill lines or payment lines."""
    return sum((exact(line["Amount"]) for line in lines), ZERO)


def payments_of(world: World, bill_id: int, *, without: int | None = None) -> list[Record]:
    """The payments on a bill, but for the one that is about to be voided."""
    found = world.find("bill_payments", "PaidBillIds", bill_id)
    return [payment for payment in found if payment.id != without]


def paid(world: World, bill_id: int) -> Decimal:
    return total([part for payment in payments_of(world, bill_id) for part in parts_of(payment, bill_id)])


def parts_of(payment: Record, bill_id: int) -> Iterator[Values]:
    """What a payment allots to the lines of one bill."""
    return (part for part in payment["Allocations"] if part["BillId"] == bill_id)


def open_by_line(world: World, bill: Record) -> dict[int, Decimal]:
    """What is still to be paid on each line."""
    left = {line["Id"]: exact(line["Amount"]) for line in bill["Lines"]}
    for payment in payments_of(world, bill.id):
        for part in parts_of(payment, bill.id):
            # A line that was taken off the bill after it was paid has nothing open any more.
            if part["BillLineId"] in left:
                left[part["BillLineId"]] -= exact(part["Amount"])
    return left


def still_open(world: World, bill: Record) -> Decimal:
    return total(bill["Lines"]) - paid(world, bill.id)


def paid_date(world: World, bill_id: int, lines: Sequence[Values], *, without: int | None = None) -> str | None:
    """The day of the last payment, once the bill is paid in full."""
    payments = payments_of(world, bill_id, without=without)
    done = total([part for payment in payments for part in parts_of(payment, bill_id)])
    if not payments or done < total(lines):
        return None
    return max(str(payment["EntryDate"]) for payment in payments)


def refresh_paid_date(world: World, bill: Record, *, without: int | None = None) -> None:
    """Sets or clears the day on which the bill was paid. Whether that sends a webhook isn't stated."""
    day = paid_date(world, bill.id, bill["Lines"], without=without)
    if day != bill["PaidDate"]:
        world.change(bill, {"PaidDate": day}, quiet=not world.switches.bill_events_on_payment)
