"""Collecting the records of a sample: ids in the order of their coming, and moments that lie in the past."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from portal.sandbox.collection import FIRST_ID, Record, Values

# How long ago the company came to Buildium, and since when there is a history.
_FOUNDED_DAYS = 3 * 365
_PAST_DAYS = 2 * 365


class Draft:
    """Records with ids and times of their own. What has no date of its own came with the founding, a minute apart;
    nothing is younger than the midnight (UTC) with which `today` began."""

    def __init__(self, today: date) -> None:
        self.records: list[Record] = []
        self.today = today
        self.past = today - timedelta(days=_PAST_DAYS)
        self.founded = datetime.combine(today - timedelta(days=_FOUNDED_DAYS), time(14), UTC)
        self._latest = datetime.combine(today, time(), UTC) - timedelta(minutes=1)
        self._next: dict[str, int] = {}

    def next_id(self, kind: str) -> int:
        """The id that the next record of the kind will get."""
        return self._next.get(kind, FIRST_ID)

    def add(self, kind: str, values: Values, created: datetime | None = None, updated: datetime | None = None) -> int:
        record_id = self.next_id(kind)
        self._next[kind] = record_id + 1
        made = created or self.founded + timedelta(minutes=len(self.records))
        self.records.append(Record(kind, record_id, made, max(made, updated or made), values))
        return record_id

    def moment(self, day: date, minute: int) -> datetime:
        """A moment of office hours on that day, brought between the founding and last midnight."""
        wanted = datetime.combine(day, time(13), UTC) + timedelta(minutes=minute % 540)
        return min(max(wanted, self.founded), self._latest)
