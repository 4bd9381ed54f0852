"""Values that are lists of parts: the lines of a bill, the items of a work order, the people of a lease."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.sync.merge import Parts
from portal.sync.paths import Body, filled

if TYPE_CHECKING:
    from portal.sync.resource import Field


def never(_: Any) -> bool:
    return False


@dataclass(frozen=True)
class Items:
    """The parts of one field: records of `model`, each with `fields` of its own (their places are inside a part).

    `key` is the attribute by which a part is the same on both sides; "" where Buildium's parts have no identity and
    only their order tells them apart. `unsent(part)` says that Buildium can't know a part yet: a pull leaves it.
    """

    model: type[Any]
    fields: tuple[Field, ...]
    key: str = ""
    position: str = "position"
    unsent: Callable[[Any], bool] = never

    @property
    def identity(self) -> Field | None:
        """The field that holds the key."""
        return next((item for item in self.fields if self.key and item.name == self.key), None)

    def normal(self, row: Body) -> Body:
        """A part of an answer, in the spelling of a request."""
        return filled({item.remote: item.extract(row) for item in self.fields})

    def merging(self) -> Parts:
        """How two lists of such parts are merged."""
        key = next(item.remote for item in self.fields if item.name == self.key)
        return Parts(key, frozenset(item.remote for item in self.fields if item.direction.value == "pull"))

    def matched(self, parts: Sequence[Any], wanted: Sequence[Any], alike: Callable[[Any, int], bool]) -> list[Any]:
        """For each of Buildium's parts (`wanted` holds their keys, in our spelling) our part that it is, if any.

        By key first; then, among ours that Buildium hasn't named yet, one that says the same; then the next in order.
        """
        keyed = {getattr(part, self.key): part for part in parts if self.key and getattr(part, self.key) is not None}
        found = [keyed.get(key) if key is not None else None for key in wanted]
        free = [part for part in parts if not self.key or getattr(part, self.key) is None]
        for place, part in enumerate(found):
            if part is None:
                found[place] = twin = next((each for each in free if alike(each, place)), None)
                free = [each for each in free if each is not twin]
        left = iter([each for each in free if not self.unsent(each)])
        return [part if part is not None else next(left, None) for part in found]
