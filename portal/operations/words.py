"""The dashboard's words: states, causes with what to do about them, calls, kinds of records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from portal.operations.causes.catalogue import CAUSES, cause_named, code_of
from portal.operations.causes.cause import Cause
from portal.sync import pauses
from portal.sync.current import current_sync
from portal.sync.states import WORDS, State
from portal.webhooks.models import EventState

TONES: Mapping[str, str] = {
    State.SYNCED: "good", State.PENDING: "wait", State.SYNCING: "info", State.BLOCKED: "wait", State.HELD: "off",
    State.UNCERTAIN: "wait", State.FAILED: "bad", State.CONFLICT: "bad", State.MISSING: "bad",
}  # fmt: skip

EVENT_WORDS: Mapping[str, str] = {
    EventState.RECEIVED: "Waiting",
    EventState.PROCESSED: "Changed a record here",
    EventState.COALESCED: "Done with a later one",
    EventState.ECHO: "Echo of our own change",
    EventState.IGNORED: "Not for the portal",
    EventState.FAILED: "Failed, tried again",
    EventState.DEAD: "Given up",
}
EVENT_TONES: Mapping[str, str] = {
    EventState.RECEIVED: "wait", EventState.PROCESSED: "good", EventState.COALESCED: "good", EventState.ECHO: "good",
    EventState.IGNORED: "off", EventState.FAILED: "wait", EventState.DEAD: "bad",
}  # fmt: skip

RUN_KINDS: Mapping[str, str] = {
    "import": "Import of everything",
    "full": "Full comparison",
    "incremental": "What changed lately",
    "owners": "Owners that changed",
}
RUN_WORDS: Mapping[str, str] = {
    "queued": "Waiting", "running": "Running", "done": "Done", "failed": "Failed", "stopped": "Stopped",
}  # fmt: skip
RUN_TONES: Mapping[str, str] = {
    "queued": "wait", "running": "info", "done": "good", "failed": "bad", "stopped": "off",
}  # fmt: skip


BY_STATE: Mapping[str, Cause] = {
    State.PENDING: Cause("Waiting to be sent", "Nothing: it is sent by itself. Reload this page in a moment."),
    State.SYNCING: Cause("Being sent right now", "Nothing. Reload this page in a moment."),
    State.SYNCED: Cause("The same here and in Buildium", "Nothing."),
    State.BLOCKED: CAUSES["missing data"],
    State.FAILED: Cause("Buildium refused it", "Correct the record, or press “Send again”."),
    State.UNCERTAIN: CAUSES["lost answer"],
    State.CONFLICT: CAUSES["conflict"],
    State.MISSING: CAUSES["missing"],
    State.HELD: Cause("Sending is paused", "Resume it on the overview. Nothing is lost meanwhile."),
}

IN_SHADOW = Cause(
    "Shadow mode: worked out, not sent", "Look at what would be sent. It goes out once shadow mode is left."
)

# Why “Send again” has nothing to do, by state.
NOT_AGAIN: Mapping[str, str] = {
    State.SYNCING: "It is being sent right now.",
    State.SYNCED: "There is nothing to send: it matches Buildium.",
    State.HELD: "Sending is paused. Resume it first; then it is sent by itself.",
    State.CONFLICT: "It was changed on both sides: choose which values stay.",
}

DOORS: Mapping[str, str] = {
    "browser": "", "webhook": "told by a webhook", "import": "fetched from Buildium", "push": "from Buildium’s answer",
    "command": "",
}  # fmt: skip

ACRONYMS = {"gl": "GL"}
RECORD = re.compile(r"/\d+(?=[/?]|$)")


def kind(entity_type: str | None) -> str:
    """“bank_account” → “Bank account”."""
    words = [ACRONYMS.get(word, word) for word in (entity_type or "").split("_")]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def kinds() -> dict[str, str]:
    """Every kind of record the sync knows, parents first."""
    return {each.name: kind(each.name) for each in current_sync().resources.ordered}


def state_words(state: str) -> str:
    return WORDS[State(state)]


def cause_of(state: str, cause: str | None) -> Cause:
    if state == State.HELD and cause == pauses.SHADOW:
        return IN_SHADOW
    if state in (State.SYNCED, State.SYNCING, State.HELD) or not cause:
        return BY_STATE[state]
    return CAUSES.get(code_of(cause), BY_STATE[state])


def cause_words(cause: str) -> str:
    return cause_named(cause).title if code_of(cause) else cause[:1].upper() + cause[1:]


def call_title(method: str, endpoint: str, status: int | None) -> str:
    """What a call did, or was to do, as a person says it."""
    if status is None:
        return f"{call_aim(method, endpoint)}: no usable answer"
    if status == 429:
        return f"{call_aim(method, endpoint)}: Buildium asked to wait"
    if status >= 400:
        return f"{call_aim(method, endpoint)}: refused"
    return call_aim(method, endpoint)


def call_aim(method: str, endpoint: str) -> str:
    path = endpoint.partition("?")[0]
    if path.endswith("/inactivationrequest"):
        return "Make inactive in Buildium"
    if path.endswith("/reactivationrequest"):
        return "Make active in Buildium"
    one = bool(RECORD.search(path))
    aims = {"GET": "Read from Buildium" if one else "Search in Buildium", "POST": "Create in Buildium"}
    return aims.get(method) or {"PUT": "Update in Buildium", "DELETE": "Delete in Buildium"}.get(method, method)


def is_write(method: str) -> bool:
    return method != "GET"


def status_tone(status: int | None) -> str:
    if status is None or status >= 500:
        return "bad"
    if status == 429:
        return "wait"
    return "bad" if status >= 400 else "good"


def shown(value: Any) -> str:
    """A value of a message as one line of text; secrets, which arrive as fingerprints, as hidden."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        separator = "; " if any(isinstance(each, dict) for each in value) else ", "
        return separator.join(shown(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {shown(each)}" for key, each in value.items() if each not in (None, ""))
    text = str(value)
    return "•••" if text.startswith("sealed:") else text
