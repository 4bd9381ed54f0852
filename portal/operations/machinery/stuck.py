"""What is stuck right now, for the workers' page and for a lamp."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import literal, select, union_all

from portal.database import now
from portal.extensions import db
from portal.operations.machinery.orphans import FILES_STUCK, ORPHANS, UPLOADS, remove_orphans, send_on
from portal.sync.schedule import HOUR, MINUTE, Task
from portal.sync.stuck import COUNT_TO, SYNC_STUCK, Stuck
from portal.webhooks.gaps import judge
from portal.webhooks.stuck import INBOX_STUCK

EVERYTHING: tuple[Stuck, ...] = SYNC_STUCK + INBOX_STUCK + FILES_STUCK


@dataclass(frozen=True)
class Seen:
    """One way to get stuck as it is now. `is_late` when something of it lasts longer than it may."""

    stuck: Stuck
    number: int
    since: datetime | None

    @property
    def is_late(self) -> bool:
        return self.since is not None and now() - self.since > self.stuck.within + timedelta(seconds=5)

    @property
    def count(self) -> str:
        return f"{COUNT_TO:,} or more" if self.number >= COUNT_TO else f"{self.number:,}"


def everything() -> Sequence[Seen]:
    """Every way to get stuck, with what there is of it. One query, each part of which reads the entries of an index."""
    looks = {each.name: each.look() for each in EVERYTHING if each.look}
    parts = [select(literal(name), *look.subquery().columns) for name, look in looks.items()]
    found = {name: (number, since) for name, number, since in db.session.execute(union_all(*parts))}
    return [Seen(each, *found.get(each.name, (0, None))) for each in EVERYTHING]


def tasks() -> tuple[Task, ...]:
    """For the clock: what the table of stuck things calls for besides the sweep, and the judging of silence."""
    return (
        Task(UPLOADS, 5 * MINUTE, send_on),
        Task(ORPHANS, HOUR, remove_orphans),
        Task("look for changes that nobody announced", MINUTE, judge),
    )
