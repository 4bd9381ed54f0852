"""Clocks that jump, and days of 23 and 25 hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from portal.extensions import db
from portal.sync.models import SyncSchedule
from portal.sync.schedule import Task, introduce, tick
from tests.faults.desk import Desk
from tests.live import Live

HOUR, DAY = 3600, 86400
NEW_YORK = ZoneInfo("America/New_York")


class Clockwork:
    """A clock with one hourly task. The schedule asks the database for the time, so the hands are moved there."""

    def __init__(self) -> None:
        self.done = 0
        self.tasks = (Task("hourly", HOUR, self.act),)
        introduce(self.tasks)

    def act(self) -> None:
        self.done += 1

    def tick(self) -> int:
        """How often the task was done in three looks at the clock."""
        before = self.done
        for _ in range(3):
            tick(self.tasks)
        return self.done - before

    def time_passes(self, seconds: float) -> None:
        """The clock is `seconds` further, as the rows see it; less than 0 where it was put back."""
        by = timedelta(seconds=seconds)
        moved = {"next_due_at": SyncSchedule.next_due_at - by, "last_started_at": SyncSchedule.last_started_at - by}
        db.session.execute(update(SyncSchedule).values(moved))
        db.session.commit()


@pytest.fixture
def clockwork(live: Live) -> Clockwork:
    found = Clockwork()
    found.time_passes(HOUR)
    assert found.tick() == 1
    return found


@pytest.mark.fault(33)
def test_a_clock_that_is_put_forward_does_a_task_once_and_not_for_every_hour_it_skipped(clockwork: Clockwork) -> None:
    clockwork.time_passes(26 * HOUR)
    assert clockwork.tick() == 1
    clockwork.time_passes(HOUR)
    assert clockwork.tick() == 1


@pytest.mark.fault(33)
def test_a_clock_that_is_put_back_neither_repeats_a_task_at_once_nor_skips_it_for_hours(clockwork: Clockwork) -> None:
    clockwork.time_passes(-6 * HOUR)
    assert clockwork.tick() <= 1
    done = 0
    for _ in range(3):
        clockwork.time_passes(HOUR)
        done += clockwork.tick()
    assert done == 3


@pytest.mark.fault(33)
def test_two_clocks_at_the_moment_of_the_jump_do_a_task_once(clockwork: Clockwork) -> None:
    clockwork.time_passes(-6 * HOUR)
    first = clockwork.tick()
    assert first + clockwork.tick() <= 1


@pytest.mark.fault(33)
@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01"])
def test_on_a_day_of_23_or_25_hours_the_nightly_task_is_done_once(live: Live, day: str) -> None:
    """The schedule counts seconds of UTC, of which such a day has as many as it has."""
    nightly = Clockwork()
    nightly.tasks = (Task("nightly", DAY, nightly.act),)
    introduce(nightly.tasks)
    nightly.time_passes(DAY)
    assert nightly.tick() == 1
    begins = datetime.fromisoformat(day).replace(tzinfo=NEW_YORK)
    ends = (datetime.fromisoformat(day) + timedelta(days=1)).replace(tzinfo=NEW_YORK)
    length = (ends.astimezone(UTC) - begins.astimezone(UTC)).total_seconds()
    assert length in (23 * HOUR, 25 * HOUR)
    nightly.time_passes(length)
    assert nightly.tick() == (1 if length > DAY else 0)
    nightly.time_passes(DAY)
    assert nightly.tick() == 1


@pytest.mark.fault(33)
def test_staff_see_that_the_clock_of_the_schedule_stands(live: Live, desk: Desk, clockwork: Clockwork) -> None:
    assert "Schedule On time" in desk.read("/sync")
    clockwork.time_passes(6 * HOUR)
    assert "Schedule: The scheduler is not running" in desk.read("/sync")
    assert clockwork.tick() == 1
    assert "Schedule On time" in desk.read("/sync")
