"""How a payment is spread over the lines of bills: one of ours as a person decides, one of Buildium's as well as its
answer tells. Plain arithmetic in exact cents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol
from uuid import UUID

ZERO = Decimal(0)


class Line(Protocol):
    """What is needed of a line of a bill."""

    @property
    def id(self) -> UUID: ...

    @property
    def amount(self) -> Decimal: ...


# A payment that there is: its amount, and what of it is known to have gone to which line.
Paid = tuple[Decimal, Mapping[UUID, Decimal]]


def over_lines(amount: Decimal, lines: Sequence[Line], paid: Sequence[Paid]) -> dict[UUID, Decimal]:
    """The shares of the lines in `amount`: in their order, each filled up to what is open of it (MAPPING §4.12).

    A line that takes something off the bill gets nothing; those before it aren't all filled then.
    """
    left = still_open(lines, paid)
    shares: dict[UUID, Decimal] = {}
    for line in lines:
        share = min(left[line.id], amount)
        if share > ZERO:
            shares[line.id] = share
            amount -= share
    return shares


def still_open(lines: Sequence[Line], paid: Sequence[Paid]) -> dict[UUID, Decimal]:
    """What is open of each line. What went to nobody knows which line fills them in their order."""
    left = {line.id: line.amount for line in lines}
    unknown = ZERO
    for amount, shares in paid:
        unknown += amount - sum(shares.values(), ZERO)
        for line_id, share in shares.items():
            left[line_id] = left.get(line_id, ZERO) - share
    for line in lines:
        taken = max(min(left[line.id], unknown), ZERO)
        left[line.id] -= taken
        unknown -= taken
    return left


@dataclass(frozen=True)
class Part:
    """One line of a payment as Buildium shows it: what it was booked to, and no bill."""

    booked: tuple[object, ...]
    amount: Decimal


@dataclass(frozen=True)
class Share:
    """What of a part goes to a bill, and to which of its lines where only one can be meant."""

    bill: UUID
    line: UUID | None
    amount: Decimal


@dataclass(frozen=True)
class Payable:
    """One line of a bill that a payment may have paid."""

    bill: UUID
    line: UUID
    booked: tuple[object, ...]
    amount: Decimal


def over_bills(parts: Sequence[Part], lines: Sequence[Payable], bills: Sequence[UUID]) -> list[Share]:
    """Whose each part is. A part belongs to the only line that is booked alike; of several, to the one over the same
    amount; else to the first with enough room. What is booked like no line goes to the first bill."""
    left = {line.line: line.amount for line in lines}
    found: list[Share] = []
    meant = [(part, [line for line in lines if line.booked == part.booked]) for part in parts]
    # What is clear first, so that it is out of the way of what isn't.
    for part, alike in sorted(meant, key=lambda pair: len(pair[1]) != 1):
        line = chosen(part, alike, left)
        if line is None:
            found.append(Share(bills[0], None, part.amount))
            continue
        left[line.line] -= part.amount
        exact = len(alike) == 1 or [each for each in alike if each.amount == part.amount] == [line]
        found.append(Share(line.bill, line.line if exact else None, part.amount))
    return found


def chosen(part: Part, alike: Sequence[Payable], left: Mapping[UUID, Decimal]) -> Payable | None:
    same = [line for line in alike if left[line.line] == part.amount]
    roomy = [line for line in alike if left[line.line] >= part.amount]
    return next(iter([*same, *roomy, *alike]), None)
