"""The words of alerts, and writing them down for every channel that is set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from urllib.parse import urljoin, urlsplit

from flask import current_app
from sqlalchemy.dialects.postgresql import insert

from portal.config import Settings
from portal.extensions import db
from portal.operations.alerts.models import Alert, AlertCause, AlertKind
from portal.web.formats import number, plural

EMAIL, WEBHOOK = "email", "webhook"
LONGEST_SUBJECT = 200


def channels() -> dict[str, str]:
    """Channel → who is reached by it, as pages say it: of a webhook's address only the server, the rest may be a
    secret."""
    alerting = settings().alerting
    found = {}
    if alerting.emails:
        found[EMAIL] = ", ".join(alerting.emails)
    if alerting.webhook_url:
        found[WEBHOOK] = urlsplit(alerting.webhook_url).hostname or ""
    return found


def say(
    kind: AlertKind,
    subject: str,
    body: str,
    path: str,
    *,
    cause: str | None = None,
    once: str = "",
    by: str | None = None,
) -> int:
    """Write a message down for every channel; returns for how many. Does not commit. What is said `once` was said
    already where a message of that name is there."""
    facts = {"kind": kind.value, "cause": cause, "subject": one_line(subject), "body": body, "requested_by": by}
    written = 0
    for channel, recipients in channels().items():
        row = {**facts, "channel": channel, "recipients": recipients, "url": link(path)}
        row["once"] = f"{once}:{channel}" if once else None
        made = insert(Alert).values(row).on_conflict_do_nothing(index_elements=["once"]).returning(Alert.id)
        written += db.session.scalar(made) is not None
    return written


def problem(found: Sequence[AlertCause]) -> None:
    """One message about all of them."""
    lines = [f"{line(each)}\n{each.detail}\n{link(each.url)}".replace("\n\n", "\n") for each in found]
    subject = line(found[0]) if len(found) == 1 else f"{plural(len(found), 'thing')} need a person: {line(found[0])}, …"
    say(
        AlertKind.PROBLEM, subject, "\n\n".join(lines), found[0].url if len(found) == 1 else "sync",
        cause=found[0].cause if len(found) == 1 else None,
    )  # fmt: skip


def all_clear(found: Sequence[AlertCause]) -> None:
    lines = [f"No longer: {each.title}" for each in found]
    subject = f"All clear: {found[0].title}" if len(found) == 1 else f"All clear: {plural(len(found), 'thing')} settled"
    say(
        AlertKind.CLEAR, subject, "\n".join(lines), found[0].url if len(found) == 1 else "sync",
        cause=found[0].cause if len(found) == 1 else None,
    )  # fmt: skip


def test(by: str) -> int:
    """How many channels it goes to. Does not commit."""
    body = f"{by} asked for this test. Alerts of the portal arrive here."
    return say(AlertKind.TEST, "Test: alerts of the portal arrive", body, "sync/alerts", by=by)


def line(cause: AlertCause) -> str:
    return cause.title if cause.is_part else f"{cause.title}: {number(cause.number)}"


def link(path: str) -> str:
    return urljoin(f"{settings().portal_url}/", path)


def one_line(subject: str) -> str:
    return " ".join(subject.split())[:LONGEST_SUBJECT]


def settings() -> Settings:
    return cast(Settings, current_app.extensions["settings"])
