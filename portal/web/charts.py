"""Bars for charts, drawn on the server: places and sizes in a picture of WIDTH by HEIGHT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH, HEIGHT = 360, 132
TOP, FOOT = 16, 18  # room for the figures above and the words beneath
GAP = Decimal("0.28")  # of the room of one bar


@dataclass(frozen=True)
class Point:
    """`short` stands beneath the bar, `figure` above it."""

    short: str
    value: Decimal | int
    figure: str


@dataclass(frozen=True)
class Bar:
    x: Decimal
    y: Decimal
    width: Decimal
    height: Decimal
    middle: Decimal
    point: Point


def bars_of(points: Sequence[Point], most: Decimal | int | None = None) -> list[Bar]:
    """`most` is the value of the tallest bar there may be; without it the tallest there is."""
    tallest = Decimal(most or max((each.value for each in points), default=0) or 1)
    room = Decimal(WIDTH) / max(len(points), 1)
    return [bar(each, place, room, tallest) for place, each in enumerate(points)]


def bar(point: Point, place: int, room: Decimal, tallest: Decimal) -> Bar:
    height = (HEIGHT - TOP - FOOT) * Decimal(point.value) / tallest
    x, width = room * (place + GAP / 2), room * (1 - GAP)
    return Bar(rounded(x), rounded(HEIGHT - FOOT - height), rounded(width), rounded(height),
               rounded(x + width / 2), point)  # fmt: skip


def rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"))


def short(value: Decimal) -> str:
    """In few letters: 950, 3.4k, 12k, 2M."""
    for size, letter in ((Decimal(1_000_000), "M"), (Decimal(1000), "k")):
        if value >= size:
            digits = f"{value / size:.1f}" if value < 10 * size else f"{value / size:.0f}"
            return digits.removesuffix(".0") + letter
    return f"{value:.0f}"
