"""Portals beside the one of the fixture `app`: for other settings, or with more pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask.testing import FlaskClient

from portal.app import create_app
from portal.config import Settings
from portal.extensions import db


@contextmanager
def another_portal(settings: Settings, program: str = "web") -> Iterator[Flask]:
    """A portal of its own, whose connections are closed in the end."""
    app = create_app(settings, program)
    try:
        yield app
    finally:
        with app.app_context():
            db.engine.dispose()


def plain_client(app: Flask) -> FlaskClient:
    """A browser without a window that checks nothing: for portals that the harness didn't prepare."""
    return FlaskClient(app, app.response_class)
