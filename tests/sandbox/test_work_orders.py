"""Work orders: their task, their line items, their bills."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox import bodies, bodies_books
from tests.sandbox.running import Served, Subscriber
from tests.sandbox.test_rentals import errors

Body = dict[str, Any]
STAFF_ID = 1002


@pytest.fixture
def task(server: Served, property_id: int) -> Body:
    return server.made("/v1/tasks/todorequests", to_do(PropertyId=property_id, DueDate="2026-05-01"))


@pytest.fixture
def order(server: Served, vendor_id: int, account_id: int, task: Body) -> Body:
    body = bodies_books.full_work_order(vendor_id, account_id, STAFF_ID, TaskId=task["Id"])
    return server.made("/v1/workorders", body)


def to_do(**changes: Any) -> Body:
    base = {"Title": "Sink leaks", "AssignedToUserId": STAFF_ID, "TaskStatus": "New", "Priority": "High"}
    return {**base, **changes}


def put_order(server: Served, order: Body, body: Body) -> Body:
    response = server.api.put(f"/v1/workorders/{order['Id']}", json=body)
    assert response.status_code == 200, response.text
    return dict(response.json())


def found(server: Served, **query: Any) -> list[int]:
    return [each["Id"] for each in server.api.get("/v1/workorders", params={"limit": 1000, **query}).json()]


def test_a_work_order_is_linked_to_an_existing_task(server: Served, order: Body, task: Body) -> None:
    assert server.api.get(f"/v1/workorders/{order['Id']}").json() == order
    assert order["Task"] == {
        **{name: task[name] for name in ("Id", "Title", "DueDate", "Priority", "UnitId")},
        "Type": "Todo",
        "UnitAgreement": None,
        "Status": "New",
    }
    assert (order["Title"], order["Amount"], order["BillTransactionIds"]) == ("Mend the sink", 200.0, [])


def test_an_embedded_task_becomes_a_to_do_by_the_rules_of_to_dos(
    server: Served, vendor_id: int, property_id: int
) -> None:
    given = bodies_books.task(STAFF_ID, PropertyId=property_id, DueDate="2026-06-01")
    made = server.made("/v1/workorders", bodies_books.work_order(vendor_id, Task=given))
    task = server.api.get(f"/v1/tasks/todorequests/{made['Task']['Id']}").json()
    assert (task["Title"], task["TaskStatus"], task["Property"]["Id"]) == ("Sink leaks", "New", property_id)
    assert (made["Title"], made["Status"], made["Priority"], made["DueDate"]) == (
        "Sink leaks",
        "New",
        "High",
        "2026-06-01",
    )
    before = server.count("tasks")
    for wrong, field in [({"AssignedToUserId": 1010}, "AssignedToUserId"), ({"PropertyId": 999_999}, "PropertyId")]:
        body = bodies_books.work_order(vendor_id, Task={**given, **wrong})
        assert errors(server.api.post("/v1/workorders", json=body)) == [f"Task.{field}"]
    assert server.count("tasks") == before


def test_a_work_order_needs_exactly_one_task(server: Served, vendor_id: int, task: Body) -> None:
    both = bodies_books.work_order(vendor_id, TaskId=task["Id"], Task=bodies_books.task(STAFF_ID))
    for body in (bodies_books.work_order(vendor_id), both, bodies_books.work_order(vendor_id, TaskId=999_999)):
        assert errors(server.api.post("/v1/workorders", json=body)) == ["TaskId"]


def test_what_a_work_order_refers_to_must_exist(server: Served, vendor_id: int, task: Body) -> None:
    item = {"GlAccountId": 999_999, "Quantity": 1, "UnitPrice": 1}
    wrong: list[tuple[Body, str]] = [
        ({"VendorId": 999_999}, "VendorId"),
        ({"LineItems": [item]}, "LineItems[0].GlAccountId"),
        ({"EntryContactIds": [999_999]}, "EntryContactIds"),
    ]
    for changes, field in wrong:
        body = bodies_books.work_order(vendor_id, TaskId=task["Id"], **changes)
        assert errors(server.api.post("/v1/workorders", json=body)) == [field]


def test_the_amount_is_the_sum_of_quantities_times_prices(server: Served, vendor_id: int, task: Body) -> None:
    items = [{"Quantity": 3, "UnitPrice": 0.1}, {"Quantity": 1.5, "UnitPrice": 33.33}]
    made = server.made("/v1/workorders", bodies_books.work_order(vendor_id, TaskId=task["Id"], LineItems=items))
    assert made["Amount"] == 50.30
    empty = server.made("/v1/workorders", bodies_books.work_order(vendor_id, TaskId=task["Id"]))
    assert (empty["Amount"], empty["LineItems"]) == (0, [])


def test_a_put_replaces_all_line_items_and_empties_what_it_leaves_out(
    server: Served, order: Body, vendor_id: int
) -> None:
    items = [{"GlAccountId": None, "Quantity": 1.0, "Memo": None, "UnitPrice": 12.5}]
    changed = put_order(server, order, bodies_books.work_order(vendor_id, LineItems=items, Title="Another"))
    assert (changed["LineItems"], changed["Amount"], changed["Title"]) == (items, 12.5, "Another")
    emptied = put_order(server, order, bodies_books.work_order(vendor_id))
    for field in ("Title", "WorkDetails", "InvoiceNumber", "ChargeableTo", "EntryNotes", "VendorNotes", "EntryContact"):
        assert emptied[field] is None, field
    assert (emptied["LineItems"], emptied["EntryContacts"], emptied["Amount"]) == ([], [], 0)
    assert emptied["Task"] == order["Task"]


def test_the_task_cannot_be_changed_through_the_work_order(server: Served, order: Body, task: Body) -> None:
    for wrong in ({"TaskId": task["Id"]}, {"Status": "Closed"}, {"Priority": "Low"}, {"DueDate": "2026-01-01"}):
        body = bodies_books.work_order(order["VendorId"], **wrong)
        assert server.api.put(f"/v1/workorders/{order['Id']}", json=body).status_code == 400


def test_status_priority_and_due_date_follow_the_task(server: Served, order: Body, task: Body) -> None:
    body = to_do(TaskStatus="Completed", Priority="Low", DueDate=None)
    assert server.api.put(f"/v1/tasks/todorequests/{task['Id']}", json=body).status_code == 200
    fields = ("Status", "Priority", "DueDate")
    changed = server.api.get(f"/v1/workorders/{order['Id']}").json()
    assert [changed[field] for field in fields] == ["Completed", "Low", None]
    server.switch(work_order_follows_task=False)
    alone = server.api.get(f"/v1/workorders/{order['Id']}").json()
    assert [alone[field] for field in fields] == ["Unknown", "Unknown", None]
    assert alone["Task"]["Status"] == "Completed"


def test_a_status_of_its_own_wins_over_the_task(server: Served, order: Body) -> None:
    server.control("PATCH", f"/records/work_orders/{order['Id']}", {"Status": "Deferred"})
    changed = server.api.get(f"/v1/workorders/{order['Id']}").json()
    assert (changed["Status"], changed["Task"]["Status"]) == ("Deferred", "New")


def test_contacts_of_both_forms_come_back_with_their_kind(server: Served, vendor_id: int, task: Body) -> None:
    owner = server.api.get("/v1/rentals/owners?orderby=Id desc&limit=1").json()[0]["Id"]
    body = bodies_books.work_order(vendor_id, TaskId=task["Id"], EntryContactId=STAFF_ID, EntryContactIds=[owner])
    made = server.made("/v1/workorders", body)
    assert [contact["Id"] for contact in made["EntryContacts"]] == [STAFF_ID, owner]
    assert made["EntryContact"] == made["EntryContacts"][0]
    assert made["EntryContact"]["Resources"] == [{"Type": "Staff", "Href": f"/v1/users/{STAFF_ID}"}]


def test_a_work_order_lists_its_bills(
    server: Served, order: Body, vendor_id: int, account_id: int, property_id: int
) -> None:
    lines = [bodies_books.line(property_id, account_id)]
    body = bodies_books.bill(vendor_id, lines, WorkOrderId=order["Id"])
    bills = [server.made("/v1/bills", body)["Id"] for _ in range(2)]
    billed = server.api.get(f"/v1/workorders/{order['Id']}").json()
    assert (billed["BillTransactionIds"], billed["BillTransactionId"]) == (bills, bills[0])
    assert order["Id"] in found(server, isbilled="true")
    assert order["Id"] not in found(server, isbilled="false")


def test_work_orders_are_filtered_by_their_own_values(server: Served, order: Body, account_id: int) -> None:
    order_id, vendor_id = order["Id"], order["VendorId"]
    other = bodies_books.vendor_id(server)
    server.made("/v1/workorders", bodies_books.work_order(other, Task=bodies_books.task(STAFF_ID)))
    expectations: list[tuple[Body, bool]] = [
        ({"vendorids": [vendor_id, 999_999]}, True),
        ({"vendorids": other}, False),
        ({"title": "the SINK"}, True),
        ({"title": "roof"}, False),
        ({"amountfrom": 200, "amountto": 200}, True),
        ({"amountfrom": 200.01}, False),
        ({"amountto": 199.99}, False),
        ({"lastupdatedfrom": "2026-01-01"}, True),
        ({"lastupdatedto": "2026-01-01"}, False),
    ]
    for query, expected in expectations:
        assert (order_id in found(server, **query)) is expected, query


def test_work_orders_are_filtered_by_their_task(server: Served, order: Body, task: Body, property_id: int) -> None:
    expectations: list[tuple[Body, bool]] = [
        ({"taskids": [task["Id"]]}, True),
        ({"statuses": ["New", "Closed"]}, True),
        ({"statuses": "Closed"}, False),
        ({"priorities": "High"}, True),
        ({"priorities": "Low"}, False),
        ({"type": "Todo"}, True),
        ({"type": "ResidentRequest"}, False),
        ({"duedatefrom": "2026-05-01", "duedateto": "2026-05-01"}, True),
        ({"duedatefrom": "2026-05-02"}, False),
        ({"assignedtoid": STAFF_ID}, True),
        ({"assignedtoid": 1003}, False),
        ({"entitytype": "Rental", "entityid": property_id}, True),
        ({"entitytype": "RentalOwner", "entityid": property_id}, False),
        ({"unitid": 999_999}, False),
        ({"unitagreementid": 999_999}, False),
        ({"taskcategoryid": 999_999}, False),
    ]
    for query, expected in expectations:
        assert (order["Id"] in found(server, **query)) is expected, query


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("entityid=1", 422),
        ("isbilled=maybe", 400),
        ("amountfrom=much", 400),
        ("statuses=Unknown", 400),
        ("duedatefrom=soon", 400),
        ("lastupdatedfrom=2026-01-01T00:00:00Z", 400),
        ("taskids=x", 400),
    ],
)
def test_filters_are_checked(server: Served, query: str, status: int) -> None:
    assert server.api.get(f"/v1/workorders?{query}").status_code == status


def test_a_work_order_sends_its_webhooks(server: Served, subscriber: Subscriber, order: Body) -> None:
    server.switch(webhook_url=subscriber.url, webhook_delay=0)
    put_order(server, order, bodies_books.work_order(order["VendorId"]))
    event = subscriber.next().event
    assert (event["EventName"], event["WorkOrderId"]) == ("WorkOrder.Updated", order["Id"])


def test_a_work_order_deleted_in_the_web_pages_leaves_its_bills_and_its_task(
    server: Served, order: Body, vendor_id: int, account_id: int, property_id: int
) -> None:
    lines = [bodies_books.line(property_id, account_id)]
    bill = server.made("/v1/bills", bodies_books.bill(vendor_id, lines, WorkOrderId=order["Id"]))
    assert bill["WorkOrderId"] == order["Id"]
    server.control("DELETE", f"/records/work_orders/{order['Id']}")
    assert server.api.get(f"/v1/bills/{bill['Id']}").json()["WorkOrderId"] is None
    assert server.api.get(f"/v1/tasks/{order['Task']['Id']}").status_code == 200
    assert server.api.delete("/v1/workorders/1001").status_code == 405


def test_a_work_order_whose_task_was_deleted_shows_none(server: Served, order: Body) -> None:
    server.control("DELETE", f"/records/tasks/{order['Task']['Id']}")
    left = server.api.get(f"/v1/workorders/{order['Id']}").json()
    assert (left["Task"], left["Status"]) == (None, "Unknown")
    assert order["Id"] not in found(server, type="Todo")


def test_a_work_order_is_made_in_the_web_pages(server: Served, vendor_id: int, task: Body) -> None:
    body = bodies_books.work_order(vendor_id, TaskId=task["Id"], Title=f"By hand {bodies.gl_account()['Name']}")
    made = server.control("POST", "/records/work_orders", body)
    assert found(server, title=body["Title"]) == [made["id"]]
