"""Faults of the webhooks: rules that the next events meet."""

from __future__ import annotations

import fnmatch
import threading
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

WebhookFaultName = Literal["duplicate", "reorder", "delay", "forge", "stale", "lose"]


class WebhookFault(BaseModel):
    """`events` is a pattern (`Rental.*`); `times` None lasts until cleared.

    duplicate: `copies` further deliveries · reorder: of `times` events the last is sent first, `seconds` apart ·
    delay: `seconds` later · forge: signed with another secret · stale: signed `seconds` ago · lose: never sent.
    """

    model_config = ConfigDict(extra="forbid")

    fault: WebhookFaultName
    events: str = "*"
    times: Annotated[int, Field(ge=1)] | None = 1
    seconds: Annotated[float, Field(ge=0)] | None = None
    copies: Annotated[int, Field(ge=1)] = 1
    hits: int = 0
    id: int = 0


_DEFAULT_SECONDS = {"reorder": 0.1, "delay": 30.0, "stale": 3600.0}


class WebhookFaults:
    """The rules in force. `meet` tells what becomes of one event."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[WebhookFault] = []
        self._last_id = 0

    def add(self, rule: WebhookFault) -> WebhookFault:
        with self._lock:
            self._last_id += 1
            added = rule.model_copy(update={"id": self._last_id, "hits": 0})
            self._rules.append(added)
            return added

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [rule.model_dump() for rule in self._rules]

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def meet(self, event: str) -> dict[str, Any]:
        """Names of the faults that meet this event, each with its seconds or copies; uses up one of each rule."""
        met: dict[str, Any] = {}
        with self._lock:
            for rule in self._rules:
                spent = rule.times is not None and rule.hits >= rule.times
                if spent or rule.fault in met or not fnmatch.fnmatchcase(event, rule.events):
                    continue
                met[rule.fault] = rule.copies if rule.fault == "duplicate" else _seconds(rule)
                rule.hits += 1
        return met


def _seconds(rule: WebhookFault) -> float:
    seconds = _DEFAULT_SECONDS.get(rule.fault, 0.0) if rule.seconds is None else rule.seconds
    if rule.fault == "reorder":
        # The first of n events waits longest, so that they leave in reverse.
        return seconds * ((rule.times or 2) - rule.hits % (rule.times or 2))
    return seconds
