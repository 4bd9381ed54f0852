"""The screens that are registered in the running app, for those who know only a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from flask import Flask, current_app

if TYPE_CHECKING:
    from portal.web.screen import Screen


def register(app: Flask, screen: Screen) -> None:
    app.extensions.setdefault("screens", {})[screen.plural] = screen


def screens() -> Mapping[str, Screen]:
    """By plural, in the order of registration: parents first."""
    return cast("Mapping[str, Screen]", current_app.extensions.get("screens", {}))
