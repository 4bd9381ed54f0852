"""How one of our models corresponds to one of Buildium's resources. Plain data, read by push, pull and the pages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any

from portal.sync.errands import Errand, Upload
from portal.sync.items import Items
from portal.sync.likeness import Likeness
from portal.sync.paths import Body as Body
from portal.sync.paths import at as at
from portal.sync.paths import put as put

SENT = "_sent"  # in a snapshot: fingerprints of what we sent and no answer repeats


class Direction(Enum):
    """Which way the value of a field travels. The pages show it beside the field."""

    BOTH = "both"
    CREATE = "create"  # sent when the record is created, never again; changes come back
    PULL = "pull"  # Buildium's alone
    WRITE = "write"  # sent, but no answer contains it
    UPDATE = "update"  # both ways, but no create can carry it: an update follows the create
    SWITCH = "switch"  # both ways, but by an errand of its own instead of the PUT
    HERE = "here"  # no counterpart at Buildium


def same(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Field:
    """One value on both sides.

    `name` is our attribute (None: a value that we don't show but must carry over a PUT), `remote` the dotted place
    in a request, `read` the place in an answer where it differs. `refers_to` names the resource whose local id
    stands here and whose Buildium id is sent; `many` makes the value a set of such ids; `items` a list of parts.
    `only` names the kinds of the record whose messages know the field, where it isn't all of them.
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
    items: Items | None = None
    only: frozenset[str] = frozenset()

    def of(self, record: Any) -> Any:
        """Our value, in our spelling."""
        value = getattr(record, self.name or "")
        return self.instead(record) if self.instead and value in (None, "") else value

    @property
    def words(self) -> str:
        return self.label or (self.name or self.remote).removesuffix("_id").replace("_", " ").capitalize()

    @property
    def in_update(self) -> bool:
        return self.direction in (Direction.BOTH, Direction.WRITE, Direction.UPDATE)

    @property
    def in_create(self) -> bool:
        return self.name is not None and self.direction in (Direction.BOTH, Direction.WRITE, Direction.CREATE)

    @property
    def readable(self) -> bool:
        return self.direction not in (Direction.WRITE, Direction.HERE)

    def extract(self, body: Body) -> Any:
        """The value in an answer, None where it is absent or empty."""
        value = self.read(body) if callable(self.read) else at(body, self.read or self.remote)
        if self.items:
            return [self.items.normal(row) for row in value or () if isinstance(row, dict)]
        return None if value == "" else value


def carried(remote: str, read: str | Callable[[Body], Any] | None = None) -> Field:
    """A writable value of Buildium's that no page of ours shows: a PUT without it would erase it."""
    return Field(None, remote, read=read)


@dataclass(frozen=True)
class Problem:
    """Something Buildium would refuse, known before any call. `waits_for` is (resource, local id) of a parent."""

    field: str
    message: str
    waits_for: tuple[str, str] | None = None


@dataclass(frozen=True)
class Search:
    """How to find a record again after a create whose outcome is unknown (MAPPING §9).

    `query` gets the body that was sent; `same` compares it with a row of the listing, exactly. `made` gives the moment
    at which a row came to be, where Buildium says it: what is older than the attempt isn't what the attempt made.
    """

    query: Callable[[Body], Mapping[str, Any]]
    same: Callable[[Body, Body], bool]
    made: Callable[[Body], datetime | None] | None = None


@dataclass(frozen=True)
class Children:
    """Records that can be created inside their parent's request, and are found among Buildium's afterwards.

    They are found by their own resource's `Search.same`, in the listing that the filter `query` narrows to the parent,
    or, where there is no such filter, by the ids that `named` finds in the parent's answer.
    """

    resource: str
    relationship: str  # our parent's attribute that holds them, or holds the links to them
    remote: str  # the key of the parent's request
    parent: str  # the key of a child's own request that names its parent
    at_most: int
    query: str = ""  # the filter of the children's listing that takes the parent's Buildium id
    named: Callable[[Body], Sequence[int]] | None = None
    through: str = ""  # the link's attribute that holds the child
    known: str = ""  # the key of the parent's request for the ids of children that exist already


@dataclass(frozen=True)
class Kinds:
    """One model of ours that is several collections at Buildium: `attribute` decides for good which (MAPPING §4.13).

    `key` is the name under which every body says its kind; `every` the collection that reads all of them.
    """

    attribute: str
    key: str
    paths: Mapping[str, str]
    every: str
    unpaged: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Nested:
    """Records that Buildium lists only inside a parent: `{}` in the resource's path is the parent's Buildium id, and
    every body says it under `key`. `attribute` is ours that names the parent; a listing asks the parents that `asked`
    (a condition on their model) takes, and of those only what has changed, by its attribute `as_of`, since it was last
    listed. Where they are read `together`, whoever wants one reads all of its parent's: one call as well, and it brings
    the earlier one whose event was lost."""

    resource: str
    attribute: str
    key: str
    asked: Callable[[], Any] | None = None
    as_of: str = ""
    named: str = ""  # the key under which an event names the parent or parents, where it isn't `key`
    together: bool = False


def nothing(*_: Any) -> list[Any]:
    return []


def as_it_is(_: Any, path: str, body: Body, __: Any) -> tuple[str, Body]:
    return path, body


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
    likeness: Likeness | None = None  # by what rows that were here first are matched at an import
    children: Children | None = None
    kinds: Kinds | None = None
    nested: Nested | None = None
    tag: Mapping[str, Any] = field(default_factory=dict)  # what a body says by the place that it was read from
    below: str = ""  # the collection under which errands find a record, where that isn't `path`
    paged: bool = True
    # (record, path, body, Identities) → path and body of the create, where the fields are not all of it
    request: Callable[[Any, str, Body, Any], tuple[str, Body]] = as_it_is
    # (record, Buildium's answer, the places that are still to be sent) → what the PUT can't bring
    errands: Callable[[Any, Body, Collection[str]], Sequence[Errand | Upload]] = (
        nothing  # (record, body, places to send)
    )
    more: Mapping[str, Callable[[Any], str | None]] = field(default_factory=dict)  # key → what is read there besides
    patched: bool = False  # a PATCH brings single values
    matched: bool = False  # named like one of Buildium's is that one: looked for before the first create, too
    reference: bool = False  # a short list that hardly changes: read again when the kept answer is gone
    careful: bool = False  # never made again on a guess: a person says that it isn't there
    joins: str = ""  # our record whose create made this one too
    changed_by_day: bool = False  # the filter of changes takes a date only
    check: Callable[[Any, Body], list[Problem]] = nothing  # (record, what we last sent or saw) → problems
    derive: Callable[[Body], Mapping[str, Any]] | None = None  # local values that follow from an answer
    follows: Callable[[Any], None] | None = None  # local values of our record that follow from its others
    expand: Callable[[Body], list[Body]] | None = None  # one row of a listing → several records
    accepts: Callable[[Body], bool] | None = None  # which rows of a listing are ours
    secrets: frozenset[str] = frozenset()  # keys whose values are stored as fingerprints only
    loads: tuple[str, ...] = ()  # relationships a pull touches: loaded for a whole page at once
    named_after: str = ""  # the parent whose name is part of this record's
    consents: tuple[str, ...] = ()  # attributes that aren't sent, but decide whether the record may be
    carries: tuple[str, ...] = ()  # attributes that errands bring
    here: tuple[str, ...] = ()  # attributes without a counterpart, for the field marks
    touches: tuple[str, str] | None = None  # (listing filter, resource) to refresh along with an event of ours
    names: tuple[str, str] | None = None  # (list in the answer, resource) of the records that change along with it

    def directions(self) -> dict[str, Direction]:
        """Field name → direction, for the marks of forms and detail pages."""
        marks = {item.name: item.direction for item in self.fields if item.name}
        return {**marks, **dict.fromkeys(self.here, Direction.HERE)}

    def pushed_names(self) -> frozenset[str]:
        """Attributes whose change has to reach Buildium."""
        sent = (Direction.BOTH, Direction.WRITE, Direction.UPDATE, Direction.SWITCH)
        return frozenset(item.name for item in self.fields if item.name and item.direction in sent) | {
            *self.consents,
            *self.carries,
        }

    def created_names(self) -> frozenset[str]:
        """Attributes that only a create can bring: until then their change matters, too."""
        return frozenset(item.name for item in self.fields if item.name and item.direction is Direction.CREATE)

    def of_kind(self, kind: str | None) -> Resource:
        """This resource as it is for one kind of record. Raises KeyError for a kind that it doesn't have."""
        if self.kinds is None:
            return self
        path = self.kinds.paths[kind or ""]
        fields = tuple(item for item in self.fields if not item.only or kind in item.only)
        paged = kind not in self.kinds.unpaged
        tag, below = {self.kinds.key: kind}, self.kinds.every
        return replace(self, path=path, fields=fields, tag=tag, paged=paged, below=below, kinds=None)

    def inside(self, parent: int) -> Resource:
        """This resource as it is inside the parent with this Buildium id."""
        if self.nested is None:
            return self
        return replace(self, path=self.path.format(parent), tag={self.nested.key: parent})

    def tagged(self, body: Body) -> Body:
        return {**body, **self.tag}

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
