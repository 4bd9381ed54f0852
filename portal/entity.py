"""One kind of record: what its pages show, and what it is at Buildium."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.sync.resource import Direction, Resource
from portal.web.record_sync import MARKS, Mark
from portal.web.screen import Screen


@dataclass(frozen=True)
class Entity:
    """`screen` is None where there are no pages of its own, `resource` where Buildium has no such record."""

    screen: Screen | None
    resource: Resource | None


def marks(resource: Resource) -> Mapping[str, Mark]:
    """Which way each field travels, in words."""
    # Other requests on the way, but the same for people.
    both = dict.fromkeys((Direction.UPDATE, Direction.SWITCH), Direction.BOTH)
    return {name: MARKS[both.get(each, each).value] for name, each in resource.directions().items()}


def wanted(resource: Resource) -> frozenset[str]:
    """The fields without which Buildium won't take the record."""
    return frozenset(item.name for item in resource.fields if item.name and item.required)
