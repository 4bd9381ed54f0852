"""A page of a list: filters, ordering, limit and offset (MAPPING §1.2)."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from portal.sandbox.collection import Record, listed
from portal.sandbox.errors import RefusedError
from portal.sandbox.filters import whole_number
from portal.sandbox.resource import Answer, Predicate, Query, Resource
from portal.sandbox.world import World

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 1000
_PAGING = ("limit", "offset", "orderby")


def page_of(world: World, resource: Resource, query: Query) -> tuple[list[Answer], int]:
    """The answers of one page, and the number of records on all pages. Raises RefusedError for a bad parameter."""
    _check_names(resource, query)
    if not resource.paged:
        everything = _matching(world, resource, query)
        return [resource.answer(world, record) for record in everything], len(everything)
    limit, offset = _limit(query), _offset(query)
    records = _matching(world, resource, query)
    ordering = _ordering(query)
    if _by_id(ordering) and any("Id" in resource.answer(world, record) for record in records[:1]):
        # The usual order of a sweep. Ids are unique, so nothing else counts and one page of answers will do.
        records.sort(key=lambda record: record.id, reverse=ordering[0][1])
    elif ordering:
        answers = _sorted([resource.answer(world, record) for record in records], ordering)
        return answers[offset : offset + limit], len(records)
    elif world.switches.unstable_order:
        random.shuffle(records)
    return [resource.answer(world, record) for record in records[offset : offset + limit]], len(records)


def in_scope(record: Record, scope: Mapping[str, int]) -> bool:
    """Whether the record's fields are, or contain, the ids of the path."""
    return all(value in listed(record.values.get(field)) for field, value in scope.items())


def _check_names(resource: Resource, query: Query) -> None:
    """Names are case-sensitive: `Limit` is not found (404); a name nobody knows is ignored."""
    known = {*resource.filters, *_PAGING}
    for name in query:
        if name not in known and name.lower() in known:
            raise RefusedError(404, [(name, f"Unknown parameter '{name}', did you mean '{name.lower()}'?")])


def _limit(query: Query) -> int:
    limit = whole_number("limit", query.get("limit", str(DEFAULT_LIMIT)))
    if limit < 1:
        raise RefusedError(400, [("limit", "limit must be at least 1.")])
    return min(limit, LARGEST_LIMIT)


def _offset(query: Query) -> int:
    offset = whole_number("offset", query.get("offset", "0"))
    if offset < 0:
        raise RefusedError(400, [("offset", "offset cannot be negative.")])
    return offset


def _matching(world: World, resource: Resource, query: Query) -> list[Record]:
    tests: list[Predicate] = [lambda world, record: in_scope(record, world.scope)] if world.scope else []
    for name, each in resource.filters.items():
        raw = [text for text in query.getlist(name) if text]
        if raw:
            tests.append(each.parse(name, raw, world.switches))
    tests += resource.narrow(query, world.switches)
    return [
        record
        for record in _candidates(world, resource, query)
        if resource.serves(world, record)
        and resource.listed(world, record)
        and all(test(world, record) for test in tests)
    ]


def _candidates(world: World, resource: Resource, query: Query) -> list[Record]:
    """All records, or the few that the path or an indexed filter leaves, by id."""
    if resource.rows is not None:
        return resource.rows(world)
    for field, value in reversed(world.scope.items()):
        if field in resource.indexes:
            return sorted(world.find(resource.kind, field, value), key=lambda record: record.id)
    for name, each in resource.filters.items():
        raw = [text for text in query.getlist(name) if text]
        if each.index and raw:
            found = {record.id: record for text in raw for record in world.find(resource.kind, each.index, int(text))}
            return [found[record_id] for record_id in sorted(found)]
    return world.all(resource.kind)


def _ordering(query: Query) -> list[tuple[str, bool]]:
    """`Name desc,Id` as [("name", True), ("id", False)]; property names are case-insensitive."""
    parts = [part.split() for part in query.get("orderby", "").split(",") if part.strip()]
    for words in parts:
        if len(words) > 2 or words[1:] not in ([], ["asc"], ["desc"], ["ASC"], ["DESC"]):
            raise RefusedError(400, [("orderby", f"'{' '.join(words)}' is not a field followed by asc or desc.")])
    return [(words[0].lower(), words[-1].lower() == "desc" and len(words) == 2) for words in parts]


def _by_id(ordering: list[tuple[str, bool]]) -> bool:
    return bool(ordering) and ordering[0][0] == "id"


def _sorted(answers: list[Answer], ordering: list[tuple[str, bool]]) -> list[Answer]:
    if not answers:
        return answers
    names = {name.lower(): name for name in answers[0]}
    for wanted, descending in reversed(ordering):
        if wanted not in names:
            raise RefusedError(400, [("orderby", f"'{wanted}' is not a property of the resource.")])
        name = names[wanted]
        answers.sort(key=lambda answer, name=name: _rank(answer[name]), reverse=descending)  # type: ignore[misc]
    return answers


def _rank(value: Any) -> tuple[int, Any]:
    """Nulls first, numbers by size, texts without regard to case, anything else by its JSON."""
    if value is None:
        return 0, 0
    if isinstance(value, (int, float)):
        return 1, value
    return 2, (value if isinstance(value, str) else json.dumps(value)).casefold()
