"""How a payment is spread over the lines of the bills it pays (MAPPING §4.12)."""

from __future__ import annotations

from collections.abc import Sequence

from portal.sandbox.collection import Record, Values
from portal.sandbox.errors import broken_rule
from portal.sandbox.messages.base import Int32, Message
from portal.sandbox.resources.bill_balances import ZERO, exact, open_by_line, still_open
from portal.sandbox.world import World

# A bill, one of its stored lines, and what is paid on it.
Part = tuple[int, Values, float]


class PaymentLine(Message):
    BillLineId: Int32
    Amount: float


class Allocation(Message):
    BillId: Int32 | None = None
    Lines: list[PaymentLine] | None = None


def named_parts(world: World, bill: Record, lines: Sequence[PaymentLine] | None, field: str) -> list[Part]:
    """The parts of a payment that names lines of a bill; raises RefusedError 422 for one line or all paid too much."""
    if not lines:
        raise broken_rule(field, "A payment needs at least one line.")
    left, found = open_by_line(world, bill), {line["Id"]: line for line in bill["Lines"]}
    for number, line in enumerate(lines):
        place, amount = f"{field}[{number}]", exact(round(line.Amount, 2))
        if line.BillLineId not in left:
            raise broken_rule(f"{place}.BillLineId", f"Line {line.BillLineId} is not one of bill {bill.id}.")
        still = left[line.BillLineId]
        if not (ZERO < amount <= still or still <= amount < ZERO):
            raise broken_rule(f"{place}.Amount", f"The amount must be more than nothing and at most {still}.")
        left[line.BillLineId] -= amount
    parts = [(bill.id, found[line.BillLineId], line.Amount) for line in lines]
    if not ZERO < sum(exact(round(amount, 2)) for _, _, amount in parts) <= still_open(world, bill):
        raise broken_rule(field, f"At most {still_open(world, bill)} can be paid on this bill.")
    return parts


def several_parts(world: World, bill_ids: Sequence[int], allocations: Sequence[Allocation], missing: int) -> list[Part]:
    """The parts of a payment of several bills: those of `bill_ids` in full, the others as allotted."""
    named = [*bill_ids, *(each.BillId for each in allocations)]
    if not named or len(set(named)) < len(named) or None in named:
        raise broken_rule("BillIds", "Each bill must be named once, in BillIds or in PaymentAllocations.")
    parts: list[Part] = []
    for bill_id in bill_ids:
        parts += _in_full(world, world.needed("bills", bill_id, "BillIds", missing=missing))
    for number, each in enumerate(allocations):
        field = f"PaymentAllocations[{number}]"
        bill = world.needed("bills", each.BillId or 0, f"{field}.BillId", missing=missing)
        parts += named_parts(world, bill, each.Lines, f"{field}.Lines")
    return parts


def _in_full(world: World, bill: Record) -> list[Part]:
    """Everything that is open, line by line until the bill is paid."""
    left, parts = still_open(world, bill), []
    by_line = open_by_line(world, bill)
    for line in bill["Lines"]:
        amount = min(by_line[line["Id"]], left)
        if amount > ZERO:
            parts.append((bill.id, line, float(amount)))
            left -= amount
    if not parts:
        raise broken_rule("BillIds", f"Nothing of bill {bill.id} is open.")
    return parts
