from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from portal.database import now
from portal.sync.states import State
from portal.webhooks.models import EventState
from tests.operations import rows
from tests.operations.pages import page, row_count, text

if TYPE_CHECKING:
    from flask.testing import FlaskClient

NUMBER = ".//span[@class='tile-number']"


def test_each_number_opens_exactly_the_rows_it_counts(staff: FlaskClient) -> None:
    for number, state in enumerate(State, 1):
        for _ in range(number):
            rows.status(state)
    rows.status(State.PENDING, cause="retrying", attempts=1)
    for _ in range(3):
        rows.event(EventState.DEAD)
    tiles = page(staff, "/sync").findall(".//ul[@class='tiles']//a")
    counted = [(text(tile.findall(NUMBER)[0]), tile.get("href", "")) for tile in tiles]
    numbers = [(int(number), url) for number, url in counted if not number.endswith("%")]
    assert len(numbers) == 9
    for number, url in numbers:
        assert row_count(staff, url) == number, url


@pytest.mark.parametrize(("good", "bad", "share"), [(1, 1, "50.0%"), (2, 0, "100%"), (0, 0, "–")])
def test_the_share_in_sync(staff: FlaskClient, good: int, bad: int, share: str) -> None:
    for state, number in ((State.SYNCED, good), (State.FAILED, bad)):
        for _ in range(number):
            rows.status(state)
    tile = page(staff, "/sync").findall(NUMBER)[0]
    assert text(tile) == share


def test_a_single_bad_record_among_thousands_is_no_hundred_percent() -> None:
    from portal.operations.overview import share

    assert share(99_999, 100_000) == "99.9%"


def test_the_next_try_is_told(staff: FlaskClient) -> None:
    due = now() + timedelta(minutes=9, seconds=50)
    rows.status(State.PENDING, cause="retrying", attempts=1, next_attempt_at=due)
    assert "Next try in 10 minutes" in staff.get("/sync").text


def test_no_worker_is_said_in_words(staff: FlaskClient) -> None:
    answer = staff.get("/sync").text
    assert "No worker is running" in answer
    assert "The scheduler has never run" in answer


def test_a_refused_connection_is_said_in_words(staff: FlaskClient) -> None:
    rows.open_breaker("Buildium refused the API key (401).")
    answer = staff.get("/sync").text
    assert "Buildium refused the API key (401)." in answer
    assert "Nothing is lost" in answer


def test_an_overdue_row_lights_the_lamp(staff: FlaskClient) -> None:
    rows.status(State.PENDING, next_attempt_at=now() - timedelta(minutes=20))
    assert "Due for 20 minutes" in staff.get("/sync").text


def test_silence_of_webhooks_is_noticed(staff: FlaskClient) -> None:
    rows.event(created_at=now() - timedelta(days=2))
    assert "may have suspended the subscription" in staff.get("/sync").text


@pytest.mark.parametrize(
    ("overdue", "words"), [(-60, "On time"), (20, "Some tasks are late"), (600, "The scheduler is not running")]
)
def test_the_schedule_has_a_grace(staff: FlaskClient, overdue: float, words: str) -> None:
    rows.task("poll owners", 180, overdue)
    assert words in staff.get("/sync").text


def test_each_kind_has_its_line(staff: FlaskClient) -> None:
    rows.status(State.SYNCED, entity_type="owner", last_synced_at=now() - timedelta(minutes=5))
    rows.status(State.FAILED, entity_type="owner")
    rows.run(entity_type="owner", kind="owners")
    answer = staff.get("/sync").text
    assert "/sync/records?entity_type=owner&amp;state=failed" in answer
    assert "5 minutes ago" in answer
    assert "Owners that changed" in answer


def test_the_page_reloads_only_where_it_is_asked_to(staff: FlaskClient) -> None:
    assert "Refresh" not in staff.get("/sync").headers
    assert staff.get("/sync?refresh=10").headers["Refresh"] == "10"
    assert staff.get("/sync?refresh=1").headers["Refresh"] == "5"
    assert "Refresh" not in staff.get("/sync?refresh=no").headers


def test_many_rows_take_no_more_queries(staff: FlaskClient) -> None:
    staff.most_queries = 14  # type: ignore[attr-defined]
    for state in State:
        for _ in range(5):
            rows.status(state)
    assert staff.get("/sync").status_code == 200
