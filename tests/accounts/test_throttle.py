from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from sqlalchemy import func, select

from portal.accounts import throttle
from portal.accounts.models import SignInAttempt
from portal.acting import GATE
from portal.database import now
from portal.extensions import db
from tests.people import MACHINE, speaking_as

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, scoped_session

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def gate(session: scoped_session[Session]) -> Iterator[None]:
    with speaking_as(GATE):
        yield


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def fail(times: int, email: str = "ada@example.com", address: str = "192.0.2.1") -> None:
    for _ in range(times):
        throttle.note_attempt(email, address)


def wait_of(email: str = "ada@example.com", address: str = "192.0.2.1") -> timedelta:
    with pytest.raises(throttle.TooManyTriesError) as refusal:
        throttle.note_attempt(email, address)
    return refusal.value.wait


def test_five_tries_are_free_and_the_sixth_waits(clock: time_machine.Traveller) -> None:
    fail(5)
    assert wait_of() == timedelta(seconds=30)


def test_each_further_failure_doubles_the_wait_up_to_a_quarter_of_an_hour(clock: time_machine.Traveller) -> None:
    fail(5)
    waits = []
    for _ in range(8):
        waits.append(wait_of())
        clock.shift(waits[-1])
        fail(1)
    assert [wait.total_seconds() for wait in waits] == [30, 60, 120, 240, 480, 900, 900, 900]


def test_a_try_made_too_early_does_not_lengthen_the_wait(clock: time_machine.Traveller) -> None:
    fail(5)
    clock.shift(timedelta(seconds=20))
    assert wait_of() == timedelta(seconds=10)
    clock.shift(timedelta(seconds=10))
    fail(1)


def test_a_success_forgives_the_failures_before_it(clock: time_machine.Traveller) -> None:
    fail(4)
    clock.shift(timedelta(seconds=1))
    throttle.note_attempt("ada@example.com", "192.0.2.1").succeeded = True
    db.session.commit()
    clock.shift(timedelta(seconds=1))
    fail(5)
    assert wait_of() == timedelta(seconds=30)


def test_the_spelling_of_the_address_makes_no_difference(clock: time_machine.Traveller) -> None:
    fail(3)
    fail(2, " ADA@Example.com ", "192.0.2.2")
    assert wait_of("ada@example.com", "192.0.2.3") == timedelta(seconds=30)


def test_other_people_are_not_held_up(clock: time_machine.Traveller) -> None:
    fail(5)
    fail(1, "bob@example.com")


def test_one_network_address_can_not_try_many_people(clock: time_machine.Traveller) -> None:
    for number in range(throttle.FREE_TRIES_PER_ADDRESS):
        fail(1, f"person{number}@example.com")
    assert wait_of("somebody.else@example.com") == timedelta(seconds=30)
    fail(1, "somebody.else@example.com", "192.0.2.2")


def test_a_success_does_not_forgive_the_failures_of_a_network_address(clock: time_machine.Traveller) -> None:
    for number in range(throttle.FREE_TRIES_PER_ADDRESS):
        attempt = throttle.note_attempt(f"person{number}@example.com", "192.0.2.1")
    attempt.succeeded = True
    db.session.commit()
    fail(1, "another@example.com")
    assert wait_of("somebody.else@example.com") == timedelta(seconds=30)


def test_a_day_later_everything_is_forgotten(clock: time_machine.Traveller) -> None:
    fail(5)
    clock.shift(timedelta(days=1, seconds=1))
    fail(5)


def test_old_tries_are_deleted_and_newer_ones_kept(clock: time_machine.Traveller) -> None:
    fail(3)
    clock.shift(timedelta(days=1, seconds=1))
    fail(2)
    with speaking_as(MACHINE):
        assert throttle.forget_old() == 3
    assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 2


def test_what_was_typed_into_the_e_mail_field_is_not_kept(clock: time_machine.Traveller) -> None:
    fail(1, "my secret password")
    attempt = db.session.scalars(select(SignInAttempt)).one()
    assert attempt.email_key == throttle.email_key("my secret password")
    assert "secret" not in attempt.email_key
    assert attempt.at == now()


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (timedelta(milliseconds=10), "1 second"),
        (timedelta(seconds=30), "30 seconds"),
        (timedelta(seconds=60), "1 minute"),
        (timedelta(seconds=61), "2 minutes"),
        (timedelta(minutes=15), "15 minutes"),
    ],
)
def test_the_time_left_is_said_in_words(wait: timedelta, words: str) -> None:
    assert f"wait {words}," in str(throttle.TooManyTriesError(wait))
