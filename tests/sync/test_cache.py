from __future__ import annotations

import pytest

from portal.acting import Actor, Door, acting_as
from portal.sync.cache import (
    clear_expired_buildium_cache,
    forget_answers,
    get_buildium_api_cache,
    set_buildium_api_cache,
)

MACHINE = Actor.machine(Door.WEBHOOK)


@pytest.mark.usefixtures("live")
def test_an_answer_is_found_under_its_own_parameters_until_it_expires() -> None:
    with acting_as(MACHINE):
        set_buildium_api_cache("/v1/rentals", {"limit": 50}, [{"Id": 1}], minutes=60)
        set_buildium_api_cache("/v1/users", None, [{"Id": 2}], minutes=-1)
        assert get_buildium_api_cache("/v1/rentals", {"limit": 50}) == [{"Id": 1}]
        assert get_buildium_api_cache("/v1/rentals") is None
        assert get_buildium_api_cache("/v1/users") is None
        assert clear_expired_buildium_cache() == 1


@pytest.mark.usefixtures("live")
def test_a_later_answer_replaces_an_earlier_one() -> None:
    with acting_as(MACHINE):
        set_buildium_api_cache("/v1/rentals", None, [1])
        set_buildium_api_cache("/v1/rentals", None, [2])
        assert get_buildium_api_cache("/v1/rentals") == [2]


@pytest.mark.usefixtures("live")
def test_an_event_about_a_resource_forgets_its_answers_and_no_others() -> None:
    with acting_as(MACHINE):
        for endpoint in ("/v1/rentals", "/v1/rentals/7", "/v1/users"):
            set_buildium_api_cache(endpoint, None, {})
        assert forget_answers("/v1/rentals") == 2
        assert get_buildium_api_cache("/v1/users") == {}


@pytest.mark.usefixtures("live")
def test_secrets_are_not_kept() -> None:
    with acting_as(MACHINE):
        set_buildium_api_cache("/v1/bankaccounts/1", None, {"AccountNumberUnmasked": "987654321", "Name": "A"})
        assert "987654321" not in str(get_buildium_api_cache("/v1/bankaccounts/1"))
