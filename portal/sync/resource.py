"""How one of our models corresponds to one of Buildium's resources. Plain data, read by push, pull and the pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

Body = dict[str, Any]

SENT = "_sent"  # in a snapshot: fingerprints of what we sent and no answer repeats


class Direction(Enum):
    """Which way the value of a field travels. The pages show it beside the field."""

    BOTH = "both"
    CREATE = "create"  # sent when the record is created, never again; changes come back
    PULL = "pull"  # Buildium's alone
    WRITE = "write"  # sent, but no answer contains it
    SWITCH = "switch"  # both ways, but by a request of its own instead of the PUT
    HERE = "here"  # no counterpart at Buildium


def same(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Field:
    """One value on both sides.

    `name` is our attribute (None: a value that we don't show but must carry over a PUT), `remote` the dotted place
    in a request, `read` the place in an answer where it differs. `refers_to` names the resource whose local id
    stands here and whose Buildium id is sent; `many` makes the value a set of such ids.
    """

    name: str | None
    remote: str
    direction: Direction = Direction.BOTH
    read: str | Callable[[Body], Any] | None = None
    to_remote: Callable[[Any], Any] = same
    to_local: Callable[[Any], Any] = same
    refers_to: str = ""
    many: bool = False
    label: str = ""
    required: bool = False
    longest: int | None = None
    shortest: int | None = None
    choices: frozenset[str] | None = None
    instead: Callable[[Any], Any] | None = None  # what is sent for our record where it has no value of its own

    def of(self, record: Any) -> Any:
        """Our value, in our spelling."""
        value = getattr(record, self.name or "")
        return self.instead(record) if self.instead and value in (None, "") else value

    @property
    def words(self) -> str:
        return self.label or (self.name or self.remote).removesuffix("_id").replace("_", " ").capitalize()

    @property
    def in_update(self) -> bool:
        return self.direction in (Direction.BOTH, Direction.WRITE)

    @property
    def in_create(self) -> bool:
        return self.name is not None and self.direction in (Direction.BOTH, Direction.WRITE, Direction.CREATE)

    @property
    def readable(self) -> bool:
        return self.direction not in (Direction.WRITE, Direction.HERE)

    def extract(self, body: Body) -> Any:
        """The value in an answer, None where it is absent or empty."""
        value = self.read(body) if callable(self.read) else at(body, self.read or self.remote)
        return None if value == "" else value


def carried(remote: str, read: str | Callable[[Body], Any] | None = None) -> Field:
    """A writable value of Buildium's that no page of ours shows: a PUT without it would erase it."""
    return Field(None, remote, read=read)


def at(body: Any, path: str) -> Any:
    for step in path.split("."):
        body = body.get(step) if isinstance(body, dict) else None
    return body


def put(body: Body, path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for step in parents:
        body = body.setdefault(step, {})
    body[last] = value


@dataclass(frozen=True)
class Problem:
    """Something Buildium would refuse, known before any call. `waits_for` is (resource, local id) of a parent."""

    field: str
    message: str
    waits_for: tuple[str, str] | None = None


@dataclass(frozen=True)
class Search:
    """How to find a record again after a create whose outcome is unknown (MAPPING §9).

    `query` gets the body that was sent; `same` compares it with a row of the listing, exactly.
    """

    query: Callable[[Body], Mapping[str, Any]]
    same: Callable[[Body, Body], bool]


@dataclass(frozen=True)
class Children:
    """Records that can be created inside their parent's request, and adopted from a listing afterwards."""

    resource: str
    relationship: str  # our parent's attribute that holds them
    remote: str  # the key of the parent's request
    parent: str  # the key of a child's own request that names its parent
    query: str  # the filter of the children's listing that takes the parent's Buildium id
    match: str  # our attribute that is unique inside one parent
    remote_match: str  # and its place at Buildium
    at_most: int


@dataclass(frozen=True)
class Switch:
    """The requests that change a flag which no PUT can: paths after the record's own, and the field's place."""

    remote: str
    on: str
    off: str


def nothing(*_: Any) -> list[Problem]:
    return []


@dataclass(frozen=True)
class Resource:
    """One kind of record at Buildium. `permission` is what the API key needs, in Buildium's own words."""

    name: str
    model: type[Any]
    path: str
    id_column: str
    fields: tuple[Field, ...]
    permission: str
    events: Mapping[str, str] = field(default_factory=dict)  # event name before the dot → key of the record's id
    pushed: bool = True
    has_changed_filter: bool = False
    query: Mapping[str, Any] = field(default_factory=dict)  # always part of the listing
    search: Search | None = None
    children: Children | None = None
    switch: Switch | None = None
    check: Callable[[Any, Body], list[Problem]] = nothing  # (record, what we last sent or saw) → problems
    derive: Callable[[Body], Mapping[str, Any]] | None = None  # local values that follow from an answer
    expand: Callable[[Body], list[Body]] | None = None  # one row of a listing → several records
    accepts: Callable[[Body], bool] | None = None  # which rows of a listing are ours
    secrets: frozenset[str] = frozenset()  # keys whose values are stored as fingerprints only
    loads: tuple[str, ...] = ()  # relationships a pull touches: loaded for a whole page at once
    named_after: str = ""  # the parent whose name is part of this record's
    consents: tuple[str, ...] = ()  # attributes that aren't sent, but decide whether the record may be
    here: tuple[str, ...] = ()  # attributes without a counterpart, for the field marks
    touches: tuple[str, str] | None = None  # (listing filter, resource) to refresh along with an event of ours

    def directions(self) -> dict[str, Direction]:
        """Field name → direction, for the marks of forms and detail pages."""
        marks = {item.name: item.direction for item in self.fields if item.name}
        return {**marks, **dict.fromkeys(self.here, Direction.HERE)}

    def pushed_names(self) -> frozenset[str]:
        """Attributes whose change has to reach Buildium."""
        sent = (Direction.BOTH, Direction.WRITE, Direction.SWITCH)
        return frozenset(item.name for item in self.fields if item.name and item.direction in sent) | {*self.consents}

    def buildium_id(self, record: Any) -> int | None:
        value: int | None = getattr(record, self.id_column)
        return value


@dataclass(frozen=True)
class Resources:
    """Every resource, parents before children."""

    ordered: tuple[Resource, ...]
    by_name: Mapping[str, Resource] = field(init=False)
    by_model: Mapping[type[Any], Resource] = field(init=False)
    by_event: Mapping[str, Resource] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {each.name: each for each in self.ordered})
        object.__setattr__(self, "by_model", {each.model: each for each in self.ordered})
        object.__setattr__(self, "by_event", {prefix: each for each in self.ordered for prefix in each.events})
