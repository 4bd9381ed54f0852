"""Values that are more than a text on a page and are plain words in an export: a state, a count that leads to what it
counts, a place on the web, a colour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from flask import current_app, url_for
from markupsafe import Markup, escape

from portal.web.formats import number
from portal.web.screens import screens


@dataclass(frozen=True)
class State:
    """A badge. `tone` is good, wait, bad, info or off."""

    words: str
    tone: str = "off"

    def __str__(self) -> str:
        return self.words

    def __html__(self) -> str:
        badge_of = cast("Callable[[str, str], Markup]", current_app.jinja_env.globals["badge_of"])
        return badge_of(self.words, self.tone)


@dataclass(frozen=True)
class Counted:
    """A number, linked to the list of the screen `plural` that has exactly those rows."""

    number: int
    plural: str
    filters: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(self.number)

    def __html__(self) -> str:
        if not self.number or self.plural not in screens():
            return number(self.number)
        filters: dict[str, Any] = {**self.filters}
        target = url_for(f"{self.plural}.index", **filters)
        return Markup('<a href="{}">{}</a>').format(target, number(self.number))


@dataclass(frozen=True)
class Site:
    """A link that leads away from the portal; an address that isn't one of the web stays text."""

    address: str

    def __str__(self) -> str:
        return self.address

    def __html__(self) -> str:
        if not self.address.startswith(("https://", "http://")):
            return escape(self.address)
        return Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>').format(self.address)


@dataclass(frozen=True)
class Swatch:
    """A colour (`code`, such as #1d4ed8) beside its name, which says it to those who don't see it."""

    code: str
    name: str

    def __str__(self) -> str:
        return self.name

    def __html__(self) -> str:
        # An attribute of SVG and no style, which the content policy would refuse.
        square = Markup('<rect width="16" height="16" fill="{}"></rect>').format(self.code)
        drawn = Markup('<svg class="swatch" viewBox="0 0 16 16" aria-hidden="true">{}</svg>').format(square)
        return Markup('<span class="nowrap">{}{}</span>').format(drawn, self.name)
