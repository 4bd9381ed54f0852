"""What each fault does with a request. `Scene.answer()` lets the API execute it; a fault may do so never or twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.http import http_date
from werkzeug.wrappers import Response

from portal.sandbox.errors import error_body
from portal.sandbox.faults.distort import dripping, huge_body, with_unknown_enums, with_unknown_fields
from portal.sandbox.faults.rules import LONGEST_HOLD_S, FaultName, FaultRule, Faults
from portal.sandbox.faults.wire import cut, half_answer

_DEFAULT_SECONDS = 60.0
_HTML = "<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1><hr>nginx"


@dataclass
class Scene:
    """A request and the rule it met. `executed` counts how often the API has executed it."""

    environ: dict[str, Any]
    rule: FaultRule
    faults: Faults
    execute: Callable[[], Response]
    executed: int = field(default=0)

    def answer(self) -> Response:
        self.executed += 1
        return self.execute()

    def wait(self, default: float = _DEFAULT_SECONDS) -> bool:
        seconds = default if self.rule.seconds is None else self.rule.seconds
        return self.faults.wait(f"{self.environ['REQUEST_METHOD']} {self.environ['PATH_INFO']}", seconds)

    def cut(self) -> Response:
        cut(self.environ, reset=self.rule.how == "reset")


def _status(scene: Scene) -> Response:
    rule = scene.rule
    body = json.dumps(error_body(rule.status, message="Injected by the sandbox."))
    response = Response(body, rule.status, content_type="application/json; charset=utf-8")
    if rule.retry_after is not None:
        soon = datetime.now(UTC) + timedelta(seconds=1)
        response.headers["Retry-After"] = http_date(soon) if rule.retry_after == "date" else str(rule.retry_after)
    return response


def _delay(scene: Scene) -> Response:
    scene.wait(1.0)
    return scene.answer()


def _drop(scene: Scene) -> Response:
    return scene.cut()


def _hang(scene: Scene) -> Response:
    scene.wait()
    return scene.cut()


def _hold(scene: Scene) -> Response:
    scene.wait(LONGEST_HOLD_S)
    return scene.answer()


def _commit_then_delay(scene: Scene) -> Response:
    response = scene.answer()
    scene.wait(1.0)
    return response


def _commit_then_drop(scene: Scene) -> Response:
    scene.answer()
    return scene.cut()


def _commit_then_hang(scene: Scene) -> Response:
    scene.answer()
    scene.wait()
    return scene.cut()


def _commit_then_hold(scene: Scene) -> Response:
    response = scene.answer()
    scene.wait(LONGEST_HOLD_S)
    return response


def _commit_then_status(scene: Scene) -> Response:
    scene.answer()
    return _status(scene)


def _truncate(scene: Scene) -> Response:
    half_answer(scene.environ, scene.answer(), chunked=False)


def _chunk_trunc(scene: Scene) -> Response:
    half_answer(scene.environ, scene.answer(), chunked=True)


def _garbage(scene: Scene) -> Response:
    """A complete answer of the right status whose JSON ends in the middle."""
    response = scene.answer()
    text = response.get_data()
    response.set_data(text[: max(1, len(text) * 2 // 3)] + b'"\x00{')
    return response


def _html(scene: Scene) -> Response:
    response = scene.answer()
    response.set_data(_HTML)
    response.content_type = "text/html; charset=utf-8"
    return response


def _empty(scene: Scene) -> Response:
    response = scene.answer()
    response.set_data(b"")
    return response


def _huge(scene: Scene) -> Response:
    """The right status with a body of `size` bytes of valid JSON, made on the way, never in memory at once."""
    response = scene.answer()
    endless = Response(huge_body(scene.rule.size), response.status, content_type="application/json; charset=utf-8")
    endless.headers["Content-Length"] = str(scene.rule.size)
    return endless


def _slow(scene: Scene) -> Response:
    """The true answer, in pieces spread over the rule's seconds."""
    response = scene.answer()
    body = response.get_data()
    seconds = _DEFAULT_SECONDS if scene.rule.seconds is None else scene.rule.seconds
    response.response = dripping(body, seconds)
    response.headers["Content-Length"] = str(len(body))
    return response


def _unknown_fields(scene: Scene) -> Response:
    return with_unknown_fields(scene.answer())


def _unknown_enums(scene: Scene) -> Response:
    return with_unknown_enums(scene.answer(), scene.rule.fields)


def _dup_commit(scene: Scene) -> Response:
    scene.answer()
    return scene.answer()


ACTS: dict[FaultName, Callable[[Scene], Response]] = {
    "status": _status,
    "delay": _delay,
    "drop": _drop,
    "hang": _hang,
    "hold": _hold,
    "commit_then_delay": _commit_then_delay,
    "commit_then_drop": _commit_then_drop,
    "commit_then_hang": _commit_then_hang,
    "commit_then_hold": _commit_then_hold,
    "commit_then_status": _commit_then_status,
    "truncate": _truncate,
    "chunk_trunc": _chunk_trunc,
    "garbage": _garbage,
    "html": _html,
    "empty": _empty,
    "huge": _huge,
    "slow": _slow,
    "unknown_fields": _unknown_fields,
    "unknown_enums": _unknown_enums,
    "dup_commit": _dup_commit,
}
