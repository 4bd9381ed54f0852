"""Finding a record in Buildium after a create whose outcome is unknown (MAPPING §9)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from portal.buildium.limiter import Lane
from portal.extensions import db
from portal.sync.models import SyncStatus
from portal.sync.page import expanded
from portal.sync.places import rows_of
from portal.sync.resource import Body, Resource


def candidates(resource: Resource, sent: Body, lane: Lane) -> list[Body]:
    """Records at Buildium that are what `sent` would have made, and that no local record claims."""
    search = resource.search
    if search is None:
        return []
    # A row may hold others: a ledger account its sub accounts.
    found = expanded(resource, list(rows_of(resource, dict(search.query(sent)), lane)))
    alike = [body for body in found if search.same(sent, body)]
    claimed = claimed_ids(resource, [body["Id"] for body in alike])
    return [body for body in alike if body["Id"] not in claimed]


def claimed_ids(resource: Resource, buildium_ids: Iterable[int]) -> set[int]:
    rows = select(SyncStatus.buildium_id).where(
        SyncStatus.entity_type == resource.name, SyncStatus.buildium_id.in_(list(buildium_ids))
    )
    return {each for each in db.session.scalars(rows) if each is not None}


def summary(body: Body) -> Body:
    """What a person needs to tell candidates apart."""
    named = (
        *(
            "Id",
            "Name",
            "UnitNumber",
            "FirstName",
            "LastName",
            "CompanyName",
            "Email",
            "PropertyId",
            "Address",
            "Title",
        ),
        *("Date", "DueDate", "ReferenceNumber", "EntryDate", "CheckNumber", "Memo", "LeaseFromDate", "LeaseToDate"),
    )
    return {key: body[key] for key in named if body.get(key)}
