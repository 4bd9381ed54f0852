"""The seeds' functions about events and bodies, under the seeds' names, for people who know those.

The seeds gave them SQL bodies and Buildium's older vocabulary; what they mean is done by the sync itself (PRODUCT.md).
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal.buildium.limiter import Lane
from portal.extensions import db
from portal.sync.bodies import create_body, ours
from portal.sync.current import current_sync
from portal.sync.identities import Identities
from portal.sync.models import SyncStatus
from portal.sync.page import Outcome
from portal.sync.places import place_of
from portal.sync.pull import pull_listed, pull_one
from portal.sync.resource import Body
from portal.webhooks.models import WebhookEvent
from portal.webhooks.process import drain
from portal.webhooks.scope import why_ignored


def map_to_buildium(name: str, record_id: UUID | int) -> Body:
    """The request that would create this record in Buildium. Raises sqlalchemy.exc.NoResultFound for an unknown id."""
    resource = current_sync().resource(name)
    record = db.session.get_one(resource.model, record_id)
    ids = Identities()
    place = place_of(resource, record, ids)
    return place.request(record, place.path, create_body(place, ours(place, record, ids)), ids)[1]


def map_property_to_buildium(property_id: UUID) -> Body:
    return map_to_buildium("property", property_id)


def map_unit_to_buildium(unit_id: UUID) -> Body:
    return map_to_buildium("unit", unit_id)


def map_owner_to_buildium(owner_id: UUID) -> Body:
    return map_to_buildium("owner", owner_id)


def map_vendor_to_buildium(vendor_id: UUID) -> Body:
    return map_to_buildium("vendor", vendor_id)


def map_task_to_buildium(task_id: UUID) -> Body:
    return map_to_buildium("task", task_id)


def map_work_order_to_buildium(work_order_id: UUID) -> Body:
    return map_to_buildium("work_order", work_order_id)


def map_lease_to_buildium(lease_id: int) -> Body:
    return map_to_buildium("lease", lease_id)


def map_bill_to_buildium(bill_id: UUID) -> Body:
    return map_to_buildium("bill", bill_id)


def update_buildium_sync_status(entity_type: str, entity_id: str, buildium_id: int | None, status: str) -> None:
    """Say by hand how a record stands against Buildium, as after a migration of old data. Commits."""
    values = {"buildium_id": buildium_id, "sync_status": status}
    row = insert(SyncStatus).values(entity_type=entity_type, entity_id=entity_id, **values)
    db.session.execute(row.on_conflict_do_update(index_elements=["entity_type", "entity_id"], set_=values))
    db.session.commit()


def process_buildium_webhook_event(event_id: str, event_type: str, event_data: dict[str, Any]) -> str:
    """Keep an event as if it had arrived, handle what is due, and return the event's state. Commits."""
    raw = json.dumps(event_data).encode()
    row = insert(WebhookEvent).values(
        event_id=event_id,
        event_type=event_type,
        event_data=event_data,
        raw_body=raw,
        account_id=event_data.get("AccountId"),
    )
    db.session.execute(row.on_conflict_do_nothing(index_elements=["event_id"]))
    db.session.commit()
    drain()
    return db.session.scalars(select(WebhookEvent.state).where(WebhookEvent.event_id == event_id)).one()


def handle_property_webhook_update(buildium_id: int) -> Outcome:
    return pull_one(current_sync().resource("property"), buildium_id)


def handle_unit_webhook_update(buildium_id: int) -> Outcome:
    return pull_one(current_sync().resource("unit"), buildium_id)


def handle_owner_webhook_update(buildium_id: int) -> Outcome:
    """Buildium announces no change of a rental owner (MAPPING §12); whoever knows of one can say so here."""
    return pull_one(current_sync().resource("owner"), buildium_id)


def handle_task_status_webhook(buildium_id: int) -> Outcome:
    """Fetch the task and its history: a new status is an entry there, too."""
    outcome = pull_one(current_sync().resource("task"), buildium_id)
    if outcome is not Outcome.MISSING:
        history = current_sync().resource("task_history")
        pull_listed(history.inside(buildium_id), {}, Lane.PEOPLE)
    return outcome


def handle_lease_payment_webhook(transaction_id: int) -> str:
    """What the portal does about a payment or a charge on a lease: it says why there is nothing to fetch, as the inbox
    does when it acknowledges the event (MAPPING §8.6, §12)."""
    words = why_ignored("LeaseTransaction")
    return f"Payment or charge {transaction_id}: {words[0].lower()}{words[1:]}"
