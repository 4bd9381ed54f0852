"""A push: bring one record to Buildium as it is now, whatever it was when the row was queued (SYNC.md, "A push")."""

from __future__ import annotations

import random
import time
from collections.abc import Collection
from typing import Any

from sqlalchemy import func
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from portal.acting import Actor, Door, acting_as
from portal.buildium.errors import (
    AccountError,
    BuildiumError,
    ForbiddenError,
    MissingError,
    RetryableError,
    ThrottledError,
    UncertainError,
)
from portal.buildium.limiter import Lane
from portal.extensions import db
from portal.sync import breaker
from portal.sync.arrival import arrived, children_bodies
from portal.sync.bodies import (
    Values,
    create_body,
    fingerprint,
    hash_of,
    merged,
    not_ours,
    ours,
    snapshot_of,
    take_over,
    update_body,
)
from portal.sync.current import current_sync
from portal.sync.identities import Identities
from portal.sync.leases import Lease, LeaseLostError, claim, kept, note, settle
from portal.sync.log import because, log_failure
from portal.sync.lookup import candidates, summary
from portal.sync.outbox import wake
from portal.sync.preflight import problems
from portal.sync.pull import pull_bodies, pull_touched, words_of
from portal.sync.resource import Body, Direction, Problem, Resource
from portal.sync.states import Event
from portal.vault import SealedError

FRESH_SECONDS = 5.0
FIRST_LOOK = 2.0
TRIES = 5


def push_now(entity_type: str, entity_id: str, job_id: str | None = None) -> None:
    """Push the record if its row is due and free. Every outcome ends in the row; only a lost lease leaves it alone."""
    with acting_as(Actor.machine(Door.PUSH)):
        if breaker.is_open():
            return
        lease = claim(entity_type, entity_id)
        if lease is None:
            return
        facts = {"entity_type": entity_type, "entity_id": entity_id, "buildium_id": lease.buildium_id}
        with because(**facts, job_id=job_id, attempt=lease.attempts + 1), kept(lease):
            try:
                deliver(Push(lease))
            except LeaseLostError:
                db.session.rollback()
                log_failure("lease lost", entity_type=entity_type, entity_id=entity_id)


def deliver(push: Push) -> None:
    """Send, and settle the row by what came of it."""
    try:
        push.send()
        breaker.succeeded()
    except BuildiumError as error:
        db.session.rollback()
        settle_error(push.lease, error)
    except SealedError as error:
        db.session.rollback()
        settle(push.lease, Event.REFUSED, cause="unreadable secret", error_message=str(error))
    except (IntegrityError, DataError) as error:
        # Buildium has the record; what it answered doesn't fit into our tables.
        db.session.rollback()
        settle(push.lease, Event.REFUSED, cause="answer not kept", error_message=f"Not kept here: {words_of(error)}.")
    db.session.commit()


def settle_error(lease: Lease, error: BuildiumError) -> None:
    """Decide by the kind of error; the session is clean and the caller commits."""
    if isinstance(error, AccountError):
        breaker.trip(error)
        settle(lease, Event.LATER, due_in=breaker.PROBE_SECONDS, error_message=str(error), cause="connection")
    elif isinstance(error, ThrottledError):
        settle(lease, Event.LATER, due_in=max(error.retry_after or 0.0, 0.2))
    elif isinstance(error, RetryableError):
        breaker.failed(error)
        try_later(lease, error)
    elif isinstance(error, UncertainError):
        # A first look can only find the record; that it is not there counts after the waits (MAPPING §9).
        settle(lease, Event.LOST_ANSWER, due_in=FIRST_LOOK, lookups=0, error_message=str(error), cause="lost answer")
    elif isinstance(error, MissingError):
        settle(lease, Event.GONE, error_message="Buildium has no such record any more.", cause="missing")
    else:
        refuse(lease, error)


