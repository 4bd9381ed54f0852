"""A request or an answer, line by line, with what Buildium complains about marked."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

PLACE = re.compile(r"[A-Za-z_]\w*|\d+")
INDENT = "  "


@dataclass(frozen=True)
class Line:
    text: str
    is_marked: bool = False


@dataclass(frozen=True)
class Message:
    """A value on its way to lines: `head` is its key, `tail` the comma after it, `place` the way to it."""

    value: Any
    depth: int = 0
    head: str = ""
    tail: str = ""
    place: tuple[str, ...] = ()

    def line(self, text: str, marks: Collection[tuple[str, ...]]) -> Line:
        return Line(f"{INDENT * self.depth}{text}", any(is_at(self.place, mark) for mark in marks))

    def parts(self) -> Iterator[Message]:
        named = isinstance(self.value, dict)
        pairs = list(self.value.items() if named else enumerate(self.value))
        for number, (key, value) in enumerate(pairs, 1):
            head = f"{json.dumps(key, ensure_ascii=False)}: " if named else ""
            tail = "," if number < len(pairs) else ""
            yield Message(value, self.depth + 1, head, tail, (*self.place, str(key).lower()))


def lines(message: Any, complained: Collection[str] = ()) -> list[Line]:
    """`complained` are the keys of Buildium's errors, such as “Address.PostalCode” or “Lines[0].Amount”
    (MAPPING §1.5)."""
    return [] if message is None else list(lines_of(Message(message), [*filter(None, map(place_of, complained))]))


def lines_of(each: Message, marks: Collection[tuple[str, ...]]) -> Iterator[Line]:
    if not (isinstance(each.value, dict | list) and each.value):
        yield each.line(f"{each.head}{json.dumps(each.value, ensure_ascii=False)}{each.tail}", marks)
        return
    begin, end = "{}" if isinstance(each.value, dict) else "[]"
    yield each.line(f"{each.head}{begin}", marks)
    for part in each.parts():
        yield from lines_of(part, marks)
    yield Line(f"{INDENT * each.depth}{end}{each.tail}")


def place_of(key: str) -> tuple[str, ...]:
    return tuple(part.lower() for part in PLACE.findall(key))


def is_at(place: tuple[str, ...], mark: tuple[str, ...]) -> bool:
    """A key may leave out where it begins: “PostalCode” is the one inside the address, too."""
    return place[-len(mark) :] == mark
