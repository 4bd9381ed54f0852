"""Open work orders by age and vendor. Each number is counted by the very filters of the list that it opens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, select, union_all
from werkzeug.datastructures import MultiDict

from portal.database import now
from portal.extensions import db
from portal.web.formats import here
from portal.web.lists import read_list
from portal.web.screens import screens
from portal.web.values import Counted

OPEN = {"status": "open"}
OVERDUE = "overdue"


@dataclass(frozen=True)
class Line:
    """The numbers of one vendor, or of all (`vendor` ""): by age, of all ages, and how many of them are overdue."""

    vendor: str
    vendor_id: UUID | None
    ages: tuple[Counted, ...]
    number: Counted
    overdue: Counted


@dataclass(frozen=True)
class Report:
    """`ages` are the words of the columns."""

    day: date
    ages: tuple[str, ...]
    lines: tuple[Line, ...]
    total: Line

    def table(self) -> list[list[object]]:
        """As plain rows, with a heading."""
        heading: list[object] = ["Vendor", *self.ages, "Open", "Overdue"]
        lines = [*self.lines, self.total]
        return [heading, *([each.vendor or "All vendors", *numbers(each)] for each in lines)]


def numbers(line: Line) -> list[int]:
    return [each.number for each in (*line.ages, line.number, line.overdue)]


def read() -> Report:
    """Two queries, however many vendors there are."""
    ages = ages_of_list()
    counts = {None: dict[str, int]()} | counted(ages)
    names = names_of([each for each in counts if each])
    known = sorted((each for each in names), key=lambda each: (names[each].casefold(), str(each)))
    lines = [line(ages, names[each], each, counts[each]) for each in known]
    if counts[None]:
        lines.append(line(ages, "No vendor", None, counts[None]))
    sums = {part: sum(each.get(part, 0) for each in counts.values()) for part in (*ages, OVERDUE)}
    total = line(ages, "", None, sums)
    return Report(here(now()).date(), tuple(ages.values()), tuple(lines), total)


def ages_of_list() -> Mapping[str, str]:
    """The ages that the list can be filtered by, and their words."""
    age: Any = next(each for each in screens()["work_orders"].filters if each.name == "age")
    found: Mapping[str, str] = age.choices
    return found


def counted(ages: Mapping[str, str]) -> dict[UUID | None, dict[str, int]]:
    """Number of open work orders by vendor, and by age or "overdue"."""
    screen = screens()["work_orders"]
    parts = {age: {**OPEN, "age": age} for age in ages} | {OVERDUE: {**OPEN, "due": "overdue"}}
    vendor = screen.model.vendor_id
    found = [
        read_list(screen, MultiDict(filters))
        .statement()
        .with_only_columns(vendor.label("vendor_id"), literal(part).label("part"), func.count().label("number"))
        .group_by(vendor)
        for part, filters in parts.items()
    ]
    by_vendor: dict[UUID | None, dict[str, int]] = {}
    for vendor_id, part, number in db.session.execute(union_all(*found)):
        by_vendor.setdefault(vendor_id, {})[part] = number
    return by_vendor


def names_of(ids: list[UUID | None]) -> dict[UUID | None, str]:
    vendors = screens()["vendors"].model
    return {each.id: str(each) for each in db.session.scalars(select(vendors).where(vendors.id.in_(ids)))}


def line(ages: Mapping[str, str], name: str, vendor_id: UUID | None, counts: Mapping[str, int]) -> Line:
    """The numbers with what they open. `name` is "" for the sums."""
    of_vendor: dict[str, object] = {"vendor_id": vendor_id} if vendor_id else {"vendor": "none"} if name else {}

    def opening(number: int, **filters: str) -> Counted:
        return Counted(number, "work_orders", {**OPEN, **filters, **of_vendor})

    return Line(
        name,
        vendor_id,
        tuple(opening(counts.get(age, 0), age=age) for age in ages),
        opening(sum(counts.get(age, 0) for age in ages)),
        opening(counts.get(OVERDUE, 0), due=OVERDUE),
    )
