"""What a cause of failures is, for people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cause:
    """Why something isn't in step, in plain words, and what to do about it. The rest is its help page: what happened,
    why, what to do step by step, what the portal does by itself. `again` is whether trying again, with nothing
    changed, can help."""

    title: str
    todo: str
    happened: str = ""
    why: str = ""
    steps: tuple[str, ...] = ()
    by_itself: str = ""
    again: bool = True
