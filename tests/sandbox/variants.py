"""All the ways to spoil a body."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from tests.sandbox.bodies import Body

VALUES: tuple[Any, ...] = (None, "", "x", "x" * 300, -1, 1.5, True, [], {}, [{}])


def variants(body: Body) -> Iterator[tuple[str, Body]]:
    """The body with each of its values left out, emptied, of other types, too long; and with an unknown field."""
    for path in locations(body):
        yield f"without {path}", changed(body, path, drop=True)
        for value in VALUES:
            yield f"{path} = {str(value)[:20]!r}", changed(body, path, value)
    for path in [(), *(each for each in locations(body) if isinstance(at(body, each), dict))]:
        yield f"unknown field in {path}", changed(body, (*path, "Nonsense"), 1)


def locations(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield (*path, name)
        yield from locations(item, (*path, name))


def at(body: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        body = body[name]
    return body


def changed(body: Body, path: tuple[Any, ...], value: Any = None, *, drop: bool = False) -> Body:
    copied = copy.deepcopy(body)
    parent = at(copied, path[:-1])
    if drop:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return copied