def try_later(lease: Lease, error: RetryableError) -> None:
    waits = current_sync().retry_waits
    if lease.attempts >= len(waits):
        words = f"{error} Tried {lease.attempts + 1} times."
        settle(lease, Event.REFUSED, attempts=lease.attempts + 1, error_message=words, cause="retries used up")
        return
    wait = error.retry_after or waits[lease.attempts] * random.uniform(0.8, 1.2)
    settle(lease, Event.LATER, due_in=wait, attempts=lease.attempts + 1, error_message=str(error), cause="retrying")


def refuse(lease: Lease, error: BuildiumError) -> None:
    """A clean refusal: nothing was made, so the attempt that was noted before a create is forgotten."""
    fields = [{"field": each.key, "message": each.message} for each in error.fields]
    resource = current_sync().resource(lease.entity_type)
    forbidden = isinstance(error, ForbiddenError)
    words = f"The API key lacks “{resource.permission}”." if forbidden else str(error)
    settle(
        lease, Event.REFUSED, error_message=words, error_fields=fields, attempts=lease.attempts + 1,
        cause="permission" if forbidden else f"refused {error.status}", last_post_attempt_at=None,
    )  # fmt: skip


class Push:
    """One attempt under one lease. No transaction is open while Buildium is asked."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.resource: Resource = current_sync().resource(lease.entity_type)
        self.buildium = current_sync().buildium
        self.lane = Lane(lease.lane)
        self.values: Values = {}

    def send(self) -> None:
        ids = Identities()
        record = db.session.get(self.resource.model, self.lease.entity_id)
        if record is None:
            settle(self.lease, Event.REFUSED, error_message="The record no longer exists here.", cause="deleted here")
            return
        self.values = ours(self.resource, record, ids)
        found = problems(self.resource, record, self.values, self.lease.snapshot, ids)
        if found:
            self.block(found)
        elif self.lease.buildium_id is None:
            self.create(create_body(self.resource, self.values) | children_bodies(self.resource, record))
        else:
            self.update(self.lease.buildium_id)

    def block(self, found: list[Problem]) -> None:
        waits = next((each.waits_for for each in found if each.waits_for), None)
        settle(
            self.lease, Event.BLOCKED, cause="waiting for parent" if waits else "missing data",
            error_message=" ".join(each.message for each in found),
            error_fields=[{"field": each.field, "message": each.message} for each in found],
            blocked_on=":".join(waits) if waits else None,
        )  # fmt: skip

    def create(self, body: Body) -> None:
        db.session.rollback()
        if self.lease.was_sent:
            matches = candidates(self.resource, body, self.lane)
            if len(matches) == 1:
                self.adopt(matches[0])
                return
            if self.settled_by_look_up(matches):
                return
        db.session.rollback()
        began = time.monotonic()
        # Committed before the call, so that whoever comes after a crash knows that a create may have happened.
        note(self.lease, last_post_attempt_at=func.clock_timestamp(), last_post_fingerprint=fingerprint(body))
        db.session.commit()
        if time.monotonic() - began > FRESH_SECONDS:
            raise LeaseLostError("stopped between noting the attempt and making it")
        answer = self.made(body)
        if not isinstance(answer.get("Id"), int):
            raise UncertainError("Buildium's answer to the create holds no id.", 201)
        switches = {item.remote for item in self.resource.fields if item.direction is Direction.SWITCH}
        self.agree(answer, sent=True, keep=switches)

    def made(self, body: Body) -> Body:
        """Buildium's answer to the create. One that was cleanly not executed needs no looking for."""
        try:
            return self.buildium.create(self.resource.path, body, self.lane)
        except RetryableError:
            note(self.lease, last_post_attempt_at=None)
            db.session.commit()
            raise

    def settled_by_look_up(self, matches: list[Body]) -> bool:
        """Whether the row has to wait or needs a person; False lets the create be made again."""
        lease, waits = self.lease, current_sync().look_up_waits
        if len(matches) > 1:
            words = f"{len(matches)} records in Buildium could be this one. Choose which, or create it anew."
            listed = [summary(each) for each in matches]
            settle(lease, Event.LOST_ANSWER, candidates=listed, error_message=words, cause="several candidates")
        elif lease.lookups < len(waits):
            words = "Not found in Buildium yet. It will be looked for again before it is sent again."
            wait = waits[lease.lookups]
            settle(lease, Event.LOST_ANSWER, due_in=wait, lookups=lease.lookups + 1, error_message=words)
        else:
            return False
        return True

    def adopt(self, body: Body) -> None:
        """The record a lost answer had made: ours from now on, with our values still to be compared."""
        mine = {item.remote for item in self.resource.fields} - not_ours(self.resource)
        self.agree(body, sent=False, keep=mine)

    def update(self, buildium_id: int) -> None:
        db.session.rollback()
        path = f"{self.resource.path}/{buildium_id}"
        body = self.buildium.get(path, self.lane)
        # A record that a person has just linked was never agreed on: what differs is ours to send.
        merge = merged(self.resource, self.lease.snapshot or body, self.values, body)
        if merge.conflicts:
            # The pull writes both versions down and takes over what only Buildium changed.
            settle(self.lease, Event.LATER, due_in=0.0)
            db.session.commit()
            pull_bodies(self.resource, [body])
            return
        switch = self.resource.switch
        flag = switch.remote if switch else ""
        if merge.outgoing - {flag}:
            record = db.session.get_one(self.resource.model, self.lease.entity_id)
            found = self.resource.check(record, snapshot_of(self.resource, body, before=self.lease.snapshot))
            db.session.rollback()
            if found:
                self.block(found)
                return
            body = self.buildium.replace(path, update_body(self.resource, merge.values), self.lane)
        if switch and flag in merge.outgoing:
            self.buildium.command(f"{path}/{switch.on if merge.values[flag] else switch.off}", self.lane)
            body = self.buildium.get(path, self.lane)
        self.agree(body, sent=bool(merge.outgoing))
        if flag in merge.outgoing:
            pull_touched(self.resource, buildium_id, self.lane)

    def agree(self, body: Body, *, sent: bool, keep: Collection[str] = ()) -> None:
        """Both sides hold the same now: take over Buildium's answer and its id, and wake what waited for it.

        The places in `keep` stay as they are here; where they differ from the answer, the record is sent once more.
        """
        snapshot = snapshot_of(self.resource, body, self.values if sent else None, self.lease.snapshot)
        record = self.taken_over(body, keep)
        left = set(keep) & merged(self.resource, snapshot, ours(self.resource, record, Identities()), body).outgoing
        settle(
            self.lease, Event.LATER if left else Event.AGREED, due_in=0.0 if left else None, attempts=0,
            error_message=None, error_fields=None, cause=None, blocked_on=None, conflict=None, candidates=None,
            last_post_attempt_at=None, last_synced_at=func.clock_timestamp(), synced_version=self.lease.local_version,
            remote_snapshot=snapshot, remote_hash=hash_of(self.resource, body), buildium_id=body["Id"],
            remote_seen_at=func.clock_timestamp(), record_name=str(record)[:255],
        )  # fmt: skip
        db.session.commit()
        if self.lease.buildium_id is None:
            arrived(self.resource, record, body, self.lane)
        if left:
            wake(self.lease.entity_type, self.lease.entity_id, self.lane)

    def taken_over(self, body: Body, keep: Collection[str]) -> Any:
        """Our record with Buildium's answer in it, flushed; a person's save at this very moment means to look again."""
        for attempt in range(TRIES):
            record = db.session.get_one(self.resource.model, self.lease.entity_id)
            try:
                take_over(self.resource, record, body, self.values, keep)
                return record
            except StaleDataError:
                db.session.rollback()
                if attempt == TRIES - 1:
                    raise
        raise AssertionError("a loop that always returns or raises")
