"""PATCH on a bill: a list of operations (RFC 6902), all of them or none."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sandbox import bodies_books
from tests.sandbox.running import Served

Body = dict[str, Any]


def patch(server: Served, bill: Body, *operations: Body, content_type: str = "application/json") -> httpx.Response:
    return server.api.patch(f"/v1/bills/{bill['Id']}", json=list(operations), headers={"Content-Type": content_type})


def replace(path: str, value: Any) -> Body:
    return {"op": "replace", "path": path, "value": value}


@pytest.mark.parametrize("content_type", ["application/json", "application/json-patch+json"])
def test_a_patch_changes_only_what_it_names(server: Served, bill: Body, content_type: str) -> None:
    line_id = bill["Lines"][1]["Id"]
    response = patch(
        server,
        bill,
        {"op": "test", "path": "/Lines/1/Id", "value": line_id},
        replace("/Memo", "Changed"),
        replace("/Lines/1/Amount", 51.5),
        {"op": "remove", "path": "/ReferenceNumber"},
        content_type=content_type,
    )
    assert response.status_code == 200, response.text
    changed = response.json()
    assert (changed["Memo"], changed["ReferenceNumber"], changed["DueDate"]) == ("Changed", None, bill["DueDate"])
    assert [line["Amount"] for line in changed["Lines"]] == [100.0, 51.5]
    assert changed["Lines"][1]["Id"] == line_id


def test_a_patch_adds_and_removes_lines(server: Served, bill: Body, account_id: int, property_id: int) -> None:
    line = bodies_books.line(property_id, account_id, 7.0)
    added = patch(server, bill, {"op": "add", "path": "/Lines/-", "value": line}).json()
    assert [each["Amount"] for each in added["Lines"]] == [100.0, 50.0, 7.0]
    first = patch(server, bill, {"op": "add", "path": "/Lines/0", "value": line}).json()
    assert [each["Amount"] for each in first["Lines"]] == [7.0, 100.0, 50.0, 7.0]
    left = patch(server, bill, {"op": "remove", "path": "/Lines/1"}).json()
    assert [each["Amount"] for each in left["Lines"]] == [7.0, 50.0, 7.0]


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        (replace("/ApprovalStatus", "Approved"), 400),
        (replace("/WorkOrderId", 1), 400),
        (replace("/memo", "wrong case"), 400),
        (replace("/Lines/7/Amount", 1.0), 400),
        (replace("/Lines/00/Amount", 1.0), 400),
        (replace("/Lines/0/Markup/Amount", 1.0), 400),
        (replace("Memo", "no slash"), 400),
        (replace("", {}), 400),
        (replace("/Memo", 7), 400),
        (replace("/Memo", "x" * 246), 422),
        (replace("/VendorId", 999_999), 422),
        (replace("/DueDate", "2026-03-02"), 422),
        (replace("/Lines/0/Nonsense", 1), 400),
        ({"op": "remove", "path": "/VendorId"}, 400),
        ({"op": "remove", "path": "/Lines"}, 422),
        ({"op": "replace", "path": "/Memo"}, 400),
        ({"op": "explode", "path": "/Memo"}, 400),
        ({"path": "/Memo", "value": "x"}, 400),
        ({"op": "test", "path": "/Memo", "value": "another"}, 409),
    ],
)
def test_a_bad_patch_is_refused_and_changes_nothing(server: Served, bill: Body, operation: Body, status: int) -> None:
    response = patch(server, bill, replace("/ReferenceNumber", "Z"), operation)
    assert response.status_code == status, response.text
    assert server.api.get(f"/v1/bills/{bill['Id']}").json() == bill


def test_a_patch_must_be_a_list_of_a_known_content_type(server: Served, bill: Body) -> None:
    path = f"/v1/bills/{bill['Id']}"
    for content, kind, status in [
        (b'{"Memo": "x"}', "application/json", 400),
        (b"[", "application/json", 400),
        (b"[]", "text/plain", 415),
        (b"[]", "application/json", 200),
    ]:
        response = server.api.patch(path, content=content, headers={"Content-Type": kind})
        assert response.status_code == status
    assert server.api.patch("/v1/bills/999999", json=[]).status_code == 404
    assert server.api.patch("/v1/rentals/1001", json=[]).status_code == 405


def test_a_patch_keeps_the_rules_of_a_put(server: Served, bill: Body) -> None:
    server.switch(lock_date=bill["Date"])
    assert patch(server, bill, replace("/Memo", "x")).status_code == 409
    server.switch(lock_date="")
    server.control("PATCH", f"/records/bills/{bill['Id']}", {"HasPendingEft": True})
    assert patch(server, bill, replace("/Memo", "x")).status_code == 409
    server.control("PATCH", f"/records/bills/{bill['Id']}", {"HasPendingEft": False})
    server.switch(permissions={"Accounting > Bills": "View"})
    assert patch(server, bill, replace("/Memo", "x")).status_code == 403
