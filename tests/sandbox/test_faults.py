"""Every fault of the API, over real connections."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from portal.sandbox.faults.door import UNTOUCHED
from tests.sandbox import bodies
from tests.sandbox.running import Served, wait_for

UNIT = "/v1/rentals/units"


@pytest.fixture
def unit(property_id: int) -> dict[str, Any]:
    return bodies.unit(PropertyId=property_id)


@pytest.fixture
def server(server: Served) -> Served:
    """Faulty answers are illegal on purpose, so the specification isn't asked."""
    server.api.event_hooks = {}
    return server


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 415, 422, 429, 500, 502, 503, 504])
def test_a_status_is_answered_without_executing_the_request(server: Served, unit: dict[str, Any], status: int) -> None:
    server.fault("status", status=status)
    before = server.count("units")
    response = server.api.post(UNIT, json=unit)
    assert response.status_code == status
    assert set(response.json()) == {"UserMessage", "ErrorCode", "Errors"}
    assert server.count("units") == before
    assert server.api.post(UNIT, json=unit).status_code == 201


def test_a_request_that_says_so_meets_no_fault(server: Served) -> None:
    server.fault("status", status=500)
    assert server.api.get(UNIT, headers={UNTOUCHED: "1"}).status_code == 200
    assert server.api.get(UNIT).status_code == 500


@pytest.mark.parametrize("retry_after", [None, 7, "date"])
def test_a_status_can_say_when_to_come_back(server: Served, retry_after: Any) -> None:
    server.fault("status", status=429, retry_after=retry_after)
    hint = server.api.get(UNIT).headers.get("Retry-After")
    if retry_after == "date":
        assert hint
        assert parsedate_to_datetime(hint)
    else:
        assert hint == (None if retry_after is None else "7")


@pytest.mark.parametrize(
    ("fault", "made", "error"),
    [
        ("drop", 0, httpx.RemoteProtocolError),
        ("hang", 0, httpx.RemoteProtocolError),
        ("commit_then_drop", 1, httpx.RemoteProtocolError),
        ("commit_then_hang", 1, httpx.RemoteProtocolError),
        ("truncate", 1, httpx.RemoteProtocolError),
        ("chunk_trunc", 1, httpx.RemoteProtocolError),
    ],
)
def test_a_broken_connection_leaves_the_caller_in_the_dark(
    server: Served, unit: dict[str, Any], fault: str, made: int, error: type[Exception]
) -> None:
    server.fault(fault, method="POST", seconds=0.05)
    before = server.count("units")
    with pytest.raises(error):
        server.api.post(UNIT, json=unit)
    assert server.count("units") == before + made
    (seen,) = server.control("GET", "/requests?limit=1")["items"]
    assert (seen["status"], seen["fault"], seen["executed"]) == (None, fault, made)


@pytest.mark.parametrize(("fault", "made"), [("drop", 0), ("commit_then_drop", 1)])
def test_a_connection_can_be_reset_rather_than_closed(
    server: Served, unit: dict[str, Any], fault: str, made: int
) -> None:
    server.fault(fault, method="POST", how="reset")
    before = server.count("units")
    with pytest.raises(httpx.ReadError):
        server.api.post(UNIT, json=unit)
    assert server.count("units") == before + made


@pytest.mark.parametrize("fault", ["hang", "commit_then_hang"])
def test_a_caller_with_less_patience_sees_a_timeout(server: Served, unit: dict[str, Any], fault: str) -> None:
    server.fault(fault, method="POST")
    with pytest.raises(httpx.ReadTimeout):
        server.api.post(UNIT, json=unit, timeout=0.1)
    server.control("DELETE", "/faults")


def test_an_error_after_the_commit_hides_the_success(server: Served, unit: dict[str, Any]) -> None:
    server.fault("commit_then_status", status=502)
    before = server.count("units")
    assert server.api.post(UNIT, json=unit).status_code == 502
    assert server.count("units") == before + 1


@pytest.mark.parametrize(
    ("fault", "content_type"), [("garbage", "application/json"), ("html", "text/html"), ("empty", "application/json")]
)
def test_a_committed_record_is_answered_with_nonsense(
    server: Served, unit: dict[str, Any], fault: str, content_type: str
) -> None:
    server.fault(fault)
    before = server.count("units")
    response = server.api.post(UNIT, json=unit)
    assert response.status_code == 201
    assert response.headers["Content-Type"].startswith(content_type)
    with pytest.raises(json.JSONDecodeError):
        response.json()
    assert server.count("units") == before + 1


def test_a_doubled_commit_makes_two_records_and_answers_with_the_second(server: Served, bank_account_id: int) -> None:
    server.fault("dup_commit")
    before = server.count("rentals")
    made = server.made("/v1/rentals", bodies.rental(bank_account_id, Name="Double"))
    assert server.count("rentals") == before + 2
    twins = [each for each in server.api.get("/v1/rentals?limit=1000").json() if each["Name"] == "Double"]
    assert [twin["Id"] for twin in twins] == [made["Id"] - 1, made["Id"]]


