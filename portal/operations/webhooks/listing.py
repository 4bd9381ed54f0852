"""The inbox as people see it: what Buildium sent, and what came of it. The pages of one event, of switches and of
replays are modules of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import render_template, request
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import defer

from portal.extensions import db
from portal.operations.blueprint import operations
from portal.operations.counts import ALL
from portal.operations.keeping.kept import EVENTS_KEPT, kept
from portal.operations.lists import STATE, Listing, is_integer, read_list
from portal.operations.words import EVENT_WORDS, kinds
from portal.sync.current import current_sync
from portal.web.access import Permission, requires
from portal.web.filters import Choice, Words
from portal.web.formats import moment
from portal.webhooks.models import EventState, Replay, WebhookEvent, Why

REPLAYED = "replayed"  # however it ended since
IS_REPLAYED = WebhookEvent.replayed_at.is_not(None)

TABS: Mapping[str, str] = {
    **{
        state.value: EVENT_WORDS[state]
        for state in (
            EventState.DEAD, EventState.FAILED, EventState.RECEIVED, EventState.PROCESSED, EventState.ECHO,
            EventState.COALESCED, EventState.IGNORED,
        )
    },
    REPLAYED: "Handled again on request",
}  # fmt: skip

WHY_WORDS: Mapping[str, str] = {
    Why.OFF.value: "Switched off here",
    Why.SCOPE.value: "Nothing the portal keeps",
    Why.ACCOUNT.value: "Sent for another account",
    Why.UNREADABLE.value: "Can’t be read",
    Why.NAMELESS.value: "Names no record",
    Why.FOREIGN.value: "Not a record of ours",
    Why.REVIEW.value: "It waits for a review of its match",
}


def sought(text: str) -> ColumnElement[bool]:
    """The Buildium id of the record, or the id that the portal gave the event."""
    if is_integer(text):
        known = WebhookEvent.entity_type.in_(current_sync().resources.by_name)
        return known & (WebhookEvent.buildium_entity_id == int(text))
    return WebhookEvent.event_id == text.lower()


def in_state(name: str) -> ColumnElement[bool]:
    return IS_REPLAYED if name == REPLAYED else WebhookEvent.state == name


@dataclass(frozen=True)
class OfReplay:
    """Those that one replay has released: set by a link, shown as a chip, not asked for."""

    name: str = "replay"
    label: str = "Replay"
    field: str = "of"
    rare: bool = False

    def read(self, raw: str) -> UUID:
        return UUID(raw)

    def words(self, value: UUID) -> str:
        found = db.session.get(Replay, value)
        return f"asked for by {found.requested_by}, {moment(found.created_at)}" if found else "one that is gone"

    def where(self, value: UUID) -> ColumnElement[bool]:
        return WebhookEvent.replay_id == value


EVENTS = Listing(
    "operations.webhooks",
    WebhookEvent,
    WebhookEvent.created_at,
    filters=(
        Choice(STATE, "State", TABS, in_state),
        Words("q", "Buildium id or event id", sought),
        Words("event_type", "Event", lambda value: WebhookEvent.event_type == value),
        Choice("entity_type", "Kind", kinds, lambda value: WebhookEvent.entity_type == value),
        Choice("why", "Ignored because", WHY_WORDS, lambda value: WebhookEvent.why == value),
        OfReplay(),
    ),
    loads=(defer(WebhookEvent.raw_body), defer(WebhookEvent.event_data), defer(WebhookEvent.effect)),
)


@operations.get("/webhooks")
@requires(Permission.VIEW_SYNC)
def webhooks() -> str:
    asked = read_list(EVENTS, request.args)
    counts = event_counts(*asked.where(but=STATE))
    total = counts.get(asked.value(STATE), 0)
    return render_template(
        "sync/webhooks.html",
        asked=asked,
        page=asked.page(),
        states=asked.tabs(counts, {ALL: "All", **TABS}),
        total=total,
        filters={each.filter.name: each.raw for each in asked.chosen},
        kept=kept(EVENTS_KEPT),
    )


def event_counts(*where: ColumnElement[bool]) -> Mapping[str, int]:
    """Events by state, all of them under ALL, those that were replayed under REPLAYED, too. One query, which
    PostgreSQL answers from indexes alone."""
    replayed = select(func.count()).where(IS_REPLAYED, *where).correlate(None).scalar_subquery()
    rows = select(WebhookEvent.state, func.count(), replayed).where(*where).group_by(WebhookEvent.state)
    found: dict[str, int] = {}
    for state, number, again in db.session.execute(rows):
        found[state], found[REPLAYED] = number, again
        found[ALL] = found.get(ALL, 0) + number
    return found
