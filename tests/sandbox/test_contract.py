"""The specification decides: every endpoint answers as described, and refuses exactly what is illegal."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from portal.sandbox.catalog import RESOURCES, SINGLES
from tests.sandbox import bodies
from tests.sandbox.referee import Referee, message_of
from tests.sandbox.running import KEY, Served

Body = dict[str, Any]


class Write(NamedTuple):
    """A POST or PUT: its path and a maker of full, fresh, valid bodies."""

    method: str
    path: str
    body: Callable[[], Body]


def writes(server: Served) -> dict[str, Write]:
    bank, building, owner = (
        server.first(path)["Id"] for path in ("/v1/bankaccounts", "/v1/rentals", "/v1/rentals/owners")
    )
    unit = server.first("/v1/rentals/units")["Id"]
    gl_account = server.made("/v1/glaccounts", bodies.gl_account())["Id"]
    extra = {"PropertyManagerId": 1002}

    def rental() -> Body:
        return bodies.full_rental(bank, **extra, RentalOwnerIds=[owner], Units=[bodies.full_unit()])

    return {
        "create a property": Write("POST", "/v1/rentals", rental),
        "update a property": Write("PUT", f"/v1/rentals/{building}", lambda: bodies.full_rental(bank, **extra)),
        "create a unit": Write("POST", "/v1/rentals/units", lambda: bodies.full_unit(PropertyId=building)),
        "update a unit": Write("PUT", f"/v1/rentals/units/{unit}", bodies.full_unit),
        "create an owner": Write(
            "POST", "/v1/rentals/owners", lambda: bodies.full_owner([building], TaxInformation=bodies.tax())
        ),
        "update an owner": Write("PUT", f"/v1/rentals/owners/{owner}", lambda: bodies.full_owner([building])),
        "create a bank account": Write(
            "POST", "/v1/bankaccounts", lambda: bodies.bank_account(CheckPrintingInfo=bodies.checks())
        ),
        "update a bank account": Write(
            "PUT", f"/v1/bankaccounts/{bank}", lambda: bodies.bank_account(CheckPrintingInfo=bodies.checks())
        ),
        "create a ledger account": Write("POST", "/v1/glaccounts", bodies.gl_account),
        "update a ledger account": Write("PUT", f"/v1/glaccounts/{gl_account}", bodies.gl_account),
    }


WRITES = (
    "create a property",
    "update a property",
    "create a unit",
    "update a unit",
    "create an owner",
    "update an owner",
    "create a bank account",
    "update a bank account",
    "create a ledger account",
    "update a ledger account",
)


VALUES: tuple[Any, ...] = (None, "", "x", "x" * 300, -1, 1.5, True, [], {}, [{}])


def variants(body: Body) -> Iterator[tuple[str, Body]]:
    """The body with each of its values left out, emptied, of other types, too long; and with an unknown field."""
    for path in locations(body):
        yield f"without {path}", changed(body, path, drop=True)
        for value in VALUES:
            yield f"{path} = {str(value)[:20]!r}", changed(body, path, value)
    for path in [(), *(each for each in locations(body) if isinstance(at(body, each), dict))]:
        yield f"unknown field in {path}", changed(body, (*path, "Nonsense"), 1)


def locations(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield (*path, name)
        yield from locations(item, (*path, name))


def at(body: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        body = body[name]
    return body


def changed(body: Body, path: tuple[Any, ...], value: Any = None, *, drop: bool = False) -> Body:
    copied = copy.deepcopy(body)
    parent = at(copied, path[:-1])
    if drop:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return copied


@pytest.mark.parametrize("name", WRITES)
def test_a_full_valid_body_is_accepted(server: Served, referee: Referee, name: str) -> None:
    write = writes(server)[name]
    response = server.api.request(write.method, write.path, json=write.body())
    assert response.status_code == (201 if write.method == "POST" else 200), response.text


@pytest.mark.parametrize("name", WRITES)
def test_a_body_is_refused_as_malformed_exactly_when_the_specification_says_so(
    server: Served, referee: Referee, name: str
) -> None:
    write = writes(server)[name]
    found = referee.operation(write.method, write.path)
    assert found
    message = message_of(found[2])
    inside = server.app.test_client()
    for what, body in variants(write.body()):
        sent = {**body, **{key: value for key, value in write.body().items() if is_a_unique_value(body.get(key))}}
        # Thousands of bodies, so without the network.
        response = inside.open(write.path, method=write.method, json=sent, headers=KEY)
        if referee.is_valid(message, sent):
            assert response.status_code in (200, 201, 404, 422), f"{what}: {response.text}"
        else:
            assert response.status_code in (400, 422), f"{what}: {response.status_code}"
            assert (response.json or {})["Errors"], what


def is_a_unique_value(value: Any) -> bool:
    """Whether a value is one of those that must differ from record to record: `U12`, `N12`, `Account 12`."""
    return isinstance(value, str) and re.fullmatch(r"(U|N|Account )\d+", value) is not None


def test_every_endpoint_is_described_and_answers_as_described(server: Served, referee: Referee) -> None:
    for single in SINGLES:
        assert server.api.get(single.path).status_code == 200
        assert referee.operation("GET", single.path)
    for resource in RESOURCES:
        listed = server.api.get(resource.path)
        assert (listed.status_code, bool(listed.json())) == (200, True)
        record = f"{resource.path}/{listed.json()[0]['Id']}"
        assert server.api.get(record).status_code == 200
        for path in (resource.path, record):
            assert referee.operation("GET", path), path
        for action in resource.actions:
            assert referee.operation("POST", f"{record}/{action.name}")
            assert server.api.post(f"{record}/{action.name}").status_code == 204


def test_every_filter_is_described_and_none_is_missing(referee: Referee) -> None:
    for resource in RESOURCES:
        parameters = referee.paths[resource.path]["get"]["parameters"]
        described = {parameter["name"] for parameter in parameters}
        assert {*resource.filters, "limit", "offset", "orderby"} == described


def test_every_permission_is_named_as_described(referee: Referee) -> None:
    for resource in RESOURCES:
        operations = referee.paths[resource.path]
        assert operations["get"]["x-required-permissions"] == [f"{resource.area.view}: View"]
        if resource.create:
            edit = resource.area.edit or resource.area.view
            assert operations["post"]["x-required-permissions"] == [f"{edit}: View+Edit"]


def test_a_required_field_that_is_missing_is_400_and_named(server: Served) -> None:
    response = server.api.post("/v1/rentals", json={})
    assert response.status_code == 400
    named = {error["Key"] for error in response.json()["Errors"]}
    assert named == {"Name", "Address", "RentalSubType", "OperatingBankAccountId"}


def test_a_length_is_422_and_a_wrong_enum_400_and_both_can_be_switched(server: Served, bank_account_id: int) -> None:
    long, wrong = bodies.rental(bank_account_id, Name="x" * 128), bodies.rental(bank_account_id, RentalSubType="Castle")
    assert [server.api.post("/v1/rentals", json=body).status_code for body in (long, wrong)] == [422, 400]
    server.switch(length_status=400, schema_status=422)
    assert [server.api.post("/v1/rentals", json=body).status_code for body in (long, wrong)] == [400, 422]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"Name": NaN}', b"[" * 5000])
def test_a_body_that_is_no_json_object_is_400(server: Served, content: bytes) -> None:
    response = server.api.post("/v1/rentals", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == 400


def test_an_error_inside_a_list_is_named_by_its_place(server: Served, bank_account_id: int) -> None:
    body = bodies.rental(bank_account_id, Units=[bodies.unit(), {"UnitNumber": "B", "Address": {}}])
    named = [error["Key"] for error in server.api.post("/v1/rentals", json=body).json()["Errors"]]
    assert "Units[1].Address.PostalCode" in named
