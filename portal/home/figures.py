"""Numbers that lead to lists. What is counted is the list's own statement, so that both always say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import func, literal, select
from werkzeug.datastructures import MultiDict

from portal.extensions import db
from portal.web.lists import Asked, read_list
from portal.web.pagination import count_of
from portal.web.screens import screens

ZERO = Decimal(0)


@dataclass(frozen=True)
class Figure:
    """The number of rows of a list, with these filters. `sums` names a column that is added up, too. `tone` is worn by
    a number that isn't zero. The last two are filled by `counted`."""

    label: str
    plural: str
    filters: Mapping[str, str] = field(default_factory=dict)
    tone: str = ""
    sums: str = ""
    number: int = 0
    amount: Decimal = ZERO

    @property
    def asked(self) -> Asked:
        return read_list(screens()[self.plural], MultiDict(self.filters))

    @property
    def url(self) -> str:
        return self.asked.address()

    @property
    def mood(self) -> str:
        return self.tone if self.number else ""


def counted(figures: Sequence[Figure]) -> list[Figure]:
    """With their numbers, all of them in one query."""
    columns = [column for each in figures for column in columns_of(each)]
    found = list(db.session.execute(select(*columns)).one()) if columns else []
    pairs = zip(found[::2], found[1::2], strict=True)
    return [replace(each, number=number, amount=amount) for each, (number, amount) in zip(figures, pairs, strict=True)]


def columns_of(figure: Figure) -> tuple[Any, Any]:
    """(number, amount) as SQL."""
    statement = figure.asked.statement()
    if not figure.sums:
        return count_of(statement, whole=True).scalar_subquery(), literal(ZERO)
    column = getattr(figure.asked.screen.model, figure.sums)
    total = statement.with_only_columns(func.coalesce(func.sum(column), 0), maintain_column_froms=True)
    return count_of(statement, whole=True).scalar_subquery(), total.order_by(None).scalar_subquery()
