"""Dotted places inside a body of Buildium's."""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]


def at(body: Any, path: str) -> Any:
    """The value at `path`, None where any step of it is missing."""
    for step in path.split("."):
        body = body.get(step) if isinstance(body, dict) else None
    return body


def put(body: Body, path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for step in parents:
        body = body.setdefault(step, {})
    body[last] = value


def filled(values: dict[str, Any]) -> Body:
    """A request with the values (place → value) that are set; what is left out becomes empty at Buildium."""
    body: Body = {}
    for place, value in values.items():
        if value is not None:
            put(body, place, value)
    return body
