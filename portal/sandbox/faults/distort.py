"""Answers that are not what they should be: strange fields, endless or dripping bodies."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from werkzeug.wrappers import Response

_CHUNK = 64 * 1024
_SLOW_PIECES = 50
_DEFAULT_ENUMS = ("RentalSubType", "RentalType", "UnitBedrooms", "UnitBathrooms", "Type", "SubType", "BankAccountType")


def with_unknown_fields(response: Response) -> Response:
    """Every object of the answer gets fields nobody has documented."""
    return _rewritten(response, lambda item: {**item, "AddedLater": {"Id": 1}, "AlsoNew": "value"})


def with_unknown_enums(response: Response, names: list[str] | None) -> Response:
    """The named fields, by default the usual enums, get a value nobody has documented."""
    chosen = _DEFAULT_ENUMS if names is None else names

    def changed(item: dict[str, Any]) -> dict[str, Any]:
        return {name: "NewInBuildium" if name in chosen and value else value for name, value in item.items()}

    return _rewritten(response, changed)


def huge_body(size: int) -> Iterator[bytes]:
    """`size` bytes of valid JSON, made on the way, never in memory at once."""
    yield b'{"Filler":"'[:size]
    left = size - len(b'{"Filler":""}')
    while left > 0:
        yield b"x" * min(_CHUNK, left)
        left -= _CHUNK
    yield b'"}'


def dripping(body: bytes, seconds: float) -> Iterator[bytes]:
    """The body in pieces spread over the seconds."""
    step = max(1, len(body) // _SLOW_PIECES)
    for start in range(0, len(body), step):
        time.sleep(seconds / _SLOW_PIECES)
        yield body[start : start + step]


def _rewritten(response: Response, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Response:
    if response.is_json and response.status_code < 300:
        response.set_data(json.dumps(_walk(response.get_json(), change), ensure_ascii=False))
    return response


def _walk(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(value, list):
        return [_walk(item, change) for item in value]
    if isinstance(value, dict):
        return change({name: _walk(item, change) for name, item in value.items()})
    return value
