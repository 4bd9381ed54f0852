"""What needs a person right now: full lists of the dashboard, and parts of the sync that don't work."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

from flask import current_app, url_for
from flask.globals import app_ctx

from portal.config import Settings
from portal.database import now
from portal.operations.alerts.attention import attention
from portal.operations.by_kind import newest_runs
from portal.operations.machinery.lamps import Signs, lamps, signs, tasks
from portal.operations.machinery.workers import workforce
from portal.operations.moments import clock
from portal.operations.words import kind, kinds
from portal.web.formats import plural

# Longer than any weekend: the dashboard's lamp says it after a day, and nobody has to be told on a Sunday.
SILENCE = timedelta(days=3)
NO_LETTERS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Cause:
    """`key` stays the same while the cause lasts, whatever its number and words are. A part that doesn't work counts as
    one; `url` is a path of the portal."""

    key: str
    title: str
    detail: str
    url: str
    number: int = 1
    is_part: bool = False


def causes() -> Sequence[Cause]:
    """In the order in which they are told, worst first. Needs `addresses()` where no page is asked for."""
    found = signs()
    listed = [*broken_parts(found), *silence(found), *failed_runs(), *full_lists()]
    return [replace(each, url=path_of(each.url)) for each in listed]


@contextmanager
def addresses() -> Iterator[None]:
    """Pages have addresses inside, also where nobody asks for one (in the clock)."""
    settings = cast(Settings, current_app.extensions["settings"])
    parts = urlsplit(settings.portal_url)
    before = app_ctx.url_adapter
    app_ctx.url_adapter = current_app.url_map.bind(parts.netloc, parts.path or "/", url_scheme=parts.scheme)
    try:
        yield
    finally:
        app_ctx.url_adapter = before


def path_of(url: str) -> str:
    """Without the server's name: where nobody asks for a page, addresses are made with it."""
    return urlsplit(url)._replace(scheme="", netloc="").geturl()


def broken_parts(found: Signs) -> Iterator[Cause]:
    for lamp in lamps(found, workforce(), tasks()):
        if lamp.tone == "bad":
            title = f"{lamp.name}: {lamp.words}"
            yield Cause(f"part:{slug(lamp.name)}", title, lamp.detail, lamp.url, is_part=True)


def silence(found: Signs) -> Iterator[Cause]:
    if found.last_event is not None and now() - found.last_event > SILENCE:
        yield Cause(
            "part:webhook-silence",
            f"No webhook has come since {clock(found.last_event)}",
            "Buildium may have suspended the subscription: check it there. Polling covers the gap meanwhile.",
            url_for("operations.webhooks"),
            is_part=True,
        )


def failed_runs() -> Iterator[Cause]:
    """Kinds of records whose newest import or comparison failed."""
    failed = [name for name, run in newest_runs(list(kinds())).items() if run.state == "failed"]
    if failed:
        names = ", ".join(kind(name).lower() for name in sorted(failed))
        title = f"The last comparison with Buildium failed for {plural(len(failed), 'kind')} of records"
        yield Cause("runs-failed", title, f"It concerns: {names}.", url_for("operations.runs"), len(failed))


def full_lists() -> Iterator[Cause]:
    for each in attention():
        yield Cause(slug(each.words)[:100], each.words, "", each.url, each.count)


def slug(words: str) -> str:
    return NO_LETTERS.sub("-", words.lower()).strip("-")
