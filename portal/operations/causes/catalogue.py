"""The catalogue of causes: what the code calls them, and what people read."""

from __future__ import annotations

from collections.abc import Mapping

from portal.operations.causes.cause import Cause
from portal.operations.causes.incoming import IN
from portal.operations.causes.outgoing import OUT

CAUSES: Mapping[str, Cause] = {**OUT, **IN}

UNKNOWN = Cause(
    "Something went wrong that has no page of its own",
    "Read the message. Press “Send again” once; if it fails again, tell whoever runs the portal.",
    "The portal couldn’t bring a record from one side to the other.",
    "The message with the record says what was seen. It is too rare to be explained here.",
    (
        "Open one of the records and read the message, and the answer of the call.",
        "Press “Send again” for one of them.",
        "If it fails again, make a support bundle from the call and hand it to whoever runs the portal.",
    ),
    "Nothing is lost: what was saved here stays here until it has arrived.",
)


def code_of(cause: str | None) -> str:
    """The key in the catalogue; “” for what isn't there. A refusal with a rare status is just a refusal."""
    if cause in CAUSES:
        return cause or ""
    return "refused" if (cause or "").startswith("refused ") else ""


def cause_named(cause: str | None) -> Cause:
    """What to tell about a cause; never nothing."""
    return CAUSES.get(code_of(cause), UNKNOWN)


def slug(cause: str | None) -> str:
    """As addresses have it: “refused 422” is /sync/help/refused-422."""
    return code_of(cause).replace(" ", "-") or "unknown"


def cause_of_slug(text: str) -> Cause | None:
    if text == "unknown":
        return UNKNOWN
    return next((each for code, each in CAUSES.items() if code.replace(" ", "-") == text), None)
