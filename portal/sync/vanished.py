"""Concluding that records are gone in Buildium: only from a complete listing, and never too many at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import Text, cast, func, select

from portal.acting import Actor, Door, acting_as
from portal.buildium.errors import BuildiumError
from portal.buildium.limiter import Lane
from portal.extensions import db
from portal.sync.current import current_sync
from portal.sync.drift import write_gone
from portal.sync.log import because, log_failure
from portal.sync.models import SyncRun, SyncStatus
from portal.sync.page import Outcome
from portal.sync.pull import pull_one
from portal.sync.resource import Resource
from portal.sync.states import State

# More than this share of a kind vanishing at once is more likely a wrong key than a busy day.
MISSING_SHARE, MISSING_ALWAYS = 0.1, 20


def conclude_missing(run: SyncRun, resource: Resource, seen: Collection[int]) -> None:
    """Mark the records that a complete listing no longer contains. A suspicious number of them is reported, not
    believed. Commits."""
    known = select(SyncStatus.buildium_id).where(
        SyncStatus.entity_type == resource.name,
        SyncStatus.sync_status == State.SYNCED.value,
        SyncStatus.last_synced_at < run.started_at,
    )
    ours = {each for each in db.session.scalars(known) if each is not None}
    gone = sorted(ours - set(seen))
    if is_too_many(len(gone), len(ours)):
        run.error_message = too_many(len(gone), len(ours))
        db.session.commit()
        return
    confirm(run, resource, gone)


def conclude_inside(
    run: SyncRun, resource: Resource, parents: list[int], listed: Collection[int], began: datetime
) -> None:
    """The same for what these parents no longer list: each listing is complete, even if not every parent is asked."""
    gone = [each for each in known_inside(resource, parents, began) if each not in listed]
    if gone and is_too_many(run.missing + len(gone), count_synced(resource)):
        run.error_message = too_many(run.missing + len(gone), count_synced(resource))
        db.session.commit()
        return
    confirm(run, resource, gone)


def confirm(run: SyncRun, resource: Resource, absent: list[int]) -> None:
    """Ask for each of them by its id. While a listing is read page by page, a record deleted on an earlier page moves
    another one across the edge, which is then on no page at all. Raises BuildiumError."""
    read_at = datetime.now(UTC)
    db.session.commit()
    gone = [each for each in absent if pull_one(resource, each) is Outcome.MISSING]
    write_gone(run, resource, gone, read_at)
    run.missing += len(gone)
    run.calls += len(absent)
    db.session.commit()


def is_too_many(gone: int, known: int) -> bool:
    return gone > max(MISSING_ALWAYS, MISSING_SHARE * known)


def too_many(gone: int, known: int) -> str:
    return f"{gone} of {known} records were not in the listing: too many to believe, so none was marked as gone."


def known_inside(resource: Resource, parents: list[int], began: datetime) -> list[int]:
    """What we have in these parents, and had before they were asked."""
    nested = resource.nested
    if nested is None:
        return []
    outer, model = current_sync().resource(nested.resource), resource.model
    known = select(SyncStatus.buildium_id).join(model, SyncStatus.entity_id == cast(model.id, Text))
    known = known.join(outer.model, getattr(model, nested.attribute) == outer.model.id).where(
        getattr(outer.model, outer.id_column).in_(parents),
        SyncStatus.entity_type == resource.name,
        SyncStatus.sync_status == State.SYNCED.value,
        SyncStatus.last_synced_at < began,
    )
    return sorted(each for each in db.session.scalars(known) if each is not None)


def count_synced(resource: Resource) -> int:
    mine = (SyncStatus.entity_type == resource.name, SyncStatus.sync_status == State.SYNCED.value)
    return db.session.scalar(select(func.count()).select_from(SyncStatus).where(*mine)) or 0


def ask_again(entity_type: str, buildium_id: int) -> None:
    """Look whether Buildium has the record after all: then it comes back by itself. Commits."""
    with acting_as(Actor.machine(Door.IMPORT)), because(entity_type=entity_type, buildium_id=buildium_id):
        try:
            pull_one(current_sync().resource(entity_type), buildium_id, Lane.PEOPLE)
        except BuildiumError as error:
            db.session.rollback()
            log_failure("not asked again", entity_type=entity_type, buildium_id=buildium_id, error=error)
