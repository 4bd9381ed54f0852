"""The dashboard's blueprint, and what all of its pages share: reloading at the reader's choice."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.accounts.identity import only_read
from portal.operations import words
from portal.operations.freshness import reason_in_list
from portal.operations.moments import lasting

operations = Blueprint("operations", __name__, url_prefix="/sync")

USUAL_SECONDS = 10
SHORTEST, LONGEST = 5, 600


@operations.before_request
def look() -> None:
    """What a page counts and what it lists are of the same moment, whatever workers and people do meanwhile."""
    if request.method in ("GET", "HEAD"):
        only_read()


@operations.after_request
def reload_later(response: Response) -> Response:
    seconds = refresh_seconds()
    if seconds and request.method == "GET" and response.status_code == HTTPStatus.OK:
        response.headers["Refresh"] = str(seconds)
    return response


@operations.context_processor
def vocabulary() -> dict[str, Any]:
    """The words that several pages need."""
    return {
        "state_words": words.state_words,
        "tones": words.TONES,
        "cause_of": words.cause_of,
        "reason_of": reason_in_list,
        "call_title": words.call_title,
        "status_tone": words.status_tone,
        "event_words": words.EVENT_WORDS,
        "event_tones": words.EVENT_TONES,
        "run_kinds": words.RUN_KINDS,
        "run_words": words.RUN_WORDS,
        "run_tones": words.RUN_TONES,
        "shown": words.shown,
        "lasting": lasting,
    }


@operations.context_processor
def refreshing() -> dict[str, Any]:
    """`refresh` is the number of seconds, 0 for not at all; `refresh_url` is this page with the other choice."""
    seconds = refresh_seconds()
    arguments: dict[str, Any] = {**(request.view_args or {}), **request.args.to_dict(flat=False)}
    arguments["refresh"] = None if seconds else USUAL_SECONDS
    assert request.endpoint
    return {"refresh": seconds, "refresh_url": url_for(request.endpoint, **arguments)}


def refresh_seconds() -> int:
    text = request.args.get("refresh", "")
    return min(max(int(text), SHORTEST), LONGEST) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def back_to(view: str, **values: Any) -> ResponseReturnValue:
    """After a POST: to the page where its effect can be seen."""
    return redirect(url_for(f"operations.{view}", **values), HTTPStatus.SEE_OTHER)


def person() -> str:
    """The name that is written down beside what this person asks for."""
    name: str = current_user.name
    return name
