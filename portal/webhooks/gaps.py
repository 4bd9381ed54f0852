"""Changes that runs found and no webhook announced, and the silence of a subscription that was switched off.

Buildium suspends a subscription after twenty refused deliveries in a row, drops what happens meanwhile, and has no API
to look at subscriptions (MAPPING §8.1): that it is silent can only be told by what polling finds in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, text, update

from portal.database import affected, now
from portal.extensions import db
from portal.sync.drift_models import Announcement, Drift
from portal.webhooks.models import EventState, WebhookRefusal

# That long without an event, and that many changes found meanwhile that should have sent one.
SILENT_FOR, SILENT_AFTER = timedelta(hours=1), 3
LOOKED_BACK = timedelta(days=7)
REFUSED_LATELY = timedelta(days=1)
SUSPENDED_AFTER = 20  # refused deliveries in a row (MAPPING §8.1)

# An event that was handled before the listing was read can't have announced what the listing tells: its own fetch would
# have found it. One that is switched off here or was given up has announced it all the same.
MATCH = text(
    """
    update sync_drift as drift
    set announcement = case when found.created_at <= drift.judged_after then 'announced' else 'late' end,
        event_id = found.event_id, announced_at = found.created_at
    from (
      select open.id, event.id as event_id, event.created_at
      from (select * from sync_drift where announcement = 'awaited'
            union all
            select * from sync_drift where announcement = 'missed' and created_at > :since) as open
      cross join lateral (
        select id, created_at from buildium_webhook_events
        where entity_type = open.entity_type and buildium_entity_id = open.buildium_id
          and created_at >= coalesce(open.known_at, open.read_at - interval '1 day')
          and (processed_at is null or processed_at >= open.read_at or state = 'ignored')
          and (event_datetime is null or event_datetime <= open.read_at + interval '5 minutes')
        order by created_at limit 1
      ) as event
    ) as found
    where drift.id = found.id
    """
)

# The newest event of a kind is looked up state by state: so each look-up reads one entry of an index. Materialized, or
# it would be looked up for every finding.
SILENT = text(
    """
    with kinds as (
      select distinct entity_type from sync_drift where announcement = 'missed' and created_at > :since
    ), heard as materialized (
      select entity_type, (
        select max(newest.created_at) from unnest(cast(:states as text[])) as known(state)
        cross join lateral (
          select created_at from buildium_webhook_events
          where entity_type = kinds.entity_type and state = known.state order by created_at desc, id desc limit 1
        ) as newest
      ) as last_event from kinds
    )
    select heard.entity_type, heard.last_event, count(*) as number,
      min(drift.read_at) as first, max(drift.read_at) as last
    from heard join sync_drift as drift using (entity_type)
    where drift.announcement = 'missed' and drift.created_at > :since
      and (heard.last_event is null or drift.read_at > heard.last_event)
    group by heard.entity_type, heard.last_event
    order by number desc, heard.entity_type
    """
)


@dataclass(frozen=True)
class Silence:
    """A kind of record of which Buildium tells nothing any more: since `last_event`, or ever."""

    entity_type: str
    last_event: datetime | None
    number: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class Refusals:
    """Deliveries that were refused since the last one that was kept."""

    number: int
    reason: str
    last_at: datetime


def judge() -> int:
    """Say of every finding that waits whether a webhook has told of it; how many were missed. Commits."""
    moment = db.session.scalar(select(func.clock_timestamp()))
    assert moment
    db.session.execute(MATCH, {"since": moment - timedelta(days=1)})
    overdue = (Drift.announcement == Announcement.AWAITED.value, Drift.judged_after < moment)
    change = update(Drift).where(*overdue).values(announcement=Announcement.MISSED.value)
    missed = db.session.execute(change.execution_options(synchronize_session=False))
    db.session.commit()
    return affected(missed)


def has_missed() -> ColumnElement[bool]:
    """Whether there is anything for `silences` to look at."""
    recent = Drift.created_at > func.now() - LOOKED_BACK
    return select(Drift.id).where(Drift.announcement == Announcement.MISSED.value, recent).exists()


def has_refused() -> ColumnElement[bool]:
    """Whether there is anything for `refusals` to look at."""
    return select(WebhookRefusal.id).where(WebhookRefusal.last_at > func.now() - REFUSED_LATELY).exists()


def silences() -> Sequence[Silence]:
    """The kinds whose events have stopped while polls went on finding changes. One query."""
    moment = now()
    given: dict[str, Any] = {"since": moment - LOOKED_BACK, "states": [state.value for state in EventState]}
    found = [Silence(*row) for row in db.session.execute(SILENT, given)]
    return [
        each for each in found if each.number >= SILENT_AFTER and moment - (each.last_event or each.first) >= SILENT_FOR
    ]


def refusals(last_event: datetime | None) -> Refusals | None:
    """The refused deliveries since the last genuine one, where there are as many as suspend a subscription."""
    since = func.clock_timestamp() - REFUSED_LATELY
    recent = [WebhookRefusal.last_at > since]
    if last_event is not None:
        recent.append(WebhookRefusal.last_at > last_event)
    counted = select(
        WebhookRefusal.reason, func.sum(WebhookRefusal.number).label("number"), func.max(WebhookRefusal.last_at)
    )
    worst = db.session.execute(
        counted.where(*recent).group_by(WebhookRefusal.reason).order_by(func.sum(WebhookRefusal.number).desc()).limit(1)
    ).one_or_none()
    if worst is None or worst.number < SUSPENDED_AFTER:
        return None
    return Refusals(int(worst.number), worst.reason, worst[2])
