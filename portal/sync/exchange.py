"""One attempt to bring one record to Buildium: create it, find it again, or update it, and agree on the answer."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from sqlalchemy import func, select

from portal.buildium.errors import RejectedError, RetryableError, UncertainError
from portal.extensions import db
from portal.sync.arrival import children_bodies, note_children, said_along
from portal.sync.attempt import Attempt
from portal.sync.bodies import (
    create_body,
    disguise_body,
    fingerprint,
    merged,
    moved_there,
    not_ours,
    ours,
    snapshot_of,
    update_body,
)
from portal.sync.carry import Carrier
from portal.sync.current import current_sync
from portal.sync.errands import Errand, Upload
from portal.sync.identities import Identities
from portal.sync.leases import expect_fresh, hold, note, settle
from portal.sync.lookup import candidates, looked_for, summary
from portal.sync.matching import waits_for
from portal.sync.merge import Merge
from portal.sync.models import SyncStatus
from portal.sync.places import place_of
from portal.sync.preflight import problems
from portal.sync.pull import pull_bodies, pull_touched
from portal.sync.resource import Body, Direction
from portal.sync.states import Event


class Push(Attempt):
    """Creates the record in Buildium, finds it there, or updates it."""

    def send(self) -> None:
        ids = Identities()
        record = db.session.get(self.resource.model, self.lease.entity_id)
        if record is None:
            settle(self.lease, Event.REFUSED, error_message="The record no longer exists here.", cause="deleted here")
            return
        self.resource = place_of(self.resource, record, ids)
        self.values = ours(self.resource, record, ids)
        found = problems(self.resource, record, self.values, self.lease.snapshot, ids)
        if found:
            self.block(found)
        elif self.lease.buildium_id is not None:
            (self.find if self.lease.snapshot is None else self.update)(self.lease.buildium_id)
        elif words := waits_for(self.lease.entity_type, self.lease.entity_id):
            self.wait_for_review(words)
        elif (made := self.made_along(record)) is not None:
            self.find(made)
        else:
            self.along = said_along(self.resource, record)
            body = create_body(self.resource, self.values) | children_bodies(self.resource, record, self.along)
            self.create(*self.resource.request(record, self.resource.path, body, ids))

    def made_along(self, record: Any) -> int | None:
        """The Buildium id of the record whose create made this one too."""
        other = getattr(record, self.resource.joins) if self.resource.joins else None
        return None if other is None else self.resource.buildium_id(other)

    def wait_for_review(self, words: str) -> None:
        settle(self.lease, Event.BLOCKED, cause="awaiting review", error_message=words)

    def create(self, path: str, body: Body) -> None:
        db.session.rollback()
        if self.lease.sent_at is not None or self.resource.matched:
            sought = looked_for(self.resource, body, self.lease.sent)
            matches = candidates(self.resource, sought, self.lane, self.lease.sent_at)
            if len(matches) == 1:
                self.adopt(matches[0])
                return
            if self.lease.sent_at is not None and self.settled_by_look_up(matches):
                return
        db.session.rollback()
        self.make(path, body)

    def make(self, path: str, body: Body) -> None:
        """Create it, after the attempt has been written down."""
        if db.session.scalar(select(SyncStatus.buildium_id).where(SyncStatus.id == self.lease.id)) is not None:
            self.goes_on = True  # its parent's create has made it meanwhile
            settle(self.lease, Event.LATER, due_in=0.0)
            return
        began = time.monotonic()
        # Committed before the call, so that whoever comes after a crash knows that a create may have happened.
        said = {
            "last_post_fingerprint": fingerprint(body),
            "last_post_body": disguise_body(body, self.resource.secrets),
        }
        note(self.lease, last_post_attempt_at=func.clock_timestamp(), **said)
        note_children(self.resource, self.along, func.clock_timestamp())
        db.session.commit()
        expect_fresh(began)
        answer = self.made(path, body)
        if not isinstance(answer.get("Id"), int):
            raise UncertainError("Buildium's answer to the create holds no id.", 201)
        later = (Direction.UPDATE, Direction.SWITCH)
        unsaid = {item.remote for item in self.resource.fields if item.direction in later}
        self.agree(self.resource.tagged(answer), sent=True, keep=unsaid)

    def made(self, path: str, body: Body) -> Body:
        """Buildium's answer to the create. One that was cleanly not executed needs no looking for."""
        try:
            return self.buildium.create(path, body, self.lane)
        except (RetryableError, RejectedError):
            note(self.lease, last_post_attempt_at=None)
            note_children(self.resource, self.along, None)
            db.session.commit()
            raise

    def settled_by_look_up(self, matches: list[Body]) -> bool:
        """Whether the row has to wait or needs a person; False lets the create be made again."""
        lease, waits = self.lease, current_sync().look_up_waits
        if len(matches) > 1:
            words = f"{len(matches)} records in Buildium could be this one. Choose which, or create it anew."
            listed = [summary(each) for each in matches]
            settle(lease, Event.LOST_ANSWER, candidates=listed, error_message=words, cause="several candidates")
        elif lease.lookups >= len(waits) and self.resource.careful:
            words = (
                "Buildium has no record like this one. As money is moved only once, a person decides to send it again."
            )
            settle(lease, Event.LOST_ANSWER, candidates=[], error_message=words, cause="not found after a lost answer")
        elif lease.lookups < len(waits):
            words = "Not found in Buildium yet. It will be looked for again before it is sent again."
            wait = waits[lease.lookups]
            settle(lease, Event.LOST_ANSWER, due_in=wait, lookups=lease.lookups + 1, error_message=words)
        else:
            return False
        return True

    def find(self, buildium_id: int) -> None:
        """A person has just said that it is this one, or another's create has made it."""
        db.session.rollback()
        self.adopt(self.read(buildium_id))

    def adopt(self, body: Body) -> None:
        """A record that was there already is ours from now on, with our values still to be compared."""
        mine = {item.remote for item in self.resource.fields} - not_ours(self.resource)
        self.agree(body, sent=False, keep=mine)

    def update(self, buildium_id: int) -> None:
        db.session.rollback()
        body = self.read(buildium_id)
        # One that has just been found, in a rehearsal, was never agreed on.
        merge = self.merge = merged(self.resource, self.lease.snapshot or body, self.values, body)
        switched = {item.remote for item in self.resource.fields if item.direction is Direction.SWITCH}
        tangled = merge.incoming & merge.outgoing & switched & moved_there(self.resource, self.lease.snapshot, body)
        if merge.conflicts or tangled:
            self.give_to_pull(merge, body)
            return
        record = db.session.get_one(self.resource.model, self.lease.entity_id)
        errands = list(self.resource.errands(record, body, merge.outgoing))
        own = merge.outgoing - switched
        found = self.resource.check(record, snapshot_of(self.resource, body, before=self.lease.snapshot)) if own else []
        db.session.rollback()
        if found:
            self.block(found)
        elif errands:
            self.carry(buildium_id, errands, merge, own)
        elif own:
            self.agree(self.replaced(buildium_id, merge, own) | self.known_beside(body), sent=True)
        else:
            self.agree(body, sent=bool(merge.outgoing))

    def give_to_pull(self, merge: Merge, body: Body) -> None:
        """The pull writes both versions down and takes over what only Buildium changed; errands must know it too."""
        self.goes_on = not merge.conflicts
        settle(self.lease, Event.LATER, due_in=0.0)
        db.session.commit()
        pull_bodies(self.resource, [body], self.lease.claimed_at)

    def replaced(self, buildium_id: int, merge: Merge, own: Collection[str]) -> Body:
        """Buildium's answer to our change, by PATCH where single values can be named."""
        self.make_sure()
        path, values = f"{self.resource.path}/{buildium_id}", update_body(self.resource, merge.values)
        listed = {item.remote for item in self.resource.fields if item.items or "." in item.remote}
        if self.resource.patched and not listed & set(own):
            changes = [{"op": "replace", "path": f"/{key}", "value": values.get(key)} for key in sorted(own)]
            return self.resource.tagged(self.buildium.patch(path, changes, self.lane))
        return self.resource.tagged(self.buildium.replace(path, values, self.lane))

    def make_sure(self) -> None:
        """What was read may be old by now: whoever has had the row since then has sent something newer."""
        began = time.monotonic()
        hold(self.lease)
        expect_fresh(began)

    def known_beside(self, body: Body) -> Body:
        return {key: body[key] for key in self.resource.more if key in body}

    def carry(self, buildium_id: int, errands: list[Errand | Upload], merge: Merge, own: Collection[str]) -> None:
        """Do what the PUT can't, then look at the whole record once more: only that tells what both sides hold."""
        self.make_sure()
        whole = any(isinstance(each, Errand) and each.whole for each in errands)
        if own and not whole:
            self.replaced(buildium_id, merge, own)
        path, values = f"{self.resource.path}/{buildium_id}", update_body(self.resource, merge.values)
        below = f"{self.resource.below or self.resource.path}/{buildium_id}"
        carrier = Carrier(self.resource, self.lease.entity_id, path, below, values, self.lane)
        for errand in errands:
            carrier.carry(errand)
        body = self.read(buildium_id)
        # A request that was found to be done already took along what the record said then, not what it says now.
        brought = set(own) if carrier.brought or not whole else set()
        self.agree(body, sent=True, keep=merge.outgoing - brought)
        pull_touched(self.resource, buildium_id, self.lane)
