"""Any sequence of what people, Buildium, workers and the network may do to one record, against the real outbox.

Every step is real: PostgreSQL, the push, the pull, and the simulated Buildium over HTTP. After each one the promises of
SYNC.md are looked at: nothing stuck, nothing twice, nothing overwritten, and in step only where both sides agree.
"""

from __future__ import annotations

import threading
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import func, select, update

from portal.extensions import db
from portal.sync import pauses, resolve, sweep
from portal.sync.current import current_sync
from portal.sync.decisions import decide
from portal.sync.leases import claim
from portal.sync.models import SyncPause, SyncStatus
from portal.sync.pull import pull_one
from portal.sync.states import State
from tests.live import Live
from tests.properties.depth import examples
from tests.properties.unit_life import FIELDS, UNITS, UnitLife, looking, save_elsewhere
from tests.records import synced_property

FIELD = st.sampled_from(sorted(FIELDS))
# A fault of the next write, and of the next read: what they leave open differs.
WRITES = (
    {"fault": "status", "status": 400}, {"fault": "status", "status": 404}, {"fault": "status", "status": 409},
    {"fault": "status", "status": 422}, {"fault": "status", "status": 429}, {"fault": "status", "status": 500},
    {"fault": "drop"}, {"fault": "commit_then_drop"}, {"fault": "commit_then_status", "status": 502},
    {"fault": "truncate"}, {"fault": "garbage"}, {"fault": "html"}, {"fault": "empty"}, {"fault": "unknown_fields"},
)  # fmt: skip
READS = ({"fault": "status", "status": 429}, {"fault": "status", "status": 500}, {"fault": "drop"}, {"fault": "html"})


