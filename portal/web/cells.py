"""Values, badges and pictures as HTML. No macros, because a list has hundreds of them and a call of a macro costs ten
times what a call of a function does; the templates of components/ give them their names there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from flask import Flask, url_for
from markupsafe import Markup, escape

from portal.web.formats import day, moment, money, number, percent
from portal.web.record_sync import Freshness
from portal.web.screen import Column

TONE_ICONS = {
    "good": "check-circle-fill",
    "wait": "hourglass-split",
    "bad": "exclamation-triangle-fill",
    "info": "info-circle-fill",
    "off": "dash-circle",
}
NUMBERS = frozenset({"money", "percent", "number", "count"})

Row = Callable[[Any], Markup]
Write = Callable[[Any], str]


def start(app: Flask) -> None:
    """Give these to the templates of components/. The pictures have one address as long as the process lives."""
    with app.test_request_context():
        cells = Cells(url_for("static", filename="icons.svg"))
    app.jinja_env.globals.update(
        icon_of=cells.icon,
        tone_icon_of=cells.tone_icon,
        badge_of=cells.badge,
        cell_of=cells.cell,
        row_of=cells.row,
        is_number_of=is_number,
    )


class Cells:
    """`pictures` is the address of static/icons.svg."""

    def __init__(self, pictures: str) -> None:
        self.pictures = pictures
        self.written: dict[str, Write] = {**WRITTEN, "active": self.active}

    def icon(self, name: str, label: str = "") -> Markup:
        """One of the pictures; with a label it speaks, without it is decoration."""
        return drawn(self.pictures, name, label)

    def tone_icon(self, tone: str) -> Markup:
        return self.icon(symbol_of(tone))

    def badge(self, words: Any, tone: str = "off", symbol: str = "") -> Markup:
        """A state in words, with a picture that says its tone without colour."""
        return Markup(f"{opened(self.pictures, tone, symbol)}{escape(words)}</span>")

    def stand(self, it: Freshness) -> Markup:
        """A short badge, which says the whole to a pointer and to a screen reader."""
        if not it.brief:
            return self.badge(it.words, it.tone)
        whole = Markup('{}<span class="visually-hidden">: {}</span>').format(it.brief, it.words)
        return Markup('<span title="{}">{}</span>').format(it.words, self.badge(whole, it.tone))

    def active(self, value: str) -> Markup:
        return self.badge(value, "good" if value == "Active" else "off")

    def cell(self, column: Column, record: Any, plural: str = "") -> Markup:
        """One value of a record, as column.cell says; empty for none. `plural` is the record's own screen, for the
        cell "name", which leads to the record itself."""
        return Markup(self.writer(column, plural)(record))

    def row(self, columns: Sequence[Column], plural: str, fresh: Mapping[str, Freshness] | None = None) -> Row:
        """Writes the cells of one row of a table; what is the same in each row is worked out once. Where `fresh` holds
        something, the last cell says how the record stands against Buildium."""
        first, *others = columns
        name = self.writer(first, plural)
        frames = [
            (
                self.writer(column, plural),
                opened_cell(is_number(column), column.heading),
                opened_cell(f"{is_number(column)} empty-cell", column.heading),
            )
            for column in others
        ]

        def cells(record: Any) -> Markup:
            parts = [f'<th scope="row">{name(record)}</th>\n']
            for write, opening, opening_empty in frames:
                content = write(record)
                parts.append(f"{opening if content else opening_empty}{content}</td>\n")
            if fresh:
                it = fresh.get(str(record.id))
                state = self.stand(it) if it else ""
                parts.append(f'<td class="state" data-label="Buildium">{state}</td>\n')
            return Markup("".join(parts))

        return cells

    def writer(self, column: Column, plural: str) -> Write:
        """What writes a column's values, safe to stand in a page."""
        read = column.read
        written: Write = self.written.get(column.cell) or as_it_is
        if column.cell == "name":
            return name_writer(read, address(plural))
        if column.cell == "record":
            return record_writer(read, address(column.to))

        def write(record: Any) -> str:
            value = read(record)
            return "" if value is None or value == "" else escape(written(value))

        return write


def is_number(column: Column) -> str:
    """The class of its cells: numbers stand at the right."""
    return "number" if column.cell in NUMBERS else ""


def symbol_of(tone: str) -> str:
    return TONE_ICONS.get(tone, "dash-circle")


@lru_cache(maxsize=1024)
def drawn(pictures: str, name: str, label: str) -> Markup:
    spoken = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {}><use href="{}#{}"></use></svg>').format(spoken, pictures, name)


@lru_cache(maxsize=1024)
def opened(pictures: str, tone: str, symbol: str) -> Markup:
    return Markup('<span class="badge tone-{}">{}').format(tone, drawn(pictures, symbol or symbol_of(tone), ""))


@lru_cache(maxsize=1024)
def opened_cell(kind: str, heading: str) -> Markup:
    return Markup('<td class="{}" data-label="{}">').format(kind, heading)


def link(target: str, words: Any) -> str:
    return f'<a href="{escape(target)}">{escape(words)}</a>'


def address(plural: str) -> Write:
    """The page of a record by its id. Flask is asked for one; those of its neighbours differ by their ids only."""
    before: list[str] = []

    def of(record_id: Any) -> str:
        if not before:
            before.append(url_for(f"{plural}.show", record_id=record_id).removesuffix(str(record_id)))
        return f"{before[0]}{record_id}"

    return of


def name_writer(read: Callable[[Any], Any], to_itself: Write) -> Write:
    def write(record: Any) -> str:
        return link(to_itself(record.id), read(record) or "Without a name")

    return write


def record_writer(read: Callable[[Any], Any], to_it: Write) -> Write:
    def write(record: Any) -> str:
        value = read(record)
        return link(to_it(value.id), value) if value else ""

    return write


def time(words: Write) -> Write:
    return lambda value: Markup(f'<time datetime="{value.isoformat()}">{escape(words(value))}</time>')


def email(value: str) -> Markup:
    return Markup('<a href="mailto:{0}">{0}</a>').format(value)


def phone(value: str) -> Markup:
    return Markup('<a class="nowrap" href="tel:{}">{}</a>').format(value.replace(" ", ""), value)


def as_it_is(value: Any) -> Any:
    return value


def flag(value: bool) -> str:
    return "Yes" if value else "No"


WRITTEN: dict[str, Write] = {
    "money": money,
    "percent": percent,
    "number": number,
    "day": time(day),
    "moment": time(moment),
    "flag": flag,
    "email": email,
    "phone": phone,
}
