"""Reading one record from Buildium: itself, what lies below it, or all of its parent's at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from portal.buildium.errors import MissingError
from portal.buildium.limiter import Lane
from portal.extensions import db
from portal.sync.current import current_sync
from portal.sync.places import rows_of
from portal.sync.resource import Body, Resource


def asked_now() -> datetime:
    """The moment right before Buildium is asked: what has been learned since then is newer than its answer.

    By the database's clock, as those of two machines differ. Commits: no transaction is open while Buildium is asked.
    """
    moment: datetime = db.session.scalars(select(func.clock_timestamp())).one()
    db.session.commit()
    return moment


def read_at(place: Resource, buildium_id: int, lane: Lane) -> list[Body]:
    """The record, or all of its parent's with it among them. Raises MissingError where it isn't there."""
    if place.nested and place.nested.together:
        rows = list(rows_of(place, {}, lane))
        if not any(row["Id"] == buildium_id for row in rows):
            raise MissingError(f"{place.path} holds no {buildium_id}.", 404)
        return rows
    path = f"{place.path}/{buildium_id}"
    below = below_of(place, buildium_id)
    return [place.tagged(current_sync().buildium.get(path, lane)) | read_below(path, below, lane)]


def below_of(resource: Resource, buildium_id: int) -> dict[str, str]:
    """What is read beside our record, by the key under which its body will hold it."""
    if not resource.more:
        return {}
    record = db.session.scalar(select(resource.model).where(getattr(resource.model, resource.id_column) == buildium_id))
    below = {} if record is None else places_below(resource, record)
    db.session.rollback()
    return below


def places_below(resource: Resource, record: Any) -> dict[str, str]:
    """What is read beside a record of ours, where it has any: key → path after the record's own."""
    return {key: path for key, place in resource.more.items() if (path := place(record))}


def read_below(path: str, below: Mapping[str, str], lane: Lane) -> Body:
    """What lies below a record, by the key under which its body holds it; None for what is gone: a note may be deleted
    without its lease."""
    found: Body = {}
    for key, place in below.items():
        try:
            found[key] = current_sync().buildium.get(f"{path}/{place}", lane)
        except MissingError:
            found[key] = None
    return found