def test_a_huge_answer_is_streamed(server: Served) -> None:
    server.fault("huge", size=5_000_000)
    with server.api.stream("GET", UNIT) as response:
        sizes = [len(chunk) for chunk in response.iter_bytes()]
    assert sum(sizes) == 5_000_000
    assert len(sizes) > 10


def test_a_huge_answer_of_200_mb_can_be_left_early(server: Served) -> None:
    server.fault("huge")
    with server.api.stream("GET", UNIT) as response:
        assert int(response.headers["Content-Length"]) == 200_000_000
        assert next(response.iter_bytes())
    assert server.api.get("/v1/users").status_code == 200


def test_a_slow_answer_drips_and_is_complete(server: Served) -> None:
    server.fault("slow", seconds=0.3)
    started = time.monotonic()
    assert len(server.api.get(UNIT).json()) == 50
    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize(("fault", "made_meanwhile"), [("delay", 0), ("commit_then_delay", 1)])
def test_an_answer_can_be_late_before_or_after_the_commit(
    server: Served, unit: dict[str, Any], fault: str, made_meanwhile: int
) -> None:
    server.fault(fault, method="POST", seconds=0.4)
    before = server.count("units")
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(server.api.post, UNIT, json=unit)
        wait_for(lambda: server.control("GET", "/holds"))
        assert server.count("units") == before + made_meanwhile
        assert answer.result().status_code == 201
    assert server.count("units") == before + 1


@pytest.mark.parametrize(("fault", "made_meanwhile"), [("hold", 0), ("commit_then_hold", 1)])
def test_a_held_request_waits_until_it_is_released(
    server: Served, unit: dict[str, Any], fault: str, made_meanwhile: int
) -> None:
    server.fault(fault, method="POST")
    before = server.count("units")
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(server.api.post, UNIT, json=unit)
        assert wait_for(lambda: server.control("GET", "/holds")) == [f"POST {UNIT}"]
        assert server.count("units") == before + made_meanwhile
        server.control("POST", "/holds/release")
        assert answer.result().status_code == 201
    assert server.control("GET", "/holds") == []


def test_answers_can_carry_fields_nobody_has_heard_of(server: Served) -> None:
    server.fault("unknown_fields")
    (found,) = server.api.get(f"{UNIT}?limit=1").json()
    assert found["AddedLater"] == {"Id": 1}
    assert found["Address"]["AlsoNew"] == "value"


def test_answers_can_carry_enum_values_nobody_has_heard_of(server: Served) -> None:
    server.fault("unknown_enums", path="/v1/rentals")
    (found,) = server.api.get("/v1/rentals?limit=1").json()
    assert (found["RentalSubType"], found["RentalType"]) == ("NewInBuildium", "NewInBuildium")
    server.fault("unknown_enums", fields=["Country"])
    (found,) = server.api.get("/v1/rentals?limit=1").json()
    assert found["Address"]["Country"] == "NewInBuildium"
    assert found["RentalSubType"] != "NewInBuildium"


def test_a_rule_matches_method_and_path_and_is_used_up(server: Served) -> None:
    server.fault("status", method="GET", path="/v1/rentals/units*", times=2)
    statuses = [server.api.get(path).status_code for path in ("/v1/users", UNIT, f"{UNIT}/1001", UNIT)]
    assert statuses == [200, 503, 503, 200]
    assert server.control("GET", "/faults")[0]["hits"] == 2


def test_a_rule_can_let_some_requests_pass_first(server: Served) -> None:
    server.fault("status", skip=2)
    assert [server.api.get(UNIT).status_code for _ in range(4)] == [200, 200, 503, 200]


def test_a_rule_without_a_number_lasts_until_it_is_removed(server: Served) -> None:
    rule = server.fault("status", times=None)
    assert {server.api.get(UNIT).status_code for _ in range(5)} == {503}
    server.control("DELETE", f"/faults/{rule['id']}")
    assert server.api.get(UNIT).status_code == 200
    assert server.plain.delete(f"/_control/faults/{rule['id']}").status_code == 404


def test_a_rule_can_meet_requests_by_chance(server: Served) -> None:
    server.fault("status", times=None, probability=0.5)
    assert {server.api.get("/v1/users/1001").status_code for _ in range(60)} == {200, 503}


def test_clearing_the_faults_lets_go_what_hangs(server: Served) -> None:
    server.fault("hang", seconds=500)
    errors: list[Exception] = []

    def call() -> None:
        try:
            server.api.get(UNIT)
        except httpx.RemoteProtocolError as error:
            errors.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    wait_for(lambda: server.control("GET", "/holds"))
    server.control("DELETE", "/faults")
    thread.join(timeout=10)
    assert len(errors) == 1


@pytest.mark.parametrize(
    "rule", [{}, {"fault": "nonsense"}, {"fault": "status", "status": 200}, {"fault": "drop", "extra": 1}]
)
def test_a_bad_rule_is_400_with_the_field_named(server: Served, rule: dict[str, Any]) -> None:
    response = server.plain.post("/_control/faults", json=rule)
    assert response.status_code == 400
    assert response.json()["Errors"]
