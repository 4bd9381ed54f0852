"""What a person says about a row that was here first: it is this record in Buildium, or it is none of them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import aliased

from portal.database import now
from portal.extensions import db
from portal.sync.adoption import are_new
from portal.sync.adoption_models import Adoption, Deferred, Match
from portal.sync.bodies import assign, merged, ours, secret_remotes, theirs
from portal.sync.current import current_sync
from portal.sync.decisions import OURS, THEIRS
from portal.sync.identities import Identities
from portal.sync.merge import Merge
from portal.sync.models import SyncRun, SyncStatus
from portal.sync.outbox import from_buildium, wake
from portal.sync.places import place_of
from portal.sync.resolve import to_send
from portal.sync.resource import Body, Resource, put
from portal.sync.runs import Kind, begin
from portal.sync.states import Event, TransitionError

ASK = "ask"
AT_ONCE = 200
DECIDED = "Somebody has decided about this record meanwhile."


def link(adoption: Adoption, buildium_id: int, side: str, by: str) -> None:
    """Our row is that record. Where both say something different, `side` is kept: “ours”, “theirs”, or “ask” for a
    conflict to be decided field by field; a value that only one side has stays in any case. Raises TransitionError
    where that can't be. Does not commit."""
    kind = current_sync().resource(adoption.entity_type)
    found = db.session.scalar(select(Match).where(Match.adoption_id == adoption.id, Match.buildium_id == buildium_id))
    if adoption.state != "review" or found is None:
        raise TransitionError(DECIDED)
    taken = select(kind.model.id).where(getattr(kind.model, kind.id_column) == buildium_id)
    if kind.nested is None and db.session.scalar(taken.limit(1)) is not None:
        raise TransitionError(f"Buildium’s record {buildium_id} belongs to another record here by now.")
    tie(kind, adoption, found.body, side)
    adoption.state, adoption.buildium_id = "linked", buildium_id
    adoption.decided_by, adoption.decided_at = by, now()
    others = (Match.entity_type == kind.name, Match.buildium_id == buildium_id, Match.adoption_id != adoption.id)
    db.session.execute(delete(Match).where(*others))
    db.session.execute(delete(Deferred).where(Deferred.entity_type == kind.name, Deferred.buildium_id == buildium_id))
    db.session.flush()


def tie(kind: Resource, adoption: Adoption, body: Body, side: str) -> None:
    """The record and its outbox row get the id; what they are compared with next is empty but for the chosen side."""
    record = db.session.get_one(kind.model, adoption.entity_id)
    row = row_of(adoption)
    ids = Identities()
    place = place_of(kind, record, ids)
    base: Body = {"Id": body["Id"]}
    merge = merged(place, base, ours(place, record, ids), body)
    with from_buildium(db.session):
        setattr(record, kind.id_column, body["Id"])
        if side == THEIRS:
            answer, secret = theirs(place, body), secret_remotes(place)
            assign(place, record, {}, {key: answer[key] for key in merge.conflicts if key not in secret}, ids)
    if side == OURS:
        base = agreed(place, merge, base)
    row.buildium_id, row.remote_snapshot, row.remote_hash = body["Id"], base, None
    to_send(row, Event.LINKED)


def agreed(kind: Resource, merge: Merge, base: Body) -> Body:
    """As if both sides had agreed on Buildium's values: then ours are the newer ones."""
    found = deepcopy(base)
    for item in kind.fields:
        if item.remote in merge.conflicts and not callable(item.read):
            put(found, item.read or item.remote, merge.conflicts[item.remote].theirs)
    return found


def different(adoption: Adoption, by: str) -> None:
    """Our row is none of them: it is created in Buildium, and theirs are imported. Raises TransitionError. Does not
    commit."""
    kind = current_sync().resource(adoption.entity_type)
    if adoption.state != "review":
        raise TransitionError(DECIDED)
    if kind.matched:
        raise TransitionError("Buildium takes a name only once here: link it, or give ours another name first.")
    are_new(kind, [adoption.entity_id])
    adoption.state, adoption.decided_by, adoption.decided_at = "different", by, now()
    db.session.flush()


def revisit(adoption: Adoption) -> None:
    """Back to the review, as long as it wasn't created in Buildium. Raises TransitionError. Does not commit."""
    row = row_of(adoption)
    if adoption.state != "different" or row.buildium_id is not None or row.last_post_attempt_at is not None:
        raise TransitionError("It was sent to Buildium already.")
    adoption.state, adoption.decided_by, adoption.decided_at = "review", None, None


def numbers_unambiguous() -> dict[str, int]:
    """How many can be linked at once, by kind. One query."""
    rows = unambiguous().with_only_columns(Adoption.entity_type, func.count()).group_by(Adoption.entity_type)
    return {name: number for name, number in db.session.execute(rows)}


def unambiguous(entity_type: str = "") -> Any:
    """Rows of a kind that one record in Buildium is like, in everything that is known, and that alone is like it."""
    other = aliased(Match)
    rivals = select(other.id).where(
        Match.id != other.id,
        (other.adoption_id == Match.adoption_id)
        | ((other.entity_type == Match.entity_type) & (other.buildium_id == Match.buildium_id)),
    )
    mine = [Adoption.state == "review", Match.is_strong]
    mine += [Adoption.entity_type == entity_type] if entity_type else []
    return select(Adoption, Match).join(Match, Match.adoption_id == Adoption.id).where(*mine, ~rivals.exists())


def number_unambiguous(entity_type: str) -> int:
    return db.session.scalar(select(func.count()).select_from(unambiguous(entity_type).subquery())) or 0


def link_unambiguous(entity_type: str, side: str, by: str) -> tuple[int, dict[str, int]]:
    """Link so many at once as a person can wait for: how many, and why how many weren't. Does not commit."""
    linked, skipped = 0, dict[str, int]()
    for adoption, match in db.session.execute(unambiguous(entity_type).limit(AT_ONCE)).all():
        try:
            link(adoption, match.buildium_id, side, by)
            linked += 1
        except TransitionError as error:
            skipped[str(error)] = skipped.get(str(error), 0) + 1
    return linked, skipped


def go_on(adoption: Adoption, by: str) -> None:
    """Commit a decision; send what is to be sent, and import what waited for it."""
    entity_type, entity_id = adoption.entity_type, adoption.entity_id
    db.session.commit()
    wake(entity_type, entity_id, "people")
    import_again(entity_type, by)


def import_again(entity_type: str, by: str) -> None:
    """Listings are read once more from this kind on, unless that is about to happen. Commits."""
    names = [each.name for each in current_sync().resources.ordered]
    wanted = names[names.index(entity_type) :]
    queued = (SyncRun.kind == Kind.IMPORT.value, SyncRun.state == "queued", SyncRun.entity_type == entity_type)
    soon = db.session.scalar(select(SyncRun.id).where(*queued).limit(1))
    db.session.rollback()
    if soon is None:
        begin(Kind.IMPORT, wanted, by, again=True)


def row_of(adoption: Adoption) -> SyncStatus:
    mine = (SyncStatus.entity_type == adoption.entity_type, SyncStatus.entity_id == adoption.entity_id)
    return db.session.scalars(select(SyncStatus).where(*mine).with_for_update()).one()
