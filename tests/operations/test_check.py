from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import redis

from portal.extensions import queues
from portal.operations.check import run
from tests.operations import rows
from tests.operations.machinery.test_queues import register
from tests.people import ADMINISTRATOR, speaking_as

if TYPE_CHECKING:
    from flask import Flask
    from flask_sqlalchemy.session import Session
    from sqlalchemy.orm import scoped_session

    from tests.buildium import Sandbox


def checked(app: Flask) -> dict[str, tuple[bool, str]]:
    with app.app_context(), speaking_as(ADMINISTRATOR):
        return {name: (fine, words) for name, fine, words in run()}


@pytest.mark.usefixtures("session")
def test_a_portal_in_order_passes_every_check(app: Flask, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    # The log is written through a connection of its own, and this test has only one.
    monkeypatch.setattr(app.extensions["sync"].buildium, "_on_exchange", lambda _: None)
    register("people-1", "people")
    register("bulk-1", "bulk")
    rows.task("poll owners", 180)
    rows.run(kind="import", batch="00000000-0000-0000-0000-000000000001")
    found = checked(app)
    assert [name for name, (fine, _) in found.items() if not fine] == []
    assert "account" in found["Buildium"][1]


@pytest.mark.usefixtures("session")
def test_each_fault_is_named(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "connection", redis.Redis(port=1, socket_connect_timeout=0.05))
    found = checked(app)
    for name in ("Redis", "Workers", "Scheduler", "Import"):
        assert not found[name][0], name
    assert found["Configuration"][0]
    assert found["Database"][0]
    assert found["Row Level Security"][0]


def test_metrics_tell_how_the_sync_stands(app: Flask, session: scoped_session[Session]) -> None:
    rows.status("failed")
    answer = app.test_client().get("/metrics").text
    assert 'portal_sync_records{state="failed"} 1.0' in answer
    assert "portal_sync_overdue_seconds" in answer
    assert 'portal_workers{lane="people"} 0.0' in answer
