"""What an event is about: a record that the portal keeps, or nothing for it to do, which is then said on the event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from portal.extensions import db
from portal.sync.current import current_sync
from portal.sync.models import BuildiumConnection, SyncPause
from portal.sync.resource import Resource
from portal.web.formats import moment
from portal.webhooks.models import EventState, EventSwitch, WebhookEvent, Why
from portal.webhooks.scope import why_ignored


@dataclass(frozen=True)
class Rules:
    """What holds for a batch: the account we work for, the kinds whose fetching is paused, and what is switched off,
    by the event's name: why, in words."""

    account: int | None
    paused: frozenset[str]
    off: Mapping[str, str]

    def hold_back(self, resource: Resource) -> bool:
        return bool(self.paused & {"*", resource.name})


def rules() -> Rules:
    """As they are now. Three queries of a few rows each."""
    switched_off = db.session.scalars(select(EventSwitch))
    return Rules(
        db.session.scalar(select(BuildiumConnection.account_id)),
        frozenset(db.session.scalars(select(SyncPause.entity_type).where(SyncPause.direction == "pull"))),
        {each.event_name: words_of(each) for each in switched_off},
    )


def words_of(switch: EventSwitch) -> str:
    return f"Switched off by {switch.switched_off_by or 'somebody'} on {moment(switch.created_at)}."


def target_of(event: WebhookEvent, rules: Rules) -> tuple[Resource, int] | None:
    """The record an event is about; None where it is about none of ours, or switched off. Does not commit."""
    payload: Any = event.event_data
    name = event.event_type or ""
    prefix, _, _ = name.rpartition(".")
    resource = current_sync().resources.by_event.get(prefix)
    if not isinstance(payload, dict):
        ignore(event, Why.UNREADABLE, "The body is no event: it can't be read as a JSON object.")
    elif rules.account is not None and event.account_id != rules.account:
        ignore(event, Why.ACCOUNT, f"Sent for account {event.account_id}, but we work for {rules.account}.")
    elif name in rules.off:
        ignore(event, Why.OFF, rules.off[name])
    elif resource is None:
        ignore(event, Why.SCOPE, why_ignored(prefix))
    else:
        buildium_id = payload.get(resource.events[prefix])
        if isinstance(buildium_id, int) and 0 < buildium_id < 2**31:
            return resource, buildium_id
        ignore(event, Why.NAMELESS, f"The event holds no usable {resource.events[prefix]}.")
    return None


def ignore(event: WebhookEvent, why: Why, reason: str) -> None:
    event.state, event.why, event.reason, event.processed = EventState.IGNORED.value, why.value, reason, True
    event.error_message, event.next_attempt_at, event.effect = None, None, None
    event.processed_at = func.clock_timestamp()
