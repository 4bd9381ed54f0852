"""Answers that can be read, and hold a value that can't be used: the record says so instead of being tried for ever."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal

import httpx
import pytest

from portal.sync.current import current_sync
from portal.sync.page import Outcome
from portal.sync.pull import pull_one
from portal.sync.push import push_now
from tests.contract.traffic import FAULT
from tests.live import Live
from tests.records import synced_property

Spoil = Callable[[str, str, object], None]
each = pytest.mark.parametrize(
    ("key", "value"),
    [("Reserve", "lots"), ("Reserve", {"Amount": 1}), ("Reserve", [1]), ("Reserve", "\ud800"), ("YearBuilt", [False])],
    ids=["words", "object", "list", "half a character", "list of truths"],
)


@pytest.fixture
def spoil(live: Live) -> Iterator[Spoil]:
    """From now on, Buildium's answers to this method have the value at that key of a property."""
    hooks = current_sync().buildium._http.event_hooks["response"]
    before = list(hooks)

    def begin(method: str, key: str, value: object) -> None:
        def change(response: httpx.Response) -> None:
            response.read()
            if response.request.method == method and b'"Reserve"' in response.content:
                response._content = json.dumps({**response.json(), key: value}).encode()
                response.headers[FAULT] = "spoiled"  # nobody judges it

        hooks.insert(0, change)

    yield begin
    hooks[:] = before


@each
def test_a_push_that_is_answered_with_an_unusable_value_ends_with_the_reason(
    live: Live, spoil: Spoil, key: str, value: object
) -> None:
    house = synced_property(live)
    house.name = "Edited here"
    live.save(house)
    spoil("PUT", key, value)
    push_now("property", str(house.id))
    row = live.row(house)
    assert (row.sync_status, row.cause) == ("failed", "answer not kept")
    assert (row.error_message or "").startswith("Not kept here: ")


@each
def test_a_pull_of_an_unusable_value_keeps_what_is_here(live: Live, spoil: Spoil, key: str, value: object) -> None:
    house = synced_property(live, reserve=7)
    spoil("GET", key, value)
    assert pull_one(current_sync().resource("property"), house.buildium_property_id or 0) is Outcome.REFUSED
    assert (live.state(house), house.reserve) == ("synced", Decimal(7))
