"""How payments are spread over lines of bills: exact cents, in order, and only as far as anybody can tell."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import pytest

from portal.entities.bill_payments.split import Part, Payable, over_bills, over_lines, still_open


@dataclass(frozen=True)
class Line:
    id: UUID
    amount: Decimal


def lines(*amounts: str) -> list[Line]:
    return [Line(UUID(int=place), Decimal(amount)) for place, amount in enumerate(amounts, start=1)]


def spread(amount: str, *amounts: str) -> list[str]:
    shares = over_lines(Decimal(amount), lines(*amounts), [])
    return [str(shares.get(line.id, "")) for line in lines(*amounts)]


@pytest.mark.parametrize(
    ("amount", "amounts", "shares"),
    [
        ("150", ("100", "50"), ["100", "50"]),
        ("30", ("100", "50"), ["30", ""]),
        ("100.01", ("100", "50"), ["100", "0.01"]),
        ("80", ("-20", "100"), ["", "80"]),
        ("80", ("100", "-20"), ["80", ""]),
        ("10", ("0", "50"), ["", "10"]),
    ],
)
def test_lines_are_filled_in_their_order(amount: str, amounts: tuple[str, ...], shares: list[str]) -> None:
    assert spread(amount, *amounts) == shares


def test_what_is_paid_already_is_not_paid_again() -> None:
    first, second = both = lines("100", "50")
    known = (Decimal(70), {first.id: Decimal(70)})
    assert over_lines(Decimal(60), both, [known]) == {first.id: Decimal(30), second.id: Decimal(30)}


def test_a_payment_of_unknown_lines_fills_them_in_their_order() -> None:
    first, second = both = lines("100", "50")
    unknown = (Decimal(120), dict[UUID, Decimal]())
    assert still_open(both, [unknown]) == {first.id: Decimal(0), second.id: Decimal(30)}


def test_a_line_that_is_gone_takes_nothing_from_the_others() -> None:
    (only,) = lines("50")
    gone = (Decimal(30), {UUID(int=99): Decimal(30)})
    assert still_open([only], [gone])[only.id] == Decimal(50)


A, B = UUID(int=101), UUID(int=102)
PIPES, ROOF = ("pipes",), ("roof",)


def payable(bill: UUID, number: int, booked: tuple[object, ...], amount: str) -> Payable:
    return Payable(bill, UUID(int=number), booked, Decimal(amount))


def shared(parts: list[Part], *known: Payable) -> list[tuple[UUID, int | None, str]]:
    found = over_bills(parts, known, [A, B])
    return [(each.bill, each.line.int if each.line else None, str(each.amount)) for each in found]


def test_a_part_goes_to_the_bill_that_is_booked_alike() -> None:
    parts = [Part(ROOF, Decimal(70)), Part(PIPES, Decimal(30))]
    assert shared(parts, payable(A, 1, PIPES, "100"), payable(B, 2, ROOF, "70")) == [(B, 2, "70"), (A, 1, "30")]


def test_of_lines_booked_alike_the_one_over_the_amount_is_meant() -> None:
    known = (payable(A, 1, PIPES, "100"), payable(B, 2, PIPES, "70"))
    assert shared([Part(PIPES, Decimal(70)), Part(PIPES, Decimal(100))], *known) == [(B, 2, "70"), (A, 1, "100")]


def test_a_guess_names_no_line() -> None:
    known = (payable(A, 1, PIPES, "100"), payable(B, 2, PIPES, "70"))
    assert shared([Part(PIPES, Decimal(80))], *known) == [(A, None, "80")]


def test_what_is_booked_like_no_line_is_the_first_bills() -> None:
    assert shared([Part(ROOF, Decimal(5))], payable(B, 2, PIPES, "70")) == [(A, None, "5")]
