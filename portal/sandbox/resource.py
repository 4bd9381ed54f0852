"""The declaration of a resource: everything the shared machinery has to know to serve it.

A resource is one file in `resources/`: its pydantic messages, its business rules as plain functions of a
`World`, and one `Resource` value that `catalog.py` lists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.sandbox.collection import Record, Values
from portal.sandbox.messages.base import Message
from portal.sandbox.switches import Right, Switches
from portal.sandbox.world import World

Answer = dict[str, Any]
Predicate = Callable[[World, Record], bool]
Query = MultiDict[str, str]


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

    def to_view(self, also: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The permissions for reading, as the specification prints them: `Rentals > Leases: View`."""
        return f"{self.view}: View", *also

    def to_edit(self, also: tuple[str, ...] = (), right: Right = "View+Edit") -> tuple[str, ...]:
        """The permissions for writing; `also` are those of other areas, printed in full."""
        return f"{self.edit or self.view}: {right}", *also


@dataclass(frozen=True)
class Event:
    """Webhooks of a kind: `Rental` + `.Created`, and the name under which the body carries the id ('' for not at
    all); `more` are further ids, `operations` the ones of `Created`, `Updated` and `Deleted` that exist.
    `along(world, record)` are the prefixes and ids of further webhooks that each change of the record sends."""

    prefix: str
    id_field: str
    more: Callable[[Record], Values] = lambda record: {}
    operations: tuple[str, ...] = ("Created", "Updated", "Deleted")
    along: Callable[[World, Record], list[tuple[str, Values]]] = lambda world, record: []


@dataclass(frozen=True)
class Create:
    """POST on the collection. `run(world, message)` checks the rules, inserts, and returns the new record;
    `link(world, record)` gives the path for the Link header, if any; `also` are permissions of other areas."""

    message: type[Message]
    run: Callable[[World, Any], Record]
    link: Callable[[World, Record], str | None] = lambda world, record: None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Update:
    """PUT on a record. `run(world, record, message)` replaces the record and returns it."""

    message: type[Message]
    run: Callable[[World, Record, Any], Record]


@dataclass(frozen=True)
class Patch:
    """PATCH on a record with a list of operations (RFC 6902). `document(record)` is what they address; what they
    leave of it must be a valid `message`, with which `run(world, record, message)` changes the record."""

    document: Callable[[Record], Values]
    message: type[Message]
    run: Callable[[World, Record, Any], Record]


def _remove(world: World, record: Record) -> None:
    world.remove(record)


@dataclass(frozen=True)
class Delete:
    """DELETE on a record, answered 204. `run(world, record)` checks the rules and takes the record away; `right` is
    what the key needs in the resource's own area, `also` what it needs in others."""

    run: Callable[[World, Record], None] = _remove
    right: Right = "View+Edit+Delete"
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class CreateElsewhere:
    """POST on a path outside the collection. `place(record)` is the path of the new record, for Location."""

    path: str
    create: Create
    place: Callable[[Record], str]


@dataclass(frozen=True)
class Action:
    """POST `<record>/<name>` without a body, answered 204, or 201 with what `run(world, record)` returns. `right` is
    what the key needs; `urls` name fields of the answer with a path of this server, which becomes a full address."""

    name: str
    run: Callable[[World, Record], Answer | None]
    right: Right = "View+Edit"
    urls: tuple[str, ...] = ()


@dataclass(frozen=True)
class CollectionAction:
    """POST `<collection>/<name>` that makes no record of the kind: answered 201 with what `run(world, message)`
    returns; `urls` as for an `Action`."""

    name: str
    message: type[Message]
    run: Callable[[World, Any], Answer]
    urls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resource:
    """One kind of record.

    `path` is the collection's, with earlier ids as `{Field}`: `/v1/leases/{LeaseId}/notes` serves only the
    records whose `LeaseId` is (or contains) the one in the path, after checking that `parents["LeaseId"]` has it and
    that the parents belong together. Where such fields are indexed, the innermost is looked up.
    `key` is the indexed field whose value ends the path of a record, where that isn't its own id.
    `answer(world, record)` gives the body; `indexes` are fields that `world.find` looks up. `also` are permissions
    of other areas that reading needs.
    `blank` are the values of a new record that the API can't create but the control API can.
    Without a `path` the API doesn't show the records; the control API and the pages do.
    `serves(world, record)` says which records of the kind stand under this path at all, `listed` which of those the
    list shows; a list that isn't `paged` has no limit, offset or order.
    `rows(world)` makes records up for a list that is gathered from other kinds; nothing of it is kept, so it is listed
    among the `REPORTS` of the catalogue and has no path for a single record.
    `narrow(query, switches)` gives further tests for a list where several parameters only mean something together,
    or raises RefusedError; each of them still has its `Filter` for its own form.
    `on_delete(world, record)` takes along what depends on a record that is deleted "in the web pages".
    """

    kind: str
    path: str
    area: Area
    answer: Callable[[World, Record], Answer]
    filters: Mapping[str, Filter] = field(default_factory=dict)
    create: Create | None = None
    update: Update | None = None
    delete: Delete | None = None
    patch: Patch | None = None
    elsewhere: CreateElsewhere | None = None
    actions: tuple[Action, ...] = ()
    collection_actions: tuple[CollectionAction, ...] = ()
    event: Event | None = None
    indexes: tuple[str, ...] = ()
    parents: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    also: tuple[str, ...] = ()
    narrow: Callable[[Query, Switches], list[Predicate]] = lambda query, switches: []
    serves: Predicate = lambda world, record: True
    listed: Predicate = lambda world, record: True
    paged: bool = True
    title: Callable[[Record], str] = lambda record: str(record.values.get("Name") or record.id)
    blank: Values | None = None
    rows: Callable[[World], list[Record]] | None = None
    on_delete: Callable[[World, Record], None] = lambda world, record: None


@dataclass(frozen=True)
class Single:
    """A GET that is one object and no collection, like the account."""

    path: str
    area: Area
    answer: Callable[[World], Answer]
