"""Where at Buildium a record is: most resources are one collection, some are several, some lie inside a parent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, func, select, update

from portal.buildium.limiter import Lane
from portal.extensions import db
from portal.sync.current import current_sync
from portal.sync.identities import Identities
from portal.sync.models import SyncStatus
from portal.sync.resource import Body, Resource

SAME_MOMENT = timedelta(seconds=5)  # Buildium's times have no fractions of a second, and clocks differ


def place_of(resource: Resource, record: Any, ids: Identities) -> Resource:
    """The resource as it is for one record of ours. A parent without a Buildium id leaves the path open."""
    if resource.kinds:
        return resource.of_kind(getattr(record, resource.kinds.attribute))
    if resource.nested:
        parent = ids.remote(resource.nested.resource, getattr(record, resource.nested.attribute))
        return resource if parent is None else resource.inside(parent)
    return resource


def places_by_id(resource: Resource, buildium_id: int, hint: Body, lane: Lane) -> list[Resource]:
    """Where the record with this Buildium id may be read. `hint` is what an event said besides the id.

    Several places where one record there is several here (a payment of several bills); none where nobody knows.
    Raises BuildiumError where Buildium has to be asked and can't.
    """
    if resource.kinds:
        return [resource.of_kind(kind_by_id(resource, buildium_id, hint, lane))]
    if resource.nested:
        named = hint.get(resource.nested.key)
        parents = named if isinstance(named, list) else [named]
        known = [each for each in parents if isinstance(each, int)] or known_parents(resource, buildium_id)
        return [resource.inside(each) for each in known]
    return [resource]


def kind_by_id(resource: Resource, buildium_id: int, hint: Body, lane: Lane) -> str:
    kinds = resource.kinds
    if kinds is None:
        raise LookupError(f"{resource.name} has no kinds")
    told = hint.get(kinds.key)
    if told not in kinds.paths:
        mine = getattr(resource.model, resource.id_column) == buildium_id
        told = db.session.scalar(select(getattr(resource.model, kinds.attribute)).where(mine))
        db.session.rollback()
    if told not in kinds.paths:
        told = current_sync().buildium.get(f"{kinds.every}/{buildium_id}", lane).get(kinds.key)
    return str(told) if told in kinds.paths else next(iter(kinds.paths))


def known_parents(resource: Resource, buildium_id: int) -> list[int]:
    """The parents, by their Buildium ids, of our records that are this one."""
    nested = resource.nested
    if nested is None:
        return []
    parent = current_sync().resource(nested.resource)
    joined = getattr(resource.model, nested.attribute) == parent.model.id
    mine = getattr(resource.model, resource.id_column) == buildium_id
    found = select(getattr(parent.model, parent.id_column)).join(resource.model, joined).where(mine)
    return [each for each in db.session.scalars(found) if each is not None]


def listings(resource: Resource) -> list[Resource]:
    """The collections that together list every record; a nested one has a listing in each parent."""
    return [resource.of_kind(kind) for kind in resource.kinds.paths] if resource.kinds else [resource]


def parents_after(resource: Resource, last: int, limit: int) -> list[int]:
    """The next parents to ask for their listings, by ascending Buildium id."""
    return list(db.session.scalars(asked_parents(resource, last).limit(limit)))


def count_parents(resource: Resource) -> int:
    return db.session.scalar(select(func.count()).select_from(asked_parents(resource, 0).subquery())) or 0


def asked_parents(resource: Resource, last: int) -> Any:
    nested = resource.nested
    if nested is None:
        raise LookupError(f"{resource.name} lies in no parent")
    parent = current_sync().resource(nested.resource)
    column = getattr(parent.model, parent.id_column)
    found = select(column).where(column > last).order_by(column)
    found = found.where(nested.asked()) if nested.asked else found
    if not nested.as_of:
        return found
    listed = (SyncStatus.listed_for >= getattr(parent.model, nested.as_of), *row_of(parent))
    return found.where(~select(SyncStatus.id).where(*listed).exists())


def row_of(resource: Resource) -> tuple[ColumnElement[bool], ...]:
    return SyncStatus.entity_type == resource.name, SyncStatus.entity_id == cast(resource.model.id, Text)


def changes_of(resource: Resource, parents: Sequence[int]) -> dict[UUID, datetime]:
    """When each parent changed last, as far as that is known: by the id of its outbox row. To be asked before its
    listing is."""
    nested = resource.nested
    if nested is None or not nested.as_of:
        return {}
    parent = current_sync().resource(nested.resource)
    changed = getattr(parent.model, nested.as_of)
    mine = getattr(parent.model, parent.id_column).in_(parents)
    found = select(SyncStatus.id, changed).join(parent.model, and_(*row_of(parent))).where(mine, changed.is_not(None))
    return {key: at for key, at in db.session.execute(found)}


def note_listed(changes: Mapping[UUID, datetime], read_at: datetime) -> None:
    """What lies inside these parents was here when it was `read_at`, as of those changes; where that was the same
    moment, there may be another change of it. Does not commit."""
    rows = [{"id": key, "listed_for": at} for key, at in changes.items() if at < read_at - SAME_MOMENT]
    if rows:
        db.session.execute(update(SyncStatus), rows)


def rows_of(resource: Resource, query: Body, lane: Lane) -> Iterator[Body]:
    """Every row of a listing, saying by which place it was read."""
    rows = current_sync().buildium.rows(resource.path, {**resource.query, **query}, lane, paged=resource.paged)
    return (resource.tagged(row) for row in rows)
