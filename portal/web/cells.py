"""Values, badges and pictures as HTML. No macros, because a list has hundreds of them and a call of a macro costs ten
times what a call of a function does; the templates of components/ give them their names there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from flask import Flask, g, url_for
from markupsafe import Markup, escape

from portal.web.formats import day, moment, money, number, percent
from portal.web.screen import Column

TONE_ICONS = {
    "good": "check-circle-fill",
    "wait": "hourglass-split",
    "bad": "exclamation-triangle-fill",
    "info": "info-circle-fill",
    "off": "dash-circle",
}
NUMBERS = frozenset({"money", "percent", "number"})

Row = Callable[[Any], Markup]


def start(app: Flask) -> None:
    """Give these to the templates of components/."""
    app.jinja_env.globals.update(
        icon_of=icon, tone_icon_of=tone_icon, badge_of=badge, cell_of=cell, row_of=row, is_number_of=is_number
    )


def icon(name: str, label: str = "") -> Markup:
    """One picture of static/icons.svg; with a label it speaks, without it is decoration."""
    return drawn(pictures(), name, label)


def tone_icon(tone: str) -> Markup:
    return icon(symbol_of(tone))


def badge(words: Any, tone: str = "off", symbol: str = "") -> Markup:
    """A state in words, with a picture that says its tone without colour."""
    return Markup(f"{opened(pictures(), tone, symbol or symbol_of(tone))}{escape(words)}</span>")


def cell(column: Column, record: Any, plural: str = "") -> Markup:
    """One value of a record, as column.cell says; empty for none. `plural` is the record's own screen, for the cell
    "name", which leads to the record itself."""
    value = column.read(record)
    if column.cell == "name":
        return link(address(plural, record.id), value or "Without a name")
    if value is None or value == "":
        return Markup()
    if column.cell == "record":
        return link(address(column.to, value.id), value)
    written = WRITTEN.get(column.cell, escape)
    return escape(written(value))


def row(columns: Sequence[Column], plural: str) -> Row:
    """Writes the cells of one row of a table; what is the same in each row is worked out once."""
    first, *others = columns
    frames = [
        (
            column,
            Markup('<td class="{}" data-label="{}">').format(is_number(column), column.heading),
            Markup('<td class="{} empty-cell" data-label="{}"></td>\n').format(is_number(column), column.heading),
        )
        for column in others
    ]

    def cells(record: Any) -> Markup:
        parts = [f'<th scope="row">{cell(first, record, plural)}</th>\n']
        for column, opening, empty in frames:
            content = cell(column, record, plural)
            parts.append(f"{opening}{content}</td>\n" if content else empty)
        return Markup("".join(parts))

    return cells


def is_number(column: Column) -> str:
    """The class of its cells: numbers stand at the right."""
    return "number" if column.cell in NUMBERS else ""


def symbol_of(tone: str) -> str:
    return TONE_ICONS.get(tone, "dash-circle")


def pictures() -> str:
    """The address of all pictures, worked out once in a request."""
    if "pictures" not in g:
        g.pictures = url_for("static", filename="icons.svg")
    return str(g.pictures)


@lru_cache(maxsize=1024)
def drawn(sheet: str, name: str, label: str) -> Markup:
    spoken = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {}><use href="{}#{}"></use></svg>').format(spoken, sheet, name)


@lru_cache(maxsize=1024)
def opened(sheet: str, tone: str, symbol: str) -> Markup:
    return Markup('<span class="badge tone-{}">{}').format(tone, drawn(sheet, symbol, ""))


def link(target: str, words: Any) -> Markup:
    return Markup(f'<a href="{escape(target)}">{escape(words)}</a>')


def address(plural: str, record_id: Any) -> str:
    """The page of a record. Flask is asked once in a request and for one record; the others differ by their id only."""
    known: dict[str, str] = g.setdefault("record_addresses", {})
    if plural not in known:
        known[plural] = url_for(f"{plural}.show", record_id=record_id).removesuffix(str(record_id))
    return f"{known[plural]}{record_id}"


def time(words: Callable[[Any], str]) -> Callable[[Any], Markup]:
    return lambda value: Markup(f'<time datetime="{value.isoformat()}">{escape(words(value))}</time>')


def email(value: str) -> Markup:
    return Markup('<a href="mailto:{0}">{0}</a>').format(value)


def phone(value: str) -> Markup:
    return Markup('<a class="nowrap" href="tel:{}">{}</a>').format(value.replace(" ", ""), value)


def active(value: str) -> Markup:
    return badge(value, "good" if value == "Active" else "off")


def flag(value: bool) -> str:
    return "Yes" if value else "No"


WRITTEN: dict[str, Callable[[Any], str]] = {
    "money": money,
    "percent": percent,
    "number": number,
    "day": time(day),
    "moment": time(moment),
    "flag": flag,
    "active": active,
    "email": email,
    "phone": phone,
}
