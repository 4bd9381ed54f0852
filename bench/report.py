"""Saying what was measured."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from statistics import median

GAP = "  "


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def percentile(values: Sequence[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def milliseconds(seconds: Sequence[float]) -> tuple[str, str]:
    """Median and 95th percentile."""
    return f"{median(seconds) * 1000:.2f}", f"{percentile(seconds, 95) * 1000:.2f}"


def verdict(holds: bool) -> str:
    return "holds" if holds else "MISSED"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines: the first column to the left, the others to the right."""
    widths = [max(len(row[number]) for row in (headings, *rows)) for number in range(len(headings))]
    ruled = [headings, ["-" * width for width in widths], *rows]
    return [GAP.join(aligned(row, widths)).rstrip() for row in ruled]


def aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = zip(row, widths, strict=True)
    return [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]
