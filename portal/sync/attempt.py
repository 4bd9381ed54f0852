"""One attempt under one lease: the record as Buildium has it, and the end where both sides agree."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm.exc import StaleDataError

from portal.buildium.errors import BuildiumError
from portal.buildium.limiter import Lane
from portal.extensions import db
from portal.sync.arrival import arrived
from portal.sync.bodies import Values, hash_of, name_parts, snapshot_of, still_ours, take_over
from portal.sync.crossing import crossed, ending
from portal.sync.current import current_sync
from portal.sync.leases import Lease, settle
from portal.sync.log import log_failure
from portal.sync.merge import Merge
from portal.sync.pull import pull_bodies, unknown_parts
from portal.sync.reading import asked_now, places_below, read_below
from portal.sync.resource import Body, Problem, Resource
from portal.sync.states import Event

TRIES = 5
STRANGERS_SECONDS = 30.0  # until a list is read again that named records which aren't here


class Attempt:
    """What a create, a find and an update have in common. No transaction is open while Buildium is asked."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.resource: Resource = current_sync().resource(lease.entity_type)
        self.buildium = current_sync().buildium
        self.lane = Lane(lease.lane)
        self.values: Values = {}
        self.merge = Merge()
        self.goes_on = False
        self.along: dict[str, Body] = {}  # the children inside the create, and what it says of each

    def block(self, found: list[Problem]) -> None:
        waits = next((each.waits_for for each in found if each.waits_for), None)
        settle(
            self.lease, Event.BLOCKED, cause="waiting for parent" if waits else "missing data",
            error_message=" ".join(each.message for each in found),
            error_fields=[{"field": each.field, "message": each.message} for each in found],
            blocked_on=":".join(waits) if waits else None,
        )  # fmt: skip

    def read(self, buildium_id: int) -> Body:
        """The record as Buildium has it now, with what is read beside it. No transaction is open then."""
        path = f"{self.resource.path}/{buildium_id}"
        return self.resource.tagged(self.buildium.get(path, self.lane)) | self.beside(path)

    def beside(self, path: str) -> Body:
        below = places_below(self.resource, db.session.get_one(self.resource.model, self.lease.entity_id))
        db.session.rollback()
        return read_below(path, below, self.lane)

    def look_again(self, buildium_id: int) -> None:
        """After a 409 whoever decides sees both versions as they are now (MAPPING §1.5). Commits in any case."""
        try:
            asked_at = asked_now()
            pull_bodies(self.resource, [self.read(buildium_id)], asked_at)
        except BuildiumError as error:
            db.session.rollback()
            log_failure("not seen again", entity_type=self.lease.entity_type, buildium_id=buildium_id, error=error)

    def agree(self, body: Body, *, sent: bool, keep: Collection[str] = ()) -> None:
        """Both sides hold the same now: take over Buildium's answer and its id, and wake what waited for it.

        The places in `keep` stay as they are here; where they differ from the answer, the record is sent once more.
        """
        snapshot = snapshot_of(self.resource, body, self.values if sent else None, self.lease.snapshot)
        new = self.lease.buildium_id is None
        unknown = unknown_parts(self.resource, body, fetch=not new)
        record = db.session.get_one(self.resource.model, self.lease.entity_id)
        # What equals the answer needn't be kept; there it also tells what only Buildium decides.
        record = self.taken_over(body, set(keep) & still_ours(self.resource, record, snapshot, body) | unknown)
        left = set(keep) & still_ours(self.resource, record, snapshot, body) - (set() if new else unknown)
        crossing = crossed(self.resource, record, self.values, self.merge, body)
        self.goes_on = not crossing.conflicts and (bool(left) or bool(self.resource.errands(record, body, left)))
        due_in = 0.0 if self.goes_on else STRANGERS_SECONDS if unknown else None
        # Only with nothing left to bring may a pull, later on, take Buildium's version for ours.
        brought: dict[str, Any] = {} if due_in is not None else {"synced_version": self.lease.local_version}
        settle(
            self.lease, **brought, **ending(self.resource, record, crossing, due_in), attempts=0, error_fields=None,
            blocked_on=None, candidates=None,
            last_post_attempt_at=None, last_post_body=None, last_synced_at=func.clock_timestamp(),
            remote_snapshot=snapshot, remote_hash=hash_of(self.resource, body), buildium_id=body["Id"],
            remote_seen_at=func.clock_timestamp(), record_name=str(record)[:255],
        )  # fmt: skip
        db.session.commit()
        if self.lease.snapshot is None or unknown:
            arrived(self.resource, record, body, self.lane)

    def taken_over(self, body: Body, keep: Collection[str]) -> Any:
        """Our record with Buildium's answer in it, flushed; a person's save at this very moment means to look again."""
        for attempt in range(TRIES):
            record = db.session.get_one(self.resource.model, self.lease.entity_id)
            try:
                take_over(self.resource, record, body, self.values, keep)
                if self.lease.snapshot is None:
                    name_parts(self.resource, record, body)
                return record
            except StaleDataError:
                db.session.rollback()
                if attempt == TRIES - 1:
                    raise
        raise AssertionError("a loop that always returns or raises")
