"""What a run is to measure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """`sizes` are numbers of units; `requests` go to each page and `events` to the inbox, of either side; `pushes` are
    queued at once."""

    measurements: tuple[str, ...] = ()
    sizes: tuple[int, ...] = (100_000, 1_000_000)
    requests: int = 200
    events: int = 10_000
    pushes: int = 2000
