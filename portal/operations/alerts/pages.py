"""Alerts as people see them: what needs somebody, who was told of it, and what nothing is said of for a while."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from portal.database import now
from portal.extensions import db
from portal.operations.acts import note_act
from portal.operations.alerts.messages import channels, line, settings
from portal.operations.alerts.messages import test as write_test
from portal.operations.alerts.models import Alert, AlertCause, AlertKind, AlertSilence, AlertState
from portal.operations.blueprint import back_to, operations, person
from portal.operations.counts import ALL, numbers_by
from portal.operations.lists import STATE, Listing, read_list
from portal.operations.moments import clock
from portal.web.access import Permission, requires
from portal.web.filters import Choice

STATES: Mapping[str, str] = {
    AlertState.WAITING.value: "To be sent",
    AlertState.FAILED.value: "Given up",
    AlertState.SENT.value: "Sent",
}
TONES: Mapping[str, str] = {
    AlertState.WAITING.value: "wait", AlertState.FAILED.value: "bad", AlertState.SENT.value: "good",
}  # fmt: skip
KINDS: Mapping[str, str] = {
    AlertKind.PROBLEM.value: "Needs a person",
    AlertKind.CLEAR.value: "All clear",
    AlertKind.DIGEST.value: "Daily digest",
    AlertKind.TEST.value: "Test",
}
CHANNELS: Mapping[str, str] = {"email": "E-mail", "webhook": "Outgoing webhook"}
SILENCES: Mapping[str, tuple[str, timedelta]] = {
    "1": ("for an hour", timedelta(hours=1)),
    "8": ("for 8 hours", timedelta(hours=8)),
    "24": ("for a day", timedelta(days=1)),
    "72": ("for 3 days", timedelta(days=3)),
    "168": ("for a week", timedelta(days=7)),
}

ALERTS = Listing(
    "operations.alerts",
    Alert,
    Alert.created_at,
    filters=(
        Choice(STATE, "State", STATES, lambda value: Alert.state == value),
        Choice("kind", "About", KINDS, lambda value: Alert.kind == value),
        Choice("channel", "By", CHANNELS, lambda value: Alert.channel == value),
    ),
)


@operations.get("/alerts")
@requires(Permission.VIEW_SYNC)
def alerts() -> str:
    asked = read_list(ALERTS, request.args)
    counts = numbers_by(Alert.state, *asked.where(but=STATE))
    return render_template(
        "sync/alerts.html",
        asked=asked,
        page=asked.page(),
        states=asked.tabs(counts, {ALL: "All", **STATES}),
        total=counts.get(asked.value(STATE), 0),
        causes=open_causes(),
        silences={each.cause: each for each in in_force()},
        line=line,
        lengths={code: words for code, (words, _) in SILENCES.items()},
        channels={CHANNELS[name]: reached for name, reached in channels().items()},
        alerting=settings().alerting,
        alert_states=STATES,
        alert_tones=TONES,
        alert_kinds=KINDS,
        alert_channels=CHANNELS,
    )


def open_causes() -> Sequence[AlertCause]:
    """What needs a person by the last look of the clock, the oldest first."""
    return db.session.scalars(select(AlertCause).where(AlertCause.is_open).order_by(AlertCause.opened_at)).all()


def in_force() -> Sequence[AlertSilence]:
    return db.session.scalars(select(AlertSilence).where(AlertSilence.until > func.now())).all()


@operations.get("/alerts/<uuid:alert_id>")
@requires(Permission.VIEW_SYNC)
def alert(alert_id: UUID) -> str:
    return render_template(
        "sync/alerts_one.html",
        alert=db.get_or_404(Alert, alert_id),
        alert_states=STATES,
        alert_tones=TONES,
        alert_kinds=KINDS,
        alert_channels=CHANNELS,
    )


@operations.post("/alerts/test")
@requires(Permission.OPERATE_SYNC)
def test_alerts() -> ResponseReturnValue:
    if not write_test(person()):
        flash("Nothing was sent: no e-mail address and no webhook is set. See below what to set.", "error")
        return back_to("alerts")
    note_act("switch", "Sent a test of the alerts", target=("alerts", "test"))
    db.session.commit()
    flash("A test is sent within ten seconds. Its line below says how it went.")
    return back_to("alerts")


@operations.post("/alerts/<uuid:alert_id>/retry")
@requires(Permission.OPERATE_SYNC)
def retry_alert(alert_id: UUID) -> ResponseReturnValue:
    """Once more, with all of its patience."""
    found = db.one_or_404(select(Alert).where(Alert.id == alert_id).with_for_update())
    if found.state == AlertState.SENT.value:
        db.session.rollback()
        flash("Nothing was done: it has been sent already.", "error")
        return back_to("alerts")
    found.state, found.next_attempt_at, found.attempts, found.created_at = AlertState.WAITING.value, now(), 0, now()
    note_act("retry", f"Had an alert sent again: {found.subject}", target=("alert", found.id))
    db.session.commit()
    flash("It is sent again within ten seconds.")
    return back_to("alerts")


@operations.post("/alerts/silences")
@requires(Permission.OPERATE_SYNC)
def silence() -> ResponseReturnValue:
    cause = db.get_or_404(AlertCause, request.form.get("cause", "")[:100])
    if request.form.get("hours") not in SILENCES:
        abort(HTTPStatus.BAD_REQUEST, "Choose for how long nothing is to be said.")
    words, length = SILENCES[request.form["hours"]]
    values = {"cause": cause.cause, "until": now() + length, "silenced_by": person()}
    changed = {"until": values["until"], "silenced_by": values["silenced_by"], "created_at": func.now()}
    row = insert(AlertSilence).values(values)
    db.session.execute(row.on_conflict_do_update(index_elements=["cause"], set_=changed))
    title = cause.title
    note_act("silence", f"Silenced {words}: {title}", target=("cause", cause.cause))
    db.session.commit()
    flash(f"Nothing is said of “{title}” until {clock(now() + length)}. It stays on this page.")
    return back_to("alerts")


@operations.post("/alerts/silences/<uuid:silence_id>/end")
@requires(Permission.OPERATE_SYNC)
def end_silence(silence_id: UUID) -> ResponseReturnValue:
    ended = db.session.scalar(delete(AlertSilence).where(AlertSilence.id == silence_id).returning(AlertSilence.cause))
    if ended is None:
        db.session.rollback()
        flash("Nothing changed: this silence has ended already.", "error")
        return back_to("alerts")
    cause = db.session.get(AlertCause, ended)
    note_act("silence", f"Ended the silence about “{cause.title if cause else ended}”", target=("cause", ended))
    db.session.commit()
    flash("It is told again.")
    return back_to("alerts")
