"""What several people do in the same moment, with real connections and commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.accounts import throttle, users
from portal.accounts.models import SignInAttempt, User
from portal.acting import GATE, Actor, Role, acting_as
from portal.extensions import db
from tests.apps import another_portal
from tests.people import ADMINISTRATOR, PASSWORD

if TYPE_CHECKING:
    from portal.config import Settings


@pytest.fixture
def app(settings: Settings, fresh_database: Callable[[], str]) -> Iterator[Flask]:
    with another_portal(replace(settings, database_url=fresh_database())) as app:
        yield app


def at_once(app: Flask, who: Actor, works: list[Callable[[], object]]) -> list[object]:
    """What each of the works gave or raised, each in a thread of its own."""

    def run(work: Callable[[], object]) -> object:
        with app.app_context(), acting_as(who):
            try:
                return work()
            except (users.UserError, throttle.TooManyTriesError) as error:
                return type(error)

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(run, works))


def test_guesses_made_at_once_count_as_if_made_one_by_one(app: Flask) -> None:
    def guess() -> object:
        return bool(throttle.note_attempt("ada@example.com", "192.0.2.1"))

    answers = at_once(app, GATE, [guess] * 12)
    assert answers.count(True) == throttle.FREE_TRIES_PER_EMAIL
    assert answers.count(throttle.TooManyTriesError) == 12 - throttle.FREE_TRIES_PER_EMAIL
    with app.app_context(), acting_as(GATE):
        tries = db.session.scalar(select(func.count()).select_from(SignInAttempt))
    assert tries == throttle.FREE_TRIES_PER_EMAIL


def test_two_administrators_can_not_disable_each_other_at_once(app: Flask) -> None:
    with app.app_context(), acting_as(ADMINISTRATOR):
        users.create_first_administrator("ada@example.com", PASSWORD)
        users.add_user("bob@example.com", "Bob", Role.ADMINISTRATOR, PASSWORD)
    works: list[Callable[[], object]] = [
        lambda: users.disable_user("ada@example.com"),
        lambda: users.disable_user("bob@example.com"),
    ]
    assert sorted(map(str, at_once(app, ADMINISTRATOR, works))) == sorted(map(str, [None, users.UserError]))
    with app.app_context(), acting_as(ADMINISTRATOR):
        assert db.session.scalar(select(func.count()).where(User.is_active)) == 1
