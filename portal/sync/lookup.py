"""Finding a record in Buildium after a create whose outcome is unknown (MAPPING §9)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.buildium.limiter import Lane
from portal.extensions import db
from portal.sync.bodies import disguise_body
from portal.sync.models import SyncStatus
from portal.sync.page import expanded
from portal.sync.places import rows_of
from portal.sync.resource import Body, Direction, Resource, Search

CLOCKS_APART = timedelta(minutes=5)
TELLING = (
    "Id", "Name", "UnitNumber", "FirstName", "LastName", "CompanyName", "Email", "PropertyId", "Address", "Title",
    "Date", "DueDate", "ReferenceNumber", "EntryDate", "CheckNumber", "Memo", "LeaseFromDate", "LeaseToDate",
)  # fmt: skip


def candidates(resource: Resource, sent: Body, lane: Lane, sent_at: datetime | None) -> list[Body]:
    """Records at Buildium that are what `sent` would have made (then, if it was sent), and that none of ours claims."""
    search = resource.search
    if search is None:
        return []
    # A row may hold others: a ledger account its sub accounts.
    found = expanded(resource, list(rows_of(resource, dict(search.query(sent)), lane)))
    twins = [body for body in found if is_alike(resource, sent, body) and not is_older(search, body, sent_at)]
    claimed = claimed_ids(resource, [body["Id"] for body in twins])
    return [body for body in twins if body["Id"] not in claimed]


def is_alike(resource: Resource, sent: Body, body: Body) -> bool:
    """Whether the create would make what `body` is; of one that was sent, only fingerprints of secrets are kept."""
    secrets, search = resource.secrets, resource.search
    return search is not None and search.same(disguise_body(sent, secrets), disguise_body(body, secrets))


def looked_for(resource: Resource, body: Body, sent: Body | None) -> Body:
    """The create to be found: as it was sent, whatever was edited since (`body` is the record as it is now). A child
    that went inside its parent's create couldn't name its parent then."""
    if sent is None:
        return body
    parents = {
        item.remote
        for item in resource.fields
        if item.refers_to and item.required and item.direction is Direction.CREATE
    }
    return {key: body[key] for key in parents if key in body} | sent


def noted_creates(resource: Resource, ids: Iterable[str]) -> dict[str, Body]:
    """What was last sent for those of our records whose create may have happened, by id."""
    mine = (SyncStatus.entity_type == resource.name, SyncStatus.entity_id.in_(list(ids)))
    noted = (SyncStatus.last_post_attempt_at.is_not(None), SyncStatus.last_post_body.is_not(None))
    rows = db.session.execute(select(SyncStatus.entity_id, SyncStatus.last_post_body).where(*mine, *noted))
    return {row.entity_id: row.last_post_body for row in rows}


def is_older(search: Search, body: Body, sent_at: datetime | None) -> bool:
    made = search.made(body) if search.made else None
    return made is not None and sent_at is not None and made < sent_at - CLOCKS_APART


def claimed_ids(resource: Resource, buildium_ids: Iterable[int]) -> set[int]:
    rows = select(SyncStatus.buildium_id).where(
        SyncStatus.entity_type == resource.name, SyncStatus.buildium_id.in_(list(buildium_ids))
    )
    return {each for each in db.session.scalars(rows) if each is not None}


def summary(body: Body) -> Body:
    """What a person needs to tell candidates apart."""
    return {key: body[key] for key in TELLING if body.get(key)}
