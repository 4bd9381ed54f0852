"""What the pages of one kind of record show. Plain data: anything with a decision in it is a view or a template."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, Text, collate, func
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.interfaces import ORMOption

from portal.web.access import Permission
from portal.web.filters import Filter
from portal.web.record_sync import Mark
from portal.web.search import SearchText

if TYPE_CHECKING:
    from portal.web.forms import RecordForm


LONGEST_ID = 18  # digits that fit into a BIGINT


@dataclass(frozen=True)
class Sort:
    """What a column sorts by. A nullable one puts empty values last in both directions."""

    by: ColumnElement[Any] | InstrumentedAttribute[Any]
    nullable: bool = False


def by_name(column: InstrumentedAttribute[Any], nullable: bool = False) -> Sort:
    """As people sort names, along the index that portal.listing.name_order makes."""
    return Sort(collate(func.lower(column, type_=Text()), "C"), nullable)


@dataclass(frozen=True)
class Column:
    """One value of a record: a column of lists and exports, a fact of the detail page.

    `cell` names a macro of templates/components/cell.html. `value` replaces the attribute `name`; `words` are shown for
    codes; `to` is the plural of the screen that the value, a record, has its page on.
    """

    name: str
    heading: str
    cell: str = "text"
    value: Callable[[Any], Any] | None = None
    words: Mapping[Any, str] | None = None
    to: str = ""
    sort: Sort | None = None
    shown: bool = True
    wide: bool = False

    def read(self, record: Any) -> Any:
        value = self.value(record) if self.value else getattr(record, self.name)
        return self.words.get(value, value) if self.words and value is not None else value


@dataclass(frozen=True)
class Section:
    """A heading of the detail page and the facts beneath it."""

    title: str
    facts: tuple[Column, ...]


@dataclass(frozen=True)
class Related:
    """A table of other records on the detail page: `through` is our relationship to them, `plural` their screen,
    `parent` the name that we have in their filters and forms, `columns` names of theirs, `add` the words of the button.
    `note` may warn about all of them."""

    title: str
    through: InstrumentedAttribute[Any]
    plural: str
    parent: str
    columns: tuple[str, ...]
    empty: str
    add: str
    note: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Activity:
    """Switching a record off and on again, and the words that say what else happens then."""

    off: Callable[[Any], None]
    on: Callable[[Any], None]
    off_words: Callable[[Any], Sequence[str]]
    on_words: Callable[[Any], Sequence[str]]


@dataclass(frozen=True)
class Route:
    """A page that only this kind of record has: a plain view function, wrapped in the rule about who may use it."""

    rule: str
    name: str
    view: Callable[..., ResponseReturnValue]
    permission: Permission
    methods: tuple[str, ...] = ("GET",)


@dataclass(frozen=True)
class Screen:
    """`order` names the column that a list is sorted by at first, with a minus in front for downwards. `unique` maps
    the name of a constraint to (field, message). `wanted` are the fields that Buildium insists on."""

    singular: str
    plural: str
    model: type[Any]  # a Record
    form: type[RecordForm]
    icon: str
    columns: tuple[Column, ...]
    order: str
    empty: str
    search: SearchText = None
    filters: tuple[Filter, ...] = ()
    loads: tuple[ORMOption, ...] = ()
    sections: tuple[Section, ...] = ()
    related: tuple[Related, ...] = ()
    unique: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    activity: Activity | None = None
    routes: tuple[Route, ...] = ()
    home: Callable[[Any], str] | None = None  # where a saved record is shown, when not on its own page
    marks: Mapping[str, Mark] = field(default_factory=dict)
    wanted: frozenset[str] = frozenset()
    buildium_id: str = ""  # the attribute with Buildium's id
    buildium_page: str = ""  # the path of its page in Buildium, with {id}
    key: str = "uuid"  # the URL converter of its ids
    called: tuple[str, str] = ("", "")  # how people say one and many, where that isn't how addresses do

    @property
    def title(self) -> str:
        return (self.called[1] or self.plural.replace("_", " ")).capitalize()

    @property
    def name(self) -> str:
        return self.called[0] or self.singular.replace("_", " ")

    @property
    def table(self) -> str:
        name: str = self.model.__tablename__
        return name

    def read_id(self, text: str) -> UUID | int:
        """The id of one of its records as an address or a form writes it. Raises ValueError for anything else."""
        if self.key == "uuid":
            return UUID(text)
        if not text.isdecimal() or len(text) > LONGEST_ID:
            raise ValueError(text)
        return int(text)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)
