"""Rules of Buildium about addresses, and how two spellings of one text compare, shared by several mappings."""

from __future__ import annotations

from typing import Any

from portal.sync.merge import canonical
from portal.sync.resource import Body, Problem, at
from portal.words import is_region


def region_problems(record: Any, prefix: str = "") -> list[Problem]:
    """In the US and Canada, Buildium takes no state that isn't one (MAPPING §2)."""
    state, country = getattr(record, f"{prefix}state"), getattr(record, f"{prefix}country")
    if not state or not country or is_region(country, state):
        return []
    kind = "province" if country == "Canada" else "state"
    return [Problem(f"{prefix}state", f"“{state}” is no {kind}. Buildium wants its name or abbreviation.")]


def agree(one: Body, other: Body, *places: str) -> bool:
    """Whether two bodies say the same at every place, letter case aside: Buildium's filters only say “contains”."""
    return all(folded(at(one, place)) == folded(at(other, place)) for place in places)


def folded(value: Any) -> Any:
    found = canonical(value)
    return found.casefold() if isinstance(found, str) else found
