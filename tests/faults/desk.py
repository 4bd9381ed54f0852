"""What somebody reads on the pages of the portal that the fixture `live` is."""

from __future__ import annotations

import contextvars
import re
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.acting import Role
from portal.extensions import db
from portal.sync.models import SyncStatus
from tests.people import make_user, sign_in
from tests.web.pages import fields


class Desk:
    """Somebody at a browser without a window, with a role."""

    def __init__(self, app: Flask, role: Role = Role.MANAGER) -> None:
        self.browser = FlaskClient(app, app.response_class)
        sign_in(self.browser, user=make_user(role))
        db.session.commit()

    def ask(self, method: str, path: str, **options: Any) -> TestResponse:
        """As in a thread of its own: without the context, the session and the actor of the test."""
        db.session.rollback()
        # A list's export is made while it is read.
        options["buffered"] = True
        answer: TestResponse = contextvars.Context().run(self.browser.open, path, method=method, **options)
        db.session.rollback()
        db.session.expire_all()
        return answer

    def ask_alone(self, method: str, path: str, **options: Any) -> TestResponse:
        """From a thread of its own."""
        return self.browser.open(path, method=method, headers={"referer": "http://localhost/"}, **options)

    def read(self, path: str) -> str:
        """The words of a page."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:2000])
        return words_of(answer.text)

    def record(self, record: Any) -> str:
        return self.read(address_of(record))

    def sync_page(self, record: Any) -> str:
        """The address of the dashboard's page about a record."""
        db.session.rollback()
        mine = select(SyncStatus.id).where(SyncStatus.entity_id == str(record.id))
        return f"/sync/records/{db.session.scalars(mine).one()}"

    def sync(self, record: Any) -> str:
        return self.read(self.sync_page(record))

    def fields(self, path: str) -> dict[str, Any]:
        return fields(self.ask("GET", path))

    def send(self, path: str, values: dict[str, Any]) -> TestResponse:
        return self.ask("POST", path, data=values, headers={"referer": "http://localhost/"})

    def save(self, path: str, **changes: str) -> TestResponse:
        return self.send(path, {**self.fields(path), **changes})

    def press(self, page: str, button: str, **values: str) -> str:
        """Send a form of the dashboard; the words of the page that follows."""
        token = re.findall(r'name="csrf_token" value="([^"]+)"', self.ask("GET", page).text)[0]
        answer = self.send(f"{page}/{button}", {"csrf_token": token, **values})
        assert answer.status_code == 303, (answer.status_code, answer.text[:1000])
        return self.read(answer.headers["Location"])


def address_of(record: Any) -> str:
    return f"/{record.__tablename__.replace('_', '-')}/{record.id}"


def words_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def assert_side_by_side(page: str, base: str, ours: str, theirs: str) -> None:
    """The page shows a field's three versions in one row: before, here, in Buildium."""
    row = rf"Name\b.{{0,80}}{re.escape(base)}.{{0,80}}{re.escape(ours)}.{{0,80}}{re.escape(theirs)}"
    assert re.search(row, page), page[:4000]
