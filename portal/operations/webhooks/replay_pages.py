"""The pages about replays of many webhook events: the question with its count, the progress, the receipt."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.config import Settings
from portal.extensions import db
from portal.operations.blueprint import back_to, operations, person
from portal.operations.lists import Listing, read_list
from portal.operations.webhooks import replays
from portal.operations.webhooks.listing import EVENTS, TABS, event_counts
from portal.sync import breaker
from portal.web.access import Permission, requires
from portal.web.formats import plural
from portal.webhooks.models import Replay, WebhookEvent

WORDS: Mapping[str, str] = {
    "queued": "Waiting for a worker",
    "running": "Under way",
    "done": "Done",
    "cancelled": "Cancelled",
}
TONES: Mapping[str, str] = {"queued": "wait", "running": "info", "done": "good", "cancelled": "off"}
MINUTE = 60

REPLAYS = Listing("operations.webhook_replays", Replay, Replay.created_at, filters=())


@operations.get("/webhooks/replays")
@requires(Permission.VIEW_SYNC)
def webhook_replays() -> str:
    asked = read_list(REPLAYS, request.args)
    return render_template(
        "sync/webhook_replays.html", asked=asked, page=asked.page(), replay_words=WORDS, replay_tones=TONES
    )


@operations.get("/webhooks/replays/new")
@requires(Permission.OPERATE_SYNC)
def ask_replay() -> str:
    """How many it would be, before anything happens."""
    asked = read_list(EVENTS, request.args)
    total, waiting = replays.numbers(asked)
    return render_template(
        "sync/webhook_replay_ask.html",
        words=replays.words_of(asked),
        notes=asked.notes,
        total=total,
        waiting=waiting,
        longest=at_most(total - waiting),
        filters={each.filter.name: each.raw for each in asked.chosen},
        list_url=asked.address(),
    )


def at_most(fetches: int) -> str:
    """How long that many fetches take at the account's limit, roughly."""
    settings: Settings = current_app.extensions["settings"]
    minutes = round(fetches / settings.buildium_calls_per_second / MINUTE)
    return plural(minutes, "minute") if minutes else "a minute"


@operations.post("/webhooks/replays")
@requires(Permission.OPERATE_SYNC)
def begin_replay() -> ResponseReturnValue:
    asked = read_list(EVENTS, request.form)
    if asked.notes:
        flash("Nothing was done: " + " ".join(asked.notes), "error")
        return back_to("webhooks")
    begun = replays.begin({each.filter.name: each.raw for each in asked.chosen}, person())
    if begun is None:
        flash("Nothing was done: no event fits any more.", "error")
        return back_to("webhooks")
    flash(f"Queued: {plural(begun.total, 'event')} {'is' if begun.total == 1 else 'are'} handled again, newest first.")
    return back_to("webhook_replay", replay_id=begun.id)


@operations.get("/webhooks/replays/<uuid:replay_id>")
@requires(Permission.VIEW_SYNC)
def webhook_replay(replay_id: UUID) -> str:
    found = db.get_or_404(Replay, replay_id)
    outcomes = event_counts(WebhookEvent.replay_id == found.id)
    return render_template(
        "sync/webhook_replay.html",
        replay=found,
        words=WORDS[found.state],
        tone=TONES[found.state],
        is_open=found.state in replays.OPEN,
        paused=breaker.is_open(),
        outcomes=[
            (words, outcomes[state], url_for("operations.webhooks", replay=found.id, state=state))
            for state, words in TABS.items()
            if outcomes.get(state) and state != "replayed"
        ],
        skipped_because=replays.WAITS_ALREADY,
    )


@operations.post("/webhooks/replays/<uuid:replay_id>/cancellation")
@requires(Permission.OPERATE_SYNC)
def cancel_replay(replay_id: UUID) -> ResponseReturnValue:
    db.get_or_404(Replay, replay_id)
    if replays.cancel(replay_id):
        flash("It stops now. What was released already is still handled.")
    else:
        flash("Nothing was cancelled: it is over.", "error")
    return back_to("webhook_replay", replay_id=replay_id)
