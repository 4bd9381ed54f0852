"""Requests beside a record's own POST and PUT that belong to its push: a note, a move-out, a message, a file.

An entity says with a pure function what is still to be done for a record as it is now; `portal.sync.carry` does it, one
request at a time, each safe to repeat after a crash at any moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.sync.paths import Body


def nothing(_: Any, __: Body) -> None:
    """Where the answer holds nothing that we keep."""


@dataclass(frozen=True)
class Errand:
    """One request. `path` continues the record's own place; `keep(record, answer)` writes down what came of it.

    A POST is only sent where no row of the listing at `look` is one that `found` takes for what it would make; such a
    row is kept in place of an answer. With `whole` the request is the record's own PUT with `body` on top (a task's
    message, MAPPING §4.15): it carries the record's changes along, and what came of it is read from `look` as well.
    """

    method: str
    path: str
    body: Body | None = None
    keep: Callable[[Any, Body], None] = nothing
    look: str = ""
    found: Callable[[Body], bool] | None = None
    whole: bool = False


@dataclass(frozen=True)
class Upload:
    """One file, sent in Buildium's two steps (MAPPING, “Since then”, 3): a ticket, then the bytes to its address.

    `path` is the listing of files below the record; `begun(record, physical name)` is committed before the bytes go,
    because that name is all by which the file can be found again; `physical_name` is it, once a ticket was drawn.
    `keep(record, file)` gets Buildium's record of the file once it has appeared; `again(record)` forgets the ticket
    where it never does.
    """

    path: str
    file_name: str
    content: Callable[[], bytes]
    begun: Callable[[Any, str], None]
    keep: Callable[[Any, Body], None]
    again: Callable[[Any], None]
    physical_name: str | None = None
    waited_seconds: float = 0.0
