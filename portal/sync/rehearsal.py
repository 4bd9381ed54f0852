"""A push that goes through everything but the sending: what it would have asked of Buildium, and what it would change.

It is the real push with its ends cut off. It holds no lease: the token it carries is nobody's, so that whatever still
tried to write to the outbox under it would be refused.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from portal.extensions import db
from portal.sync.arrival import new_children
from portal.sync.bodies import update_body
from portal.sync.carry import Carrier
from portal.sync.current import current_sync
from portal.sync.errands import Errand, Upload
from portal.sync.exchange import Push
from portal.sync.leases import Lease
from portal.sync.merge import Merge
from portal.sync.rehearsed_words import Change, changes_of, said_of_changes, said_of_create, said_of_errands
from portal.sync.resource import Body, Problem
from portal.sync.withheld import Request, Withholding


class Outcome(StrEnum):
    """What a push would come to."""

    CREATE = "create"
    CHANGE = "change"
    ERASE = "erase"  # a change that also empties something
    LINK = "link"  # it is there already: an earlier create, or one of the same name
    NOTHING = "nothing"
    BLOCKED = "blocked"
    LATER = "later"  # a parent goes first
    CHOOSE = "choose"  # a person would be asked
    UNANSWERED = "unanswered"


@dataclass
class Rehearsed:
    """`words` is a sentence; `requests` are those that were withheld, in order."""

    outcome: Outcome = Outcome.NOTHING
    words: str = "Nothing to send: Buildium says the same."
    changes: list[Change] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)


class Rehearsal(Push):
    """One push that is worked out. `result` says what it came to."""

    def __init__(self, lease: Lease) -> None:
        super().__init__(lease)
        self.buildium = self.withheld = Withholding(current_sync().buildium)
        self.result = Rehearsed()
        self.seen: Body = {}
        self.linked: Body | None = None

    def rehearse(self) -> Rehearsed:
        """Work it out. Raises what a push raises; leaves no transaction open and nothing written."""
        try:
            if db.session.get(self.resource.model, self.lease.entity_id) is None:
                return Rehearsed(Outcome.BLOCKED, "Can't be sent: the record no longer exists here.")
            self.send()
        finally:
            db.session.rollback()
        self.result.requests = self.withheld.requests
        return self.result

    def block(self, found: list[Problem]) -> None:
        words = " ".join(each.message for each in found)
        if any(each.waits_for for each in found):
            self.result = Rehearsed(Outcome.LATER, f"Not yet: {words}")
        else:
            self.result = Rehearsed(Outcome.BLOCKED, f"Can't be sent: {words}")

    def wait_for_review(self, words: str) -> None:
        self.result = Rehearsed(Outcome.CHOOSE, words)

    def settled_by_look_up(self, matches: list[Body]) -> bool:
        if len(matches) > 1:
            words = f"Somebody would be asked: {len(matches)} records in Buildium could be this one."
            self.result = Rehearsed(Outcome.CHOOSE, words)
        elif self.resource.careful:
            self.result = Rehearsed(Outcome.CHOOSE, "Somebody would be asked whether it is in Buildium already.")
        return self.result.outcome is Outcome.CHOOSE

    def make(self, path: str, body: Body) -> None:
        record = db.session.get_one(self.resource.model, self.lease.entity_id)
        along = len(new_children(self.resource, record))
        self.withheld.create(path, body, self.lane)
        self.result = Rehearsed(Outcome.CREATE, said_of_create(self.resource.name, str(record), along))

    def adopt(self, body: Body) -> None:
        """It is there: the push would take its id, and then send what differs."""
        self.linked = body
        self.update(body["Id"])

    def read(self, buildium_id: int) -> Body:
        self.seen = super().read(buildium_id)
        return self.seen

    def make_sure(self) -> None:
        """There is no lease to lose, and nothing to be sent too late."""

    def give_to_pull(self, merge: Merge, body: Body) -> None:
        if merge.conflicts:
            labels = {item.remote: item.words for item in self.resource.fields}
            words = ", ".join(labels.get(each, each) for each in sorted(merge.conflicts))
            self.result = Rehearsed(Outcome.CHOOSE, f"Somebody would be asked: changed here and in Buildium: {words}.")
        else:
            self.result = Rehearsed(Outcome.LATER, "Not yet: what was changed in Buildium would be fetched first.")

    def replaced(self, buildium_id: int, merge: Merge, own: Collection[str]) -> Body:
        super().replaced(buildium_id, merge, own)
        self.tell(merge)
        return {}

    def carry(self, buildium_id: int, errands: list[Errand | Upload], merge: Merge, own: Collection[str]) -> None:
        if own and not any(isinstance(each, Errand) and each.whole for each in errands):
            super().replaced(buildium_id, merge, own)
        path, values = f"{self.resource.path}/{buildium_id}", update_body(self.resource, merge.values)
        below = f"{self.resource.below or self.resource.path}/{buildium_id}"
        carrier = IdleCarrier(self.resource, self.lease.entity_id, path, below, values, self.lane)
        carrier.buildium = self.withheld
        for errand in errands:
            carrier.carry(errand)
        self.tell(merge, said_of_errands(errands))

    def tell(self, merge: Merge, besides: Sequence[str] = ()) -> None:
        changes = changes_of(self.resource, self.seen, merge)
        erases = any(each.erases for each in changes)
        linked = self.linked["Id"] if self.linked else None
        outcome = Outcome.ERASE if erases else Outcome.CHANGE if self.linked is None else Outcome.LINK
        self.result = Rehearsed(outcome, said_of_changes(changes, besides, linked), changes)

    def agree(self, body: Body, *, sent: bool, keep: Collection[str] = ()) -> None:
        if self.linked and self.result.outcome is Outcome.NOTHING:
            said = (
                f"Would be linked to Buildium's record {self.linked['Id']}, which says the same. Would erase nothing."
            )
            self.result = Rehearsed(Outcome.LINK, said)


class IdleCarrier(Carrier):
    """Looks where an errand would look, and writes nothing down here."""

    def keep(self, write: Callable[[Any, Any], None], answer: Any) -> None:
        db.session.rollback()

    def upload(self, errand: Upload) -> None:
        """Both steps of an upload change something; the first is told, the second has no address yet."""
        if errand.physical_name is None:
            self.buildium.create(f"{self.below}/{errand.path}/uploads", {"FileName": errand.file_name}, self.lane)