class OneUnit(UnitLife):
    """What may happen, and what must be so whatever has."""

    @initialize(arrives=st.sampled_from([True, True, False]))
    @looking
    def begin(self, arrives: bool) -> None:
        """Most begin where most records are: in step."""
        if arrives:
            self.work()

    # What people do here.

    @rule(field=FIELD)
    @looking
    def save(self, field: str) -> None:
        self.here[field] = self.new_value(field)
        setattr(self.unit, field, self.here[field])
        self.live.save(self.unit)

    @precondition(lambda self: self.state in ("failed", "blocked", "pending", "uncertain", "missing"))
    @rule()
    @looking
    def try_again(self) -> None:
        resolve.retry(self.row)

    @precondition(lambda self: self.state == "conflict")
    @rule(side=st.sampled_from(["ours", "theirs"]))
    @looking
    def decide(self, side: str) -> None:
        row = self.row
        conflict = row.conflict or {}
        before = {field: conflict[place]["theirs"] for field, place in FIELDS.items() if place in conflict}
        decide(row, dict.fromkeys(conflict, side))
        for field, theirs in before.items():
            if side == "theirs":
                self.here[field] = theirs
            # What was edited there after it was shown is still nobody's to overwrite.
            if self.there.get(field) == theirs:
                del self.there[field]

    @precondition(lambda self: self.state == "uncertain" and self.row.candidates)
    @rule()
    @looking
    def link(self) -> None:
        row = self.row
        resolve.link_to(row, (row.candidates or [])[0]["Id"])

    @precondition(lambda self: self.state == "missing")
    @rule()
    @looking
    def create_anew(self) -> None:
        resolve.create_anew(self.row)
        self.there.clear()

    @precondition(lambda self: not self.paused)
    @rule()
    @looking
    def pause(self) -> None:
        pauses.pause("unit", pauses.PUSH, None, "Pat")

    @precondition(lambda self: self.paused)
    @rule()
    @looking
    def resume(self) -> None:
        pauses.resume(db.session.scalars(select(SyncPause.id)).one())

    # What is done in Buildium's own pages.

    @precondition(lambda self: self.remote is not None)
    @rule(field=FIELD)
    @looking
    def edit_there(self, field: str) -> None:
        self.there[field] = self.new_value(field)
        self.live.edit_there("units", self.remote["Id"], **{FIELDS[field]: self.there[field]})

    @precondition(lambda self: self.remote is not None)
    @rule()
    @looking
    def delete_there(self) -> None:
        self.live.delete_there("units", self.remote["Id"])
        self.there.clear()

    # What workers, the clock and the network do.

    @rule()
    @looking
    def push(self) -> None:
        self.work()

    @rule(field=FIELD)
    @looking
    def push_while_a_person_saves(self, field: str) -> None:
        """At the moment of the push's first call, if it makes one."""
        value, hooks = self.new_value(field), current_sync().buildium._http.event_hooks["request"]

        def save(_: object) -> None:
            hooks.remove(save)
            saving = threading.Thread(target=save_elsewhere, args=(self.live.app, self.unit.id, field, value))
            saving.start()
            saving.join()
            self.here[field] = value

        hooks.append(save)
        self.work()
        if save in hooks:
            hooks.remove(save)

    @rule(fault=st.sampled_from(WRITES))
    @looking
    def push_and_the_write_fails(self, fault: dict[str, Any]) -> None:
        method = "PUT" if self.row.buildium_id else "POST"
        self.live.fault(method=method, path=f"{UNITS}*", **fault)
        self.work()

    @rule(fault=st.sampled_from(READS))
    @looking
    def push_and_the_read_fails(self, fault: dict[str, Any]) -> None:
        self.live.fault(method="GET", path=f"{UNITS}*", **fault)
        self.work()

    @precondition(lambda self: self.row.buildium_id is not None)
    @rule()
    @looking
    def pull(self) -> None:
        before = self.row
        version, queued, state = before.local_version, before.queued_at, before.sync_status
        pull_one(current_sync().resource("unit"), before.buildium_id or 0)
        after = self.live.row(self.unit)
        assert (after.local_version, after.queued_at) == (version, queued), "a pull queued something"
        assert after.sync_status in {state, "conflict", "missing"} or state == "missing", after.sync_status
        self.take_note()

    @rule()
    @looking
    def a_worker_dies_with_the_row(self) -> None:
        self.due_now()
        claim("unit", self.key)

    @rule()
    @looking
    def leases_expire_and_are_swept(self) -> None:
        held = update(SyncStatus).where(SyncStatus.sync_status == "syncing")
        db.session.execute(held.values(leased_until=func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 1)))
        db.session.commit()
        sweep.free_expired_leases()
        sweep.recheck_blocked()

    # What must be so after every step.

    @invariant()
    def every_state_has_a_way_out(self) -> None:
        row = self.row
        ways = {
            State.PENDING: row.next_attempt_at is not None,
            State.SYNCING: row.leased_until is not None and row.lease_token is not None,
            State.UNCERTAIN: row.next_attempt_at is not None or row.candidates is not None,
            State.FAILED: bool(row.error_message and row.cause),
            State.BLOCKED: bool(row.error_message),
            State.CONFLICT: bool(row.conflict and row.error_message),
            State.MISSING: bool(row.error_message) and row.buildium_id is not None,
            State.HELD: self.paused,
            State.SYNCED: row.synced_version == row.local_version,
        }
        assert ways[State(row.sync_status)], f"{row.sync_status} is stuck: {row.cause} {row.error_message}"

    @invariant()
    def in_step_means_that_both_sides_say_the_same(self) -> None:
        if self.state == "synced" and self.remote is not None:
            differing = {field for field, place in FIELDS.items() if self.remote[place] != self.kept[field]}
            assert differing <= self.there.keys(), f"{differing} differ"

    @invariant()
    def nothing_that_was_saved_here_is_gone(self) -> None:
        assert self.kept == self.here

    @invariant()
    def nothing_that_was_changed_there_is_overwritten(self) -> None:
        if self.remote is not None:
            assert {field: self.remote[FIELDS[field]] for field in self.there} == self.there

    @invariant()
    def there_is_one_of_it(self) -> None:
        assert len(self.twins) <= 1, f"{len(self.twins)} units {self.number} in Buildium"

    def teardown(self) -> None:
        """However it stands: when faults are over and people have decided, it ends in step."""
        if self.paused:
            self.resume()
        self.settle()
        assert self.state == "synced", f"{self.state}: {self.row.error_message}"
        assert len(self.twins) == 1
        assert {field: self.remote[place] for field, place in FIELDS.items()} == self.here
        self.live.delete_there("units", self.remote["Id"])

    def settle(self) -> None:
        for _ in range(12):
            self.leases_expire_and_are_swept()
            ways = {"conflict": lambda: self.decide(side="ours"), "missing": self.create_anew, "failed": self.try_again}
            ways.get(self.state, lambda: None)()
            self.work()
            self.look()
            if self.state == "synced":
                self.pull()
                if self.state == "synced" and not self.there:
                    return


def test_a_record_survives_whatever_happens_to_it(live: Live) -> None:
    class Life(OneUnit):
        pass

    Life.live, Life.house = live, synced_property(live)
    run_state_machine_as_test(Life, settings=settings(examples(15), stateful_step_count=20))
