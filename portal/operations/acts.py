"""What people do at the dashboard, written down in the transaction of the act itself: who, when, what, with what count.

    note_act("replay", "Handled 12 webhooks again", filter=request.args.to_dict(), asked=15, queued=12,
             skipped={"were handled already": 3})

The row is part of the caller's transaction: what is rolled back was never done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from portal.acting import actor
from portal.database import now
from portal.extensions import db
from portal.operations.models import Act
from portal.web.formats import number

LATEST = 50

# What a person can do, as the history says it.
KINDS: Mapping[str, str] = {
    "retry": "Sent again",
    "replay": "Handled again",
    "pause": "Paused",
    "resume": "Resumed",
    "decide": "Conflict decided",
    "link": "Linked",
    "anew": "Created anew",
    "match": "Match decided",
    "ask": "Buildium asked",
    "acknowledge": "Acknowledged",
    "ignore": "Ignored",
    "resolve": "Resolved",
    "reopen": "Opened again",
    "note": "Note written",
    "start": "Run started",
    "stop": "Run stopped",
    "switch": "Setting changed",
    "silence": "Alerts silenced",
}


def note_act(
    kind: str,
    words: str,
    *,
    target: tuple[str, Any] | None = None,
    filter: Mapping[str, Any] | None = None,
    asked: int = 1,
    queued: int | None = None,
    skipped: Mapping[str, int] | None = None,
    reason: str | None = None,
    finished: bool = True,
) -> Act:
    """Write an act down; does not commit. `kind` is one of KINDS, `words` says it in a sentence, `target` is a kind of
    thing and its id. `skipped` maps reasons in words to numbers; `queued` is what they leave of `asked` where it isn't
    given. One that goes on in the background is not `finished`. Raises KeyError for an unknown kind."""
    assert KINDS[kind]
    who = actor()
    left_out = {why: count for why, count in (skipped or {}).items() if count}
    number_skipped = sum(left_out.values())
    act = Act(
        kind=kind,
        words=words,
        actor_id=who.user_id if who else None,
        actor_name=who.name if who else "Nobody",
        target_kind=target[0] if target else None,
        target_id=str(target[1]) if target else None,
        filter=dict(filter) if filter is not None else None,
        reason=reason or None,
        asked=asked,
        queued=asked - number_skipped if queued is None else queued,
        skipped=number_skipped,
        skipped_because=left_out,
        finished_at=now() if finished else None,
    )
    db.session.add(act)
    return act


def cancel_act(act: Act) -> None:
    """Somebody stopped it before its end. Does not commit; nothing happens to an act that is over."""
    if act.finished_at is None and act.cancelled_at is None:
        who = actor()
        act.cancelled_at, act.cancelled_by = now(), who.name if who else "Nobody"


def finish_act(act: Act) -> None:
    """It came to its end. Does not commit."""
    if act.finished_at is None and act.cancelled_at is None:
        act.finished_at = now()


def acts_about(kind: str, target_id: Any, limit: int = LATEST) -> Sequence[Act]:
    """What was done to one thing, newest first. One query."""
    mine = select(Act).where(Act.target_kind == kind, Act.target_id == str(target_id))
    return db.session.scalars(mine.order_by(Act.at.desc(), Act.id.desc()).limit(limit)).all()


def receipt(queued: int, skipped: Mapping[str, int]) -> str:
    """“Queued 12, skipped 3: 2 are being sent right now, 1 is gone in Buildium.”"""
    left_out = sum(skipped.values())
    if not left_out:
        return f"Queued {number(queued)}."
    why = ", ".join(f"{number(count)} {reason}" for reason, count in skipped.items() if count)
    return f"Queued {number(queued)}, skipped {number(left_out)}: {why}."
