"""What a measurement gives."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One number with its unit, and the limit it must keep where there is one."""

    what: str
    value: float
    unit: str
    limit: float | None = None

    def __str__(self) -> str:
        line = f"{self.what:60} {self.value:10.2f} {self.unit}"
        if self.limit is None:
            return line
        return f"{line}  (limit {self.limit:g}: {'kept' if self.value <= self.limit else 'MISSED'})"
