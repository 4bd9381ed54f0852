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


# The types of numbers that a request can carry (MAPPING §2.1).
PHONE_SLOTS = frozenset({"Home", "Office", "Cell", "Fax"})


def other_phones(body: Body) -> list[Body] | None:
    """Numbers of types that no request can carry."""
    numbers = [each for each in body.get("PhoneNumbers") or [] if isinstance(each, dict)]
    return [each for each in numbers if each.get("Number") and each.get("Type") not in PHONE_SLOTS] or None
