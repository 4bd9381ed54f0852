"""Values inside a JSON column, each as an attribute of its own."""

from __future__ import annotations

from typing import Any, overload


class Inside:
    """The value under `key` of the object in the column attribute `stored`; an object without values is none."""

    def __init__(self, stored: str, key: str) -> None:
        self.stored, self.key = stored, key

    @overload
    def __get__(self, record: None, owner: type) -> Inside: ...
    @overload
    def __get__(self, record: Any, owner: type) -> str | None: ...
    def __get__(self, record: Any, owner: type) -> Inside | str | None:
        if record is None:
            return self
        value: str | None = (getattr(record, self.stored) or {}).get(self.key)
        return value

    def __set__(self, record: Any, value: str | None) -> None:
        # A new object each time: the session sees no change inside one.
        values = {**(getattr(record, self.stored) or {}), self.key: value}
        kept = {key: each for key, each in values.items() if each not in (None, "")}
        if kept != (getattr(record, self.stored) or {}):
            setattr(record, self.stored, kept or None)
