"""The specification decides: every endpoint answers as described, and refuses exactly what is illegal."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from portal.sandbox.app import EXTENSION
from portal.sandbox.catalog import REPORTS, RESOURCES, SINGLES, VIEWS
from portal.sandbox.resource import Resource, Single
from tests.sandbox import bodies, bodies_books, bodies_tasks
from tests.sandbox.referee import Referee, message_of
from tests.sandbox.running import KEY, Served
from tests.sandbox.variants import variants

Body = dict[str, Any]
PATHS = [resource for resource in (*RESOURCES, *VIEWS) if resource.path]
SERVED = pytest.mark.parametrize("resource", PATHS, ids=lambda resource: resource.path)
LISTED = pytest.mark.parametrize("resource", [*PATHS, *REPORTS], ids=lambda resource: resource.path)


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
        **lease_writes(server, unit, gl_account),
        **{name: Write(*write) for name, write in bodies_books.writes(server, unit, gl_account).items()},
        **{name: Write(*write) for name, write in bodies_tasks.writes(server, unit, owner, gl_account).items()},
    }


def lease_writes(server: Served, unit: int, gl_account: int) -> dict[str, Write]:
    lease = server.made("/v1/leases", bodies.lease(unit, Tenants=[bodies.tenant()]))
    place, tenant = f"/v1/leases/{lease['Id']}", lease["Tenants"][0]["Id"]
    note = server.made(f"{place}/notes", {"Note": "Has a key."})["Id"]
    return {
        "create a lease": Write("POST", "/v1/leases", lambda: bodies.full_lease(unit, gl_account, TenantIds=[tenant])),
        "update a lease": Write("PUT", place, lambda: bodies.lease_put(unit)),
        "create a tenant": Write("POST", "/v1/leases/tenants", lambda: bodies.full_tenant(LeaseId=lease["Id"])),
        "update a tenant": Write("PUT", f"/v1/leases/tenants/{tenant}", bodies.full_tenant),
        "create a move-out": Write("POST", f"{place}/moveouts", lambda: bodies.move_out(tenant)),
        "create a lease note": Write("POST", f"{place}/notes", lambda: {"Note": "Two cats."}),
        "update a lease note": Write("PUT", f"{place}/notes/{note}", lambda: {"Note": "Three cats."}),
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
    "create a lease",
    "update a lease",
    "create a tenant",
    "update a tenant",
    "create a move-out",
    "create a lease note",
    "update a lease note",
    "create a work order",
    "create a work order with its task",
    "update a work order",
    "create a bill",
    "update a bill",
    "create a payment",
    "create a payment of several bills",
    *bodies_tasks.WRITES,
)


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
    """Whether a value is one of those that must differ from record to record: `U12`, `N12`, `Hopper 12`."""
    return isinstance(value, str) and re.fullmatch(r"(U|N|Account |Hopper )\d+", value) is not None


def collection_of(server: Served, resource: Resource) -> tuple[str, str]:
    """The paths of a list with records and of the first of them: the ids in its path are those of a real record."""
    ids = re.findall(r"\{(\w+)\}", resource.path)
    with server.app.extensions[EXTENSION].change() as world:
        kept = [record for record in world.all(resource.kind) if resource.serves(world, record)]
    first = next((record for record in kept if all(record[name] for name in ids)), None)
    assert first, f"the sample has nothing for {resource.path}"
    path = re.sub(r"\{(\w+)\}", lambda name: str(one_of(first[name[1]])), resource.path)
    return path, f"{path}/{first[resource.key] if resource.key else first.id}"


def one_of(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


def described_at(referee: Referee, resource: Resource) -> dict[str, Any]:
    """The operations of a list's path."""
    found = referee.operation("GET", re.sub(r"\{\w+\}", "1", resource.path))
    assert found, resource.path
    return dict(referee.paths[found[1]])


@pytest.mark.parametrize("single", SINGLES, ids=lambda single: single.path)
def test_every_single_is_described_and_answers_as_described(server: Served, referee: Referee, single: Single) -> None:
    assert server.api.get(single.path).status_code == 200
    assert referee.operation("GET", single.path)


@SERVED
def test_every_endpoint_is_described_and_answers_as_described(
    server: Served, referee: Referee, resource: Resource
) -> None:
    path, record = collection_of(server, resource)
    listed = server.api.get(path)
    assert (listed.status_code, bool(listed.json())) == (200, True)
    assert server.api.get(record).status_code == 200
    for method, place in verbs(resource, path, record):
        assert referee.operation(method, place), f"{method} {place}"
    for action in resource.actions:
        assert server.api.post(f"{record}/{action.name}").status_code in (201, 204)


def verbs(resource: Resource, path: str, record: str) -> list[tuple[str, str]]:
    """Everything that is served for a kind, as method and path."""
    found = [("GET", path), ("GET", record)]
    found += [("POST", path)] if resource.create else []
    found += [("PUT", record)] if resource.update else []
    found += [("PATCH", record)] if resource.patch else []
    found += [("DELETE", record)] if resource.delete else []
    found += [("POST", resource.elsewhere.path)] if resource.elsewhere else []
    found += [("POST", f"{path}/{action.name}") for action in resource.collection_actions]
    return found + [("POST", f"{record}/{action.name}") for action in resource.actions]


@LISTED
def test_a_path_with_a_parent_that_does_not_exist_is_404(server: Served, resource: Resource) -> None:
    for field in resource.parents:
        others = re.sub(r"\{(\w+)\}", lambda name: "2000000000" if name[1] == field else "1", resource.path)  # noqa: B023
        for path in (others, f"{others}/1"):
            assert server.api.get(path).status_code == 404


@LISTED
def test_every_filter_is_described_and_none_is_missing(referee: Referee, resource: Resource) -> None:
    parameters = described_at(referee, resource)["get"]["parameters"]
    described = {parameter["name"] for parameter in parameters if parameter["in"] == "query"}
    # One list of Buildium's has no paging (MAPPING §1.2).
    assert set(resource.filters) == described - {"limit", "offset", "orderby"}


@LISTED
def test_every_permission_is_named_as_described(referee: Referee, resource: Resource) -> None:
    operations, area = described_at(referee, resource), resource.area
    assert operations["get"]["x-required-permissions"] == list(area.to_view(resource.also))
    if resource.create:
        assert operations["post"]["x-required-permissions"] == list(area.to_edit(resource.create.also))
    if resource.elsewhere:
        needs = area.to_edit(resource.elsewhere.create.also)
        assert referee.paths[resource.elsewhere.path]["post"]["x-required-permissions"] == list(needs)
    if resource.delete:
        found = referee.operation("DELETE", re.sub(r"\{\w+\}", "1", f"{resource.path}/1"))
        assert found
        needs = area.to_edit(resource.delete.also, resource.delete.right)
        assert found[2]["x-required-permissions"] == list(needs)
    for action in resource.actions:
        found = referee.operation("POST", re.sub(r"\{\w+\}", "1", f"{resource.path}/1/{action.name}"))
        assert found
        assert found[2]["x-required-permissions"] == list(area.to_edit(right=action.right))


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
