"""What the pages want to know about the sync. The kit knows no sync: the app puts an implementation of RecordSync at
`app.extensions["record_sync"]`; without one the pages say nothing about Buildium."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast

from flask import current_app


@dataclass(frozen=True)
class Freshness:
    """How a record stands against Buildium, in words; `brief` says it in one or two. `tone` is good, wait, bad, info or
    off."""

    state: str
    words: str
    tone: str
    detail: str = ""
    fix_url: str | None = None
    brief: str = ""
    # What the cause means and what to do about it, for those who may see the dashboard.
    help_url: str | None = None

    @property
    def is_correctable(self) -> bool:
        """Whether Buildium refused the record, or would: then its form says what to correct."""
        return self.state in ("failed", "blocked")


@dataclass(frozen=True)
class Entry:
    """One moment of a record's timeline; `changes` are (label, old, new). `kind` "change" is a save, by `who`."""

    at: datetime
    kind: str
    title: str
    detail: str = ""
    who: str = ""
    tone: str = "off"
    changes: tuple[tuple[str, str, str], ...] = ()
    url: str | None = None


@dataclass(frozen=True)
class Attention:
    """Something in the sync that waits for a person: how many, and the list that holds exactly those."""

    words: str
    count: int
    url: str
    tone: str = "bad"


BOTH_WAYS = "Buildium ↔ here"


@dataclass(frozen=True)
class Mark:
    """Which way the value of a field travels, in words."""

    code: str
    words: str
    hint: str
    symbol: str

    @property
    def usual(self) -> bool:
        return self.words == BOTH_WAYS


# By the values of portal.sync.resource.Direction.
MARKS: Mapping[str, Mark] = {
    mark.code: mark
    for mark in (
        Mark("both", BOTH_WAYS, "A change on either side reaches the other.", "arrow-left-right"),
        Mark("switch", BOTH_WAYS, "Switched on either side, it is switched on the other.", "arrow-left-right"),
        Mark(
            "create",
            "Sent once",
            "Sent when the record is created. After that, change it in Buildium.",
            "lock-fill",
        ),
        Mark("pull", "From Buildium", "Buildium decides; it can’t be changed here.", "cloud-arrow-down"),
        Mark("write", "Sent, never read back", "Buildium gets it, but never shows it to the portal.", "cloud-arrow-up"),
        Mark("here", "Kept here only", "Buildium has no place for it.", "house-door"),
    )
}


class RecordSync(Protocol):
    """`entity_type` is the singular of the screen ("property"), ids are local ones as text."""

    def freshness(self, entity_type: str, ids: Sequence[str]) -> Mapping[str, Freshness]:
        """By id, in one query; a record the sync knows nothing about may be left out."""
        ...

    def timeline(self, entity_type: str, table: str, record_id: str, limit: int) -> Sequence[Entry]:
        """Newest first: changes, pushes, calls, webhooks, conflicts."""
        ...

    def attention(self) -> Sequence[Attention]:
        """What needs a person, worst first."""
        ...


class Silence:
    """The sync of a portal that has none."""

    def freshness(self, entity_type: str, ids: Sequence[str]) -> Mapping[str, Freshness]:
        return {}

    def timeline(self, entity_type: str, table: str, record_id: str, limit: int) -> Sequence[Entry]:
        return ()

    def attention(self) -> Sequence[Attention]:
        return ()


def record_sync() -> RecordSync:
    return cast(RecordSync, current_app.extensions.get("record_sync") or Silence())
