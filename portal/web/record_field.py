"""The field that chooses another record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import g
from sqlalchemy import Select, select
from wtforms import Field, ValidationError
from wtforms.utils import unset_value

from portal.extensions import db
from portal.web.pagination import Order, ordering
from portal.web.screen import Screen
from portal.web.screens import screens
from portal.web.search import found

FEW = 50
MATCHES = 20


class RecordField(Field):
    """The id of another record. Few records are a select; of many one is found by typing a part of its name.

    The form sends `<name>` (the id) and `<name>-sought` (the words). Words that are exactly one record's name choose
    it; otherwise the form comes back with the records that match, to pick one.
    """

    def __init__(self, label: str, of: str, required: str = "", hint: str = "", **options: Any) -> None:
        super().__init__(label, description=hint, **options)
        self.of, self.missing = of, required
        self.sought = ""
        self.matches: Sequence[Any] = ()
        self.chosen: Any = None
        self.few = False
        if required:
            self.flags.required = True

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        self.sought = (formdata.get(f"{self.name}-sought", "").strip() if formdata else "")[:200]
        super().process(formdata, data, extra_filters)
        self.look_up()

    def process_data(self, value: Any) -> None:
        self.data = identity(self.screen, value)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        if not valuelist:
            return
        self.data = identity(self.screen, valuelist[0])
        if valuelist[0].strip() and self.data is None:
            raise ValueError(f"Choose one of the {self.screen.title.lower()}.")

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            return
        if self.sought:
            self.settle_on_match()
        elif self.data is None and self.missing:
            raise ValidationError(self.missing)
        elif self.data is not None and self.chosen is None:
            raise ValidationError(f"This {self.screen.name} does not exist any more. Choose another one.")

    def settle_on_match(self) -> None:
        exact = [each for each in self.matches if str(each).casefold() == self.sought.casefold()]
        if len(exact) == 1:
            self.data, self.chosen, self.sought, self.matches = exact[0].id, exact[0], "", ()
        elif self.matches:
            raise ValidationError(f"Choose one of those that match “{self.sought}”.")
        else:
            raise ValidationError(f"No {self.screen.name} matches “{self.sought}”.")

    def look_up(self) -> None:
        """Load what the field shows: the chosen record, and all others if they are few, or those that match."""
        self.matches = first_of(self.screen)
        self.few = len(self.matches) <= FEW
        if not self.few:
            self.matches = matching(self.screen, self.sought) if self.sought else ()
        self.chosen = None if self.data is None else db.session.get(self.screen.model, self.data)

    @property
    def screen(self) -> Screen:
        return screens()[self.of]

    def words(self) -> str:
        return str(self.chosen) if self.chosen else ""

    def more_about(self, record: Any) -> str:
        """What tells records of the same name apart: their second column."""
        return str(self.screen.columns[1].read(record) or "")


def first_of(screen: Screen) -> Sequence[Any]:
    """One record more than a select should hold, read once per request however many fields ask."""
    known: dict[str, Sequence[Any]] = g.setdefault("first_of_screens", {})
    if screen.plural not in known:
        known[screen.plural] = db.session.scalars(in_order(screen).limit(FEW + 1)).all()
    return known[screen.plural]


def matching(screen: Screen, sought: str) -> Sequence[Any]:
    return db.session.scalars(in_order(screen).where(found(screen.search, sought)).limit(MATCHES)).all()


def in_order(screen: Screen) -> Select[Any]:
    column = screen.column(screen.order.removeprefix("-"))
    assert column.sort
    order = ordering(Order(column.name, column.sort, screen.model.id))
    return select(screen.model).options(*screen.loads).order_by(*order)


def identity(screen: Screen, value: Any) -> UUID | int | None:
    try:
        return None if value is None else screen.read_id(str(value).strip())
    except ValueError:
        return None
