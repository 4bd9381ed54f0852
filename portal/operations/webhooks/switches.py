"""Which of Buildium's events are handled: each can be switched off, and on again with what came meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from portal.extensions import db
from portal.operations.acts import note_act
from portal.operations.blueprint import back_to, operations, person
from portal.operations.words import kind
from portal.web.access import Permission, requires
from portal.web.formats import plural
from portal.webhooks.catalog import NAMES, doing, entity_of
from portal.webhooks.models import EventState, EventSwitch, WebhookEvent, Why

LONGEST_REASON = 500

# A probe of an index per name and state: half a million events of last year cost nothing.
RECEIVED = text(
    """
    select name, sum(day)::int as day, sum(week)::int as week, max(last) as last
    from unnest(cast(:names as text[])) as name
    cross join unnest(cast(:states as text[])) as wanted
    cross join lateral (
        select count(*) filter (where created_at > now() - interval '1 day') as day, count(*) as week
        from buildium_webhook_events
        where event_type = name and state = wanted and created_at > now() - interval '7 days'
    ) as lately
    left join lateral (
        select created_at as last from buildium_webhook_events
        where event_type = name and state = wanted order by created_at desc, id desc limit 1
    ) as newest on true
    group by name
    """
)


@dataclass(frozen=True)
class Line:
    """One event name. `meanwhile` counts what was ignored because it is, or was, switched off."""

    name: str
    entity: str
    doing: str
    switch: EventSwitch | None
    day: int
    week: int
    last: datetime | None
    meanwhile: int

    @property
    def is_handled(self) -> bool:
        return bool(self.entity)


@operations.get("/webhooks/events")
@requires(Permission.VIEW_SYNC)
def event_switches() -> str:
    found = lines()
    return render_template(
        "sync/webhook_switches.html",
        groups=[
            ("Events that the portal handles", [each for each in found if each.is_handled]),
            ("Events that are kept, and change nothing", [each for each in found if not each.is_handled]),
        ],
        off=[each for each in found if each.switch],
    )


def lines() -> Sequence[Line]:
    """Every known name. Three queries."""
    switches = {each.event_name: each for each in db.session.scalars(select(EventSwitch))}
    received = received_by_name()
    meanwhile = ignored_meanwhile()
    return [
        Line(
            name, kind(entity_of(name)), doing(name), switches.get(name), *received.get(name, (0, 0, None)),
            meanwhile.get(name, 0),
        )
        for name in NAMES
    ]  # fmt: skip


def received_by_name() -> Mapping[str, tuple[int, int, datetime | None]]:
    """Name → (within 24 hours, within seven days, the last one)."""
    rows = db.session.execute(RECEIVED, {"names": list(NAMES), "states": [state.value for state in EventState]})
    return {row.name: (row.day, row.week, row.last) for row in rows}


def ignored_meanwhile(*names: str) -> Mapping[str, int]:
    """Name → events that were ignored because it was switched off; of all names, or of these."""
    ignored = select(WebhookEvent.event_type, func.count()).where(WebhookEvent.why == Why.OFF.value)
    if names:
        ignored = ignored.where(WebhookEvent.event_type.in_(names))
    return {name or "": number for name, number in db.session.execute(ignored.group_by(WebhookEvent.event_type))}


@operations.get("/webhooks/events/<name>/off")
@requires(Permission.OPERATE_SYNC)
def ask_switch_off(name: str) -> str:
    known(name)
    return render_template("sync/webhook_switch_off.html", name=name, doing=doing(name))


@operations.post("/webhooks/events/<name>/off")
@requires(Permission.OPERATE_SYNC)
def switch_off(name: str) -> ResponseReturnValue:
    known(name)
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON] or None
    values = {"event_name": name, "switched_off_by": person(), "reason": reason}
    made = insert(EventSwitch).values(values).on_conflict_do_nothing().returning(EventSwitch.id)
    if db.session.scalar(made) is None:
        db.session.rollback()
        flash(f"Nothing changed: {name} is switched off already.", "error")
        return back_to("event_switches")
    note_act("switch", f"Switched {name} off", target=("event", name), reason=reason)
    db.session.commit()
    flash(f"{name} is switched off. Such events are still kept, and can be handled later.")
    return back_to("event_switches", _anchor=name)


@operations.post("/webhooks/events/<name>/on")
@requires(Permission.OPERATE_SYNC)
def switch_on(name: str) -> ResponseReturnValue:
    """Where events were ignored meanwhile, to the page that offers to handle them now."""
    known(name)
    gone = db.session.scalar(delete(EventSwitch).where(EventSwitch.event_name == name).returning(EventSwitch.id))
    if gone is None:
        db.session.rollback()
        flash(f"Nothing changed: {name} is switched on already.", "error")
        return back_to("event_switches")
    note_act("switch", f"Switched {name} on", target=("event", name))
    db.session.commit()
    missed = ignored_meanwhile(name).get(name, 0)
    if not missed:
        flash(f"{name} is switched on. None came meanwhile.")
        return back_to("event_switches", _anchor=name)
    were = "was" if missed == 1 else "were"
    flash(f"{name} is switched on. {plural(missed, 'event')} came meanwhile and {were} ignored.")
    return back_to("ask_replay", event_type=name, why=Why.OFF.value, state=EventState.IGNORED.value)


def known(name: str) -> None:
    if name not in NAMES:
        abort(HTTPStatus.NOT_FOUND)
