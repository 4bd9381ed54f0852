"""How categories travel to Buildium: by their name alone, and its own ones not at all (MAPPING §4.9, §4.14)."""

from __future__ import annotations

from typing import Any

from portal.entities.checks import agree
from portal.sync.merge import equal
from portal.sync.resource import Body, Problem

OWN = "This is one of Buildium’s own categories, and Buildium lets nobody rename those."


def every_category(_: Body) -> dict[str, Any]:
    # The listing has no filters: it is paged through (MAPPING §9).
    return {}


def by_the_same_name(sent: Body, found: Body) -> bool:
    return agree(sent, found, "Name")


def rename_problems(record: Any, snapshot: Body) -> list[Problem]:
    if not record.is_system or equal(record.name, snapshot.get("Name")):
        return []
    return [Problem("name", OWN)]
