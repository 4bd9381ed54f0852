"""Everything Buildium would refuse that we can know before asking: no call is made for what can't succeed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal.extensions import db
from portal.sync.bodies import Values
from portal.sync.current import current_sync
from portal.sync.identities import Identities
from portal.sync.resource import Body, Field, Problem, Resource, at, put


def problems(resource: Resource, record: Any, values: Values, snapshot: Body | None, ids: Identities) -> list[Problem]:
    """What has to be settled before the record can be sent; an empty list lets the push go on."""
    creating = resource.buildium_id(record) is None
    sent: Body = {}
    for remote, value in values.items():
        if value is not None:
            put(sent, remote, value)
    found: list[Problem] = []
    for item in resource.fields:
        if item.name and item.items and (item.in_create if creating else item.in_update):
            found += part_problems(item, record, values.get(item.remote), ids)
        elif item.name and (item.in_create if creating else item.in_update):
            found += parent_problems(item, record, ids) or value_problems(item, values.get(item.remote), sent, record)
    return found + nesting_problems(resource, record, ids) + resource.check(record, snapshot or {})


def part_problems(item: Field, record: Any, bodies: Any, ids: Identities) -> list[Problem]:
    """What is wrong with the parts of a list, each named by its place as people count."""
    found: list[Problem] = []
    if item.required and not bodies:
        found.append(Problem(item.name or "", f"{item.words} are missing; Buildium requires at least one."))
    for place, part in enumerate(getattr(record, item.name or ""), start=1):
        for each in item.items.fields if item.items else ():
            value = at(bodies[place - 1], each.remote)
            wrong = parent_problems(each, part, ids) or value_problems(each, value, bodies[place - 1], part)
            found += [
                Problem(item.name or "", f"{item.words}, {place}: {one.message}", one.waits_for)
                for one in wrong
                if each.name and each.in_create
            ]
    return found


def nesting_problems(resource: Resource, record: Any, ids: Identities) -> list[Problem]:
    """A record inside a parent can't be sent before the parent has arrived."""
    nested = resource.nested
    if nested is None:
        return []
    return parent_problems(Field(nested.attribute, nested.key, refers_to=nested.resource), record, ids)


def value_problems(item: Field, value: Any, sent: Body, record: Any) -> Iterator[Problem] | list[Problem]:
    name = item.name or ""
    if value is None or value == []:
        if item.required and is_wanted(item, sent):
            return [Problem(name, f"{item.words} is missing; Buildium requires it.")]
        return unwritable(item, record)
    text = str(value)
    if item.longest and len(text) > item.longest:
        return [Problem(name, f"{item.words} has {len(text)} characters; Buildium takes {item.longest} at most.")]
    if item.shortest and len(text) < item.shortest:
        return [Problem(name, f"{item.words} has {len(text)} characters; Buildium wants {item.shortest} at least.")]
    if item.choices is not None and value not in item.choices:
        return [Problem(name, f"{item.words} is “{text[:60]}”, which Buildium doesn't know.")]
    return []


def unwritable(item: Field, record: Any) -> list[Problem]:
    """A local value that has no counterpart in Buildium's spelling would be lost by sending nothing."""
    local = getattr(record, item.name or "")
    if local in (None, "", []) or item.refers_to or item.name is None:
        return []
    return [Problem(item.name, f"{item.words} is “{str(local)[:60]}”, which has no counterpart in Buildium.")]


def is_wanted(item: Field, sent: Body) -> bool:
    """A part of an optional object is required only where any other part of the object is sent."""
    parent, _, _ = item.remote.rpartition(".")
    return not parent or item.direction.value == "both" or bool(at(sent, parent))


def parent_problems(item: Field, record: Any, ids: Identities) -> list[Problem]:
    """Parents that Buildium doesn't have yet: the record waits, and is released when they have arrived."""
    if not item.refers_to:
        return []
    value = getattr(record, item.name or "")
    found = value if item.many else [value]
    waiting = [each for each in found or () if each is not None and ids.remote(item.refers_to, each) is None]
    return [Problem(item.name or "", waiting_words(item, each), (item.refers_to, str(each))) for each in waiting[:1]]


def waiting_words(item: Field, local_id: Any) -> str:
    kind = current_sync().resource(item.refers_to)
    parent = db.session.get(kind.model, local_id)
    return f"Waiting for {kind.name.replace('_', ' ')} “{parent}” to arrive in Buildium first."
