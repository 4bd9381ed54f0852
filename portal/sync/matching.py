"""Records that arrive from Buildium beside rows that were here first: which may be the same is for a person to say.

Nothing is imported a second time while that is open, nor what belongs to it: that would have to be undone by hand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from portal.extensions import db
from portal.sync.adoption_models import Adoption, Deferred, Match
from portal.sync.bodies import Values, ours, snapshot_of, theirs
from portal.sync.current import current_sync
from portal.sync.identities import Identities
from portal.sync.likeness import Key
from portal.sync.models import SyncStatus
from portal.sync.places import place_of
from portal.sync.resource import Body, Resource

if TYPE_CHECKING:
    from portal.sync.page import Page

OPEN = ("waiting", "review")
REVIEW, PARENT = "review", "parent"
Name = tuple[str, int]


@dataclass(frozen=True)
class Mine:
    """A row of ours that nobody has decided about."""

    adoption_id: UUID
    name: str
    values: Values


@dataclass
class Undecided:
    """The rows of ours of one kind that nobody has decided about, by what a candidate would share with them."""

    by_key: dict[Key, list[Mine]] = field(default_factory=lambda: defaultdict(list))

    def alike(self, kind: Resource, body: Body) -> list[Mine]:
        if kind.likeness is None:
            return []
        found = [each for key in kind.likeness.keys(theirs(kind, body)) for each in self.by_key.get(key, ())]
        return list({each.adoption_id: each for each in found}.values())


def undecided(kind: Resource) -> Undecided:
    """One query where there are none; in the portal's daily life that is always so."""
    found = Undecided()
    rows = select(Adoption).where(Adoption.entity_type == kind.name, Adoption.state.in_(OPEN))
    with db.session.no_autoflush:
        adoptions = {each.entity_id: each for each in db.session.scalars(rows)} if kind.likeness else {}
        if kind.likeness is None or not adoptions:
            return found
        mine = select(kind.model).where(
            kind.model.id.in_(list(adoptions)), getattr(kind.model, kind.id_column).is_(None)
        )
        ids = Identities()
        for record in db.session.scalars(mine):
            place = place_of(current_sync().resource(kind.name), record, ids)
            if place.path != kind.path and not kind.nested:
                continue
            values = ours(place, record, ids)
            for key in kind.likeness.keys(values):
                found.by_key[key].append(Mine(adoptions[str(record.id)].id, str(record)[:255], values))
    return found


def may_be_ours(page: Page, body: Body) -> bool:
    """Whether a person has to say first if what arrives is a row that was here before it. Does not commit."""
    if page.undecided is None:
        page.undecided = undecided(page.resource)
    return is_for_review(page.resource, body, page.undecided)


def is_for_review(kind: Resource, body: Body, waiting: Undecided) -> bool:
    """Whether Buildium's record may be a row of ours; then that is written down, to be shown. Does not commit."""
    found = waiting.alike(kind, body)
    for each in found:
        evidence = kind.likeness.evidence(each.values, theirs(kind, body)) if kind.likeness else []
        values = {
            "entity_type": kind.name, "buildium_id": body["Id"], "body": snapshot_of(kind, body), "evidence": evidence,
            "is_strong": all(one["same"] for one in evidence),
        }  # fmt: skip
        kept = insert(Match).values({"id": uuid4(), "adoption_id": each.adoption_id, **values})
        keys = ["adoption_id", "buildium_id"]
        db.session.execute(kept.on_conflict_do_update(index_elements=keys, set_=values))
        mine = update(Adoption).where(Adoption.id == each.adoption_id, Adoption.state.in_(OPEN))
        db.session.execute(
            mine.values(state="review", record_name=each.name).execution_options(synchronize_session=False)
        )
        say_why(each.adoption_id)
    return bool(found)


def say_why(adoption_id: UUID) -> None:
    """On the record itself, why it isn't sent."""
    mine = select(Adoption.entity_type, Adoption.entity_id).where(Adoption.id == adoption_id)
    words = {"cause": "awaiting review", "error_message": REVIEW_WORDS}
    row = tuple_(SyncStatus.entity_type, SyncStatus.entity_id).in_(mine)
    blocked = update(SyncStatus).where(row, SyncStatus.sync_status == "blocked")
    db.session.execute(blocked.values(words).execution_options(synchronize_session=False))


def deferred(names: Iterable[Name]) -> set[Name]:
    """Which of these records in Buildium (kind, id) are not imported yet because of a review."""
    wanted = list(names)
    if not wanted:
        return set()
    rows = select(Deferred.entity_type, Deferred.buildium_id)
    mine = tuple_(Deferred.entity_type, Deferred.buildium_id).in_(wanted)
    return {(row.entity_type, row.buildium_id) for row in db.session.execute(rows.where(mine))}


def defer(kind: Resource, why: dict[int, str]) -> None:
    """Write down what of a page isn't imported, and why. Does not commit."""
    rows = [{"id": uuid4(), "entity_type": kind.name, "buildium_id": each, "why": why[each]} for each in sorted(why)]
    if rows:
        kept = insert(Deferred).values(rows)
        reason = {"why": kept.excluded.why}
        db.session.execute(kept.on_conflict_do_update(index_elements=["entity_type", "buildium_id"], set_=reason))


def arrived_after_all(kind: Resource, buildium_ids: Iterable[int]) -> None:
    """What was imported waits no more. Does not commit."""
    gone = (Deferred.entity_type == kind.name, Deferred.buildium_id.in_(list(buildium_ids)))
    db.session.execute(delete(Deferred).where(*gone))


def waits_for(entity_type: str, entity_id: str) -> str:
    """Why our record isn't created yet, in words; "" where nothing is open about it."""
    mine = (Adoption.entity_type == entity_type, Adoption.entity_id == entity_id, Adoption.state.in_(OPEN))
    state = db.session.scalar(select(Adoption.state).where(*mine))
    return "" if state is None else REVIEW_WORDS if state == "review" else IMPORT_WORDS


def under_review(entity_type: Any, entity_id: Any) -> ColumnElement[bool]:
    """Whether a person has decided, or will, if the row is a record in Buildium: then it is no create that may be under
    way there."""
    mine = (Adoption.entity_type == entity_type, Adoption.entity_id == entity_id)
    return select(Adoption.id).where(*mine, Adoption.state.in_((*OPEN, "different"))).exists()


def open_ids(entity_type: str, ids: Iterable[Any]) -> set[str]:
    """Which of these records of ours nobody has decided about."""
    mine = (Adoption.entity_type == entity_type, Adoption.state.in_(OPEN))
    wanted = Adoption.entity_id.in_([str(each) for each in ids])
    return set(db.session.scalars(select(Adoption.entity_id).where(*mine, wanted)))


REVIEW_WORDS = "It may be in Buildium already. Somebody has to say whether it is one of the records that look like it."
IMPORT_WORDS = "It was here before the import, and may be in Buildium already: it is compared before it is created."
