"""A pull and a person's save of the same record meet: the person never waits for long, and never sees an error."""

from __future__ import annotations

import threading
from typing import Any

from sqlalchemy import event, text

from portal.acting import acting_as
from portal.extensions import db
from portal.sync.page import Outcome
from tests.live import PERSON, Live
from tests.records import synced_property
from tests.sync.test_pull import pull
from tests.waiting import wait_until

# Of this test's own database: others wait in theirs.
WAITING = text(
    "select count(*) from pg_locks join pg_stat_activity using (pid) where not granted and datname = current_database()"
)


def test_a_save_that_meets_a_pull_of_the_same_record_is_kept(live: Live) -> None:
    """The pull has the outbox row and wants the record, the save the other way round: PostgreSQL would end one."""
    house = synced_property(live, name="Before")
    key, number = house.id, house.buildium_property_id or 0
    live.edit_there("rentals", number, StructureDescription="theirs")
    db.session.rollback()
    locked, go_on = threading.Event(), threading.Event()
    outcomes: list[Any] = []

    def pulling() -> None:
        def wait(*_: Any) -> None:
            locked.set()
            go_on.wait(10)

        with live.app.app_context():
            event.listen(db.session(), "before_flush", wait, once=True)
            outcomes.append(pull("property", number))
            db.session.remove()

    def release() -> None:
        # Each look of its own: within one transaction PostgreSQL shows the same sessions again and again.
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            wait_until(lambda: connection.scalar(WAITING), 5, "the save to wait for the pull")
        go_on.set()

    thread = threading.Thread(target=pulling)
    thread.start()
    locked.wait(10)
    helper = threading.Thread(target=lambda: in_app(live, release))
    helper.start()
    with acting_as(PERSON):
        house = db.session.get_one(type(house), key)
        house.name = "Edited"
        db.session.commit()
    thread.join(20)
    helper.join(20)
    live.work_later()
    assert outcomes == [Outcome.BUSY]
    there = live.get(f"/v1/rentals/{number}")
    assert (there["Name"], there["StructureDescription"], live.state(house)) == ("Edited", "theirs", "synced")


def in_app(live: Live, act: Any) -> None:
    with live.app.app_context():
        act()
