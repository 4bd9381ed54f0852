"""Creates of ours that may have been made: what comes from Buildium meanwhile may be one of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from portal.extensions import db
from portal.sync.bodies import create_body, ours
from portal.sync.current import current_sync
from portal.sync.identities import Identities
from portal.sync.lookup import is_alike, looked_for, noted_creates
from portal.sync.matching import under_review
from portal.sync.models import SyncStatus
from portal.sync.page import Page
from portal.sync.places import place_of
from portal.sync.resource import Body, Resource
from portal.sync.states import State


def is_being_created(page: Page, body: Body) -> bool:
    """Whether a record of ours without a Buildium id may be this one, its create being under way or unknown."""
    if page.unsettled is None:
        page.unsettled = unsettled_creates(page.resource)
    return any(
        all(body.get(key) == value for key, value in place.tag.items()) and is_alike(place, sent, body)
        for place, sent in page.unsettled
    )


def unsettled_creates(kind: Resource) -> list[tuple[Resource, Body]]:
    """The creates of ours that may have been made: the place of each, and what it says or said."""
    if kind.search is None:
        return []
    unsettled = (State.SYNCING.value, State.UNCERTAIN.value, State.BLOCKED.value, State.PENDING.value)
    # A create that was noted may have happened, also where its look-up was refused and the row waits for a person.
    open_ones = SyncStatus.sync_status.in_(unsettled) | SyncStatus.last_post_attempt_at.is_not(None)
    reviewed = under_review(SyncStatus.entity_type, SyncStatus.entity_id)
    rows = select(SyncStatus.entity_id).where(
        SyncStatus.entity_type == kind.name, SyncStatus.buildium_id.is_(None), open_ones, ~reviewed
    )
    with db.session.no_autoflush:
        keys = db.session.scalars(rows).all()
        said, ids = noted_creates(kind, keys), Identities()
        mine = [(db.session.get(kind.model, key), said.get(key)) for key in keys]
        return [would_make(kind, record, sent, ids) for record, sent in mine if record is not None]


def would_make(kind: Resource, record: Any, said: Body | None, ids: Identities) -> tuple[Resource, Body]:
    """Where the create of our record makes, or has made (it `said`), something, and what."""
    place = place_of(current_sync().resource(kind.name), record, ids)
    _, sent = place.request(record, place.path, create_body(place, ours(place, record, ids)), ids)
    return place, looked_for(place, sent, said)
