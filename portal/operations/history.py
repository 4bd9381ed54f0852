"""What people did at the dashboard, newest first: who, what, with what count, and where to see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import Text, cast, literal, select, text, union_all

from portal.extensions import db
from portal.operations.acts import KINDS
from portal.operations.alerts.models import Alert
from portal.operations.blueprint import operations
from portal.operations.issues.models import Issue, Retry
from portal.operations.keeping.kept import ACTS_KEPT, kept
from portal.operations.lists import Listing, read_list
from portal.operations.models import Act
from portal.sync.adoption_models import Adoption
from portal.sync.decision_models import DecisionBatch
from portal.sync.models import SyncStatus
from portal.web.access import Permission, requires
from portal.web.filters import Choice
from portal.webhooks.models import Replay, WebhookEvent

NEWEST = 2000
# Whom the filter offers: those of the newest ones, so that it costs the same however many there are.
PEOPLE = text(
    """
    select distinct on (actor_id) actor_id, actor_name
    from (select actor_id, actor_name, at from sync_acts order by at desc, id desc limit :newest) as newest
    where actor_id is not null order by actor_id, at desc
    """
)
# Kind of target → its table, its page, and what the page calls the id.
TARGETS: Mapping[str, tuple[Any, str, str]] = {
    "record": (SyncStatus, "record", "row_id"),
    "issue": (Issue, "issue", "issue_id"),
    "retry": (Retry, "show_retry", "retry_id"),
    "webhook": (WebhookEvent, "webhook", "event_id"),
    "replay": (Replay, "webhook_replay", "replay_id"),
    "match": (Adoption, "match", "adoption_id"),
    "decision batch": (DecisionBatch, "decision_batch", "batch_id"),
    "alert": (Alert, "alert", "alert_id"),
}


def people() -> Mapping[str, str]:
    found = db.session.execute(PEOPLE, {"newest": NEWEST})
    return dict(sorted(((str(key), name) for key, name in found), key=lambda each: each[1].lower()))


ACTS = Listing(
    "operations.history",
    Act,
    Act.at,
    filters=(
        Choice("kind", "What", KINDS, lambda value: Act.kind == value),
        Choice("who", "Who", people, lambda value: Act.actor_id == value),
    ),
)


@operations.get("/history")
@requires(Permission.VIEW_SYNC)
def history() -> str:
    asked = read_list(ACTS, request.args)
    page = asked.page()
    return render_template(
        "sync/history.html",
        asked=asked,
        page=page,
        kinds_of_acts=KINDS,
        addresses=addresses(page.records),
        kept=kept(ACTS_KEPT),
    )


def addresses(acts: Sequence[Act]) -> Mapping[Any, str]:
    """Act → the page of what it was about, as long as that is there. One query."""
    about = [act for act in acts if act.target_kind in TARGETS]
    wanted = [select(literal(name), cast(model.id, Text)).where(model.id.in_(ids_of(about, name)))
              for name, (model, _, _) in TARGETS.items() if ids_of(about, name)]  # fmt: skip
    there = {(name, key) for name, key in db.session.execute(union_all(*wanted))} if wanted else set()
    found = {}
    for act in about:
        _, view, argument = TARGETS[act.target_kind or ""]
        values: dict[str, Any] = {argument: act.target_id}
        if (act.target_kind, act.target_id) in there:
            found[act.id] = url_for(f"operations.{view}", **values)
    return found


def ids_of(acts: Sequence[Act], name: str) -> list[str]:
    return [act.target_id for act in acts if act.target_kind == name and act.target_id]
