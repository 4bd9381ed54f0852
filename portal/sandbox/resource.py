"""The declaration of a resource: everything the shared machinery has to know to serve it.

A resource is one file in `resources/`: its pydantic messages, its business rules as plain functions of a
`World`, and one `Resource` value that `catalog.py` lists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.sandbox.collection import Record, Values
from portal.sandbox.messages.base import Message
from portal.sandbox.switches import Switches
from portal.sandbox.world import World

Answer = dict[str, Any]
Predicate = Callable[[World, Record], bool]


@dataclass(frozen=True)
class Filter:
    """A query parameter of a list. `parse(name, raw values, switches)` gives the test a record must pass, or
    raises RefusedError. `index` names an indexed integer field that the filter compares with, to spare a full scan."""

    parse: Callable[[str, list[str], Switches], Predicate]
    index: str = ""


@dataclass(frozen=True)
class Area:
    """The permission a key needs: the area's name as Buildium prints it; writing may have a name of its own."""

    view: str
    edit: str = ""


@dataclass(frozen=True)
class Event:
    """Webhooks of a kind: `Rental` + `.Created`, and the name under which the body carries the id."""

    prefix: str
    id_field: str
    more: Callable[[Record], Values] = lambda record: {}


@dataclass(frozen=True)
class Create:
    """POST on the collection. `run(world, message)` checks the rules, inserts, and returns the new record;
    `link(world, record)` gives the path for the Link header, if any."""

    message: type[Message]
    run: Callable[[World, Any], Record]
    link: Callable[[World, Record], str | None] = lambda world, record: None


@dataclass(frozen=True)
class Update:
    """PUT on a record. `run(world, record, message)` replaces the record and returns it."""

    message: type[Message]
    run: Callable[[World, Record, Any], Record]


@dataclass(frozen=True)
class Action:
    """POST `<record>/<name>` without a body, answered 204."""

    name: str
    run: Callable[[World, Record], None]


@dataclass(frozen=True)
class Resource:
    """One kind of record.

    `path` is the collection's, with earlier ids as `{Field}`: `/v1/leases/{LeaseId}/notes` serves only the
    records whose `LeaseId` is the one in the path, after checking that `parents["LeaseId"]` has it.
    `answer(world, record)` gives the body; `indexes` are fields that `world.find` looks up.
    `blank` are the values of a new record that the API can't create but the control API can.
    `on_delete(world, record)` takes along what depends on a record that is deleted "in the web pages".
    """

    kind: str
    path: str
    area: Area
    answer: Callable[[World, Record], Answer]
    filters: Mapping[str, Filter] = field(default_factory=dict)
    create: Create | None = None
    update: Update | None = None
    actions: tuple[Action, ...] = ()
    event: Event | None = None
    indexes: tuple[str, ...] = ()
    parents: Mapping[str, str] = field(default_factory=dict)
    listed: Predicate = lambda world, record: True
    title: Callable[[Record], str] = lambda record: str(record.values.get("Name") or record.id)
    blank: Values | None = None
    on_delete: Callable[[World, Record], None] = lambda world, record: None


@dataclass(frozen=True)
class Single:
    """A GET that is one object and no collection, like the account."""

    path: str
    area: Area
    answer: Callable[[World], Answer]
