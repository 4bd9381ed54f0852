"""Tasks of the four kinds: what each asks for, what an update leaves, and how they are found."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.sandbox import bodies, bodies_tasks
from tests.sandbox.running import Served, Subscriber
from tests.sandbox.test_rentals import errors

KINDS = {
    "Todo": "/v1/tasks/todorequests",
    "ResidentRequest": "/v1/tasks/residentrequests",
    "RentalOwnerRequest": "/v1/tasks/rentalownerrequests",
    "ContactRequest": "/v1/tasks/contactrequests",
}
STAFF = 1002


class Place(NamedTuple):
    """Where tasks can happen: an active property and its unit, a lease of it with its tenant, its owner."""

    building: int
    unit: int
    lease: int
    tenant: int
    owner: int


@pytest.fixture
def place(server: Served, bank_account_id: int) -> Place:
    building = server.made("/v1/rentals", bodies.rental(bank_account_id))["Id"]
    unit = server.api.get(f"/v1/rentals/units?propertyids={building}").json()[0]["Id"]
    lease = server.made("/v1/leases", bodies.lease(unit, Tenants=[bodies.tenant()]))
    owner = server.made("/v1/rentals/owners", bodies.owner([building]))["Id"]
    return Place(building, unit, lease["Id"], lease["Tenants"][0]["Id"], owner)


def body_of(kind: str, place: Place, **changes: Any) -> bodies.Body:
    makers: dict[str, bodies.Body] = {
        "Todo": bodies_tasks.to_do(STAFF),
        "ResidentRequest": bodies_tasks.full_resident_request(place.lease, place.tenant),
        "RentalOwnerRequest": bodies_tasks.owner_request(place.owner),
        "ContactRequest": bodies_tasks.contact_request(STAFF),
    }
    return {**makers[kind], **changes}


def update_of(kind: str, **changes: Any) -> bodies.Body:
    extra = {"AssignedToUserId": STAFF} if kind in ("Todo", "ContactRequest") else {}
    contact = {"ContactDetail": bodies_tasks.contact()} if kind == "ContactRequest" else {}
    return bodies_tasks.update(**{**extra, **contact, **changes})


def made(server: Served, kind: str, place: Place, **changes: Any) -> dict[str, Any]:
    return server.made(KINDS[kind], body_of(kind, place, **changes))


def a_category(server: Served, *names: str) -> tuple[int, list[int]]:
    """A new category and its sub categories, which only the web pages can make."""
    category = server.made("/v1/tasks/categories", bodies_tasks.category())["Id"]
    nested = [{"Id": category * 100 + number, "Name": name} for number, name in enumerate(names)]
    server.control("PATCH", f"/records/task_categories/{category}", {"SubCategories": nested})
    return category, [each["Id"] for each in nested]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_served_under_its_own_path_and_among_all(server: Served, place: Place, kind: str) -> None:
    task = made(server, kind, place)
    assert server.api.get(f"/v1/tasks/{task['Id']}").json()["TaskType"] == kind
    for other, path in KINDS.items():
        expected = 200 if other == kind else 404
        assert server.api.get(f"{path}/{task['Id']}").status_code == expected
        assert server.api.put(f"{path}/{task['Id']}", json=update_of(other)).status_code == expected
        assert (task["Id"] in [each["Id"] for each in server.api.get(f"{path}?limit=1000").json()]) is (other == kind)
    assert server.api.put(f"/v1/tasks/{task['Id']}", json=update_of(kind)).status_code == 405
    assert server.api.post("/v1/tasks", json=update_of(kind)).status_code == 405


def test_the_kinds_share_one_id_space(server: Served, place: Place) -> None:
    ids = [made(server, kind, place)["Id"] for kind in KINDS]
    assert ids == list(range(ids[0], ids[0] + 4))


def test_a_resident_request_takes_its_place_from_the_lease(server: Served, place: Place) -> None:
    task = made(server, "ResidentRequest", place)
    assert (task["Property"]["Id"], task["UnitId"]) == (place.building, place.unit)
    assert (task["UnitAgreement"]["Id"], task["UnitAgreement"]["Type"]) == (place.lease, "Lease")
    requester = task["RequestedByUserEntity"]
    assert (requester["Type"], requester["Id"]) == ("RentalTenant", place.tenant)
    changed = server.api.put(f"{KINDS['ResidentRequest']}/{task['Id']}", json=update_of("ResidentRequest")).json()
    kept = ("Property", "UnitId", "UnitAgreement", "RequestedByUserEntity", "Description", "ResidentEntryNotes")
    assert {name: changed[name] for name in kept} == {name: task[name] for name in kept}
    assert (changed["DueDate"], changed["AssignedToUserId"]) == (None, None)


@pytest.mark.parametrize("field", ["UnitAgreementId", "RequestedByEntityId"])
def test_a_resident_request_needs_its_lease_and_a_tenant_of_it(server: Served, place: Place, field: str) -> None:
    body = body_of("ResidentRequest", place, **{field: 999_999})
    assert errors(server.api.post(KINDS["ResidentRequest"], json=body)) == [field]
    stranger = server.made(
        "/v1/leases", bodies.lease(place.unit, LeaseFromDate="2031-01-01", LeaseToDate=None, LeaseType="AtWill")
    )
    wrong = body_of("ResidentRequest", place, UnitAgreementId=stranger["Id"])
    assert errors(server.api.post(KINDS["ResidentRequest"], json=wrong)) == ["RequestedByEntityId"]


def test_an_owner_request_names_its_owner(server: Served, place: Place) -> None:
    task = made(server, "RentalOwnerRequest", place)
    requester = task["RequestedByUserEntity"]
    assert (requester["Type"], requester["Id"], requester["FirstName"]) == ("RentalOwner", place.owner, "Ada")
    body = body_of("RentalOwnerRequest", place, RequestedByRentalOwnerId=999_999)
    assert errors(server.api.post(KINDS["RentalOwnerRequest"], json=body)) == ["RequestedByRentalOwnerId"]


def test_a_contact_request_keeps_its_contact_and_needs_it_in_every_update(server: Served, place: Place) -> None:
    task = made(server, "ContactRequest", place)
    assert task["ContactDetail"] == bodies_tasks.contact()
    among_all = server.api.get(f"/v1/tasks/{task['Id']}").json()["RequestedByUserEntity"]
    assert (among_all["Type"], among_all["Id"], among_all["LastName"]) == ("ContactRequestor", None, "Clarke")
    without = {name: value for name, value in update_of("ContactRequest").items() if name != "ContactDetail"}
    path = f"{KINDS['ContactRequest']}/{task['Id']}"
    assert server.api.put(path, json=without).status_code == 400
    with_fax = update_of("ContactRequest", ContactDetail=bodies_tasks.contact(PhoneNumbers=bodies.phones()))
    assert server.api.put(path, json=with_fax).status_code == 400


@pytest.mark.parametrize("kind", KINDS)
def test_the_assignee_must_be_active_staff(server: Served, place: Place, kind: str) -> None:
    inactive = server.api.get("/v1/users?status=Inactive&usertypes=Staff").json()[0]["Id"]
    outsider = server.api.get("/v1/users?usertypes=Vendor").json()[0]["Id"]
    task = made(server, kind, place)
    for user in (inactive, outsider, 999_999):
        created = server.api.post(KINDS[kind], json=body_of(kind, place, AssignedToUserId=user))
        assert errors(created) == ["AssignedToUserId"]
        put = server.api.put(f"{KINDS[kind]}/{task['Id']}", json=update_of(kind, AssignedToUserId=user))
        assert errors(put) == ["AssignedToUserId"]


def test_nobody_is_null_under_the_kind_and_0_among_all(server: Served, place: Place) -> None:
    task = made(server, "RentalOwnerRequest", place)
    assert task["AssignedToUserId"] is None
    assert server.api.get(f"/v1/tasks/{task['Id']}").json()["AssignedToUserId"] == 0
    body = {name: value for name, value in bodies_tasks.to_do(STAFF).items() if name != "AssignedToUserId"}
    assert server.api.post(KINDS["Todo"], json=body).status_code == 400


def test_the_property_must_be_active_and_the_unit_its_own(server: Served, place: Place) -> None:
    elsewhere = server.first("/v1/rentals/units")["Id"]
    for wrong in ({"PropertyId": place.building, "UnitId": elsewhere}, {"UnitId": place.unit}):
        assert errors(server.api.post(KINDS["Todo"], json=body_of("Todo", place, **wrong))) == ["UnitId"]
    task = made(server, "Todo", place, PropertyId=place.building, UnitId=place.unit)
    assert (task["Property"]["Type"], task["UnitId"]) == ("Rental", place.unit)
    server.api.post(f"/v1/rentals/{place.building}/inactivationrequest")
    there = {"PropertyId": place.building}
    assert errors(server.api.post(KINDS["Todo"], json=body_of("Todo", place, **there))) == ["PropertyId"]
    put = server.api.put(f"{KINDS['Todo']}/{task['Id']}", json=update_of("Todo", **there))
    assert errors(put) == ["PropertyId"]
    resident = server.api.post(KINDS["ResidentRequest"], json=body_of("ResidentRequest", place))
    assert errors(resident) == ["UnitAgreementId"]


def test_a_sub_category_belongs_to_its_category(server: Served, place: Place) -> None:
    category, (leak, _) = a_category(server, "Leak", "Drain")
    other, _ = a_category(server, "Roof")
    task = made(server, "Todo", place, CategoryId=category, SubCategoryId=leak)
    assert task["Category"]["SubCategory"] == {"Id": leak, "Name": "Leak"}
    for wrong in ({"CategoryId": other, "SubCategoryId": leak}, {"SubCategoryId": leak}):
        assert errors(server.api.post(KINDS["Todo"], json=body_of("Todo", place, **wrong))) == ["SubCategoryId"]
    missing = body_of("Todo", place, CategoryId=999_999)
    assert errors(server.api.post(KINDS["Todo"], json=missing)) == ["CategoryId"]


def test_a_put_empties_what_it_leaves_out_but_not_the_description(server: Served, place: Place) -> None:
    category, (sub,) = a_category(server, "Leak")
    where = {"CategoryId": category, "SubCategoryId": sub, "PropertyId": place.building, "UnitId": place.unit}
    task = server.made(KINDS["Todo"], bodies_tasks.full_to_do(STAFF, where))
    path = f"{KINDS['Todo']}/{task['Id']}"
    changed = server.api.put(path, json=update_of("Todo")).json()
    assert [changed[name] for name in ("Category", "Property", "UnitId", "DueDate")] == [None] * 4
    assert (changed["Description"], changed["TaskStatus"]) == ("Since Monday.", "InProgress")
    assert server.api.put(path, json=update_of("Todo", Description="New words")).status_code == 400


def test_a_category_of_the_system_cannot_be_edited_or_deleted(server: Served) -> None:
    category, _ = a_category(server)
    path = f"/v1/tasks/categories/{category}"
    assert server.api.put(path, json={"Name": "Own"}).json()["Name"] == "Own"
    server.control("PATCH", f"/records/task_categories/{category}", {"IsSystemCategory": True})
    assert errors(server.api.put(path, json={"Name": "Other"})) == ["Name"]
    assert server.plain.delete(f"/_control/records/task_categories/{category}").status_code == 409
    assert server.api.post("/v1/tasks/categories", json={"Name": "X", "SubCategories": []}).status_code == 400


def test_tasks_are_found_by_each_filter(server: Served, place: Place) -> None:
    category, _ = a_category(server)
    where = {"PropertyId": place.building, "UnitId": place.unit, "CategoryId": category}
    wanted = made(
        server, "Todo", place, **where, TaskStatus="Deferred", Priority="High", DueDate="2031-02-03", Title="Find ME"
    )["Id"]
    made(server, "Todo", place)
    for path, query in [
        *[(path, f"entitytype=Rental&entityid={place.building}") for path in ("/v1/tasks", KINDS["Todo"])],
        ("/v1/tasks", f"unitid={place.unit}&type=Todo"),
        ("/v1/tasks", f"taskcategoryid={category}"),
        ("/v1/tasks", "duedatefrom=2031-02-03&duedateto=2031-02-03"),
        ("/v1/tasks", f"tasktitle=find+me&assignedtoid={STAFF}&statuses=Deferred&statuses=Closed&priorities=High"),
    ]:
        assert [task["Id"] for task in server.api.get(f"{path}?{query}").json()] == [wanted], query
        narrower = f"{path}?{query}&duedateto=2031-02-02"
        assert server.api.get(narrower).json() == []


def test_tasks_are_found_by_lease_and_by_owner(server: Served, place: Place) -> None:
    resident, owner = (made(server, kind, place)["Id"] for kind in ("ResidentRequest", "RentalOwnerRequest"))
    by_lease = f"unitagreementid={place.lease}"
    for path in ("/v1/tasks", KINDS["ResidentRequest"]):
        assert [task["Id"] for task in server.api.get(f"{path}?{by_lease}").json()] == [resident]
    by_owner = server.api.get(f"/v1/tasks?entitytype=RentalOwner&entityid={place.owner}").json()
    assert [task["Id"] for task in by_owner] == [owner]
    assert server.api.get(f"/v1/tasks?entityid={place.owner}").status_code == 422
    assert server.api.get("/v1/tasks?lastupdatedfrom=soon").status_code == 400


def test_the_last_update_counts_by_the_day(server: Served, place: Place) -> None:
    made(server, "Todo", place)
    today = bodies.in_days(0)
    assert server.api.get(f"/v1/tasks?lastupdatedfrom={today}&lastupdatedto={today}").json()
    assert server.api.get(f"/v1/tasks?lastupdatedfrom={bodies.in_days(1)}").json() == []


def test_owner_requests_come_all_at_once(server: Served, place: Place) -> None:
    for _ in range(3):
        made(server, "RentalOwnerRequest", place)
    listed = server.api.get(f"{KINDS['RentalOwnerRequest']}?limit=1&offset=1&orderby=Id desc")
    ids = [task["Id"] for task in listed.json()]
    assert len(ids) == int(listed.headers["X-Total-Count"]) >= 3
    assert ids == sorted(ids)
    assert len(server.api.get(f"{KINDS['Todo']}?limit=1").json()) <= 1


def test_tasks_and_categories_send_their_events(subscribed: Served, subscriber: Subscriber) -> None:
    category, _ = a_category(subscribed)
    names = [event["EventName"] for event in subscriber.events(2)]
    assert sorted(names) == ["TaskCategory.Created", "TaskCategory.Updated"]
    task = subscribed.made(KINDS["ContactRequest"], bodies_tasks.contact_request(STAFF, CategoryId=category))["Id"]
    events = {event["EventName"]: event for event in subscriber.events(2)}
    assert (events["Task.Created"]["TaskId"], events["Task.Created"]["TaskType"]) == (task, "ContactRequest")
    assert events["Task.History.Created"]["TaskId"] == task
    assert isinstance(events["Task.History.Created"]["TaskHistoryId"], int)


def test_a_deleted_task_takes_its_history_along(subscribed: Served, subscriber: Subscriber) -> None:
    task = subscribed.made(KINDS["Todo"], bodies_tasks.to_do(STAFF))["Id"]
    subscriber.events(2)
    subscribed.control("DELETE", f"/records/tasks/{task}")
    assert {event["EventName"] for event in subscriber.events(2)} == {"Task.Deleted", "Task.History.Deleted"}
    assert subscribed.api.get(f"/v1/tasks/{task}/history").status_code == 404


def test_the_web_pages_can_make_and_edit_tasks(server: Served) -> None:
    made_by_hand = server.control("POST", "/records/tasks", {"Title": "By hand", "AssignedToUserId": STAFF})["id"]
    assert server.api.get(f"{KINDS['Todo']}/{made_by_hand}").json()["Title"] == "By hand"
    server.control("PATCH", f"/records/tasks/{made_by_hand}", {"TaskStatus": "Closed"})
    assert server.api.get(f"/v1/tasks/{made_by_hand}").json()["TaskStatus"] == "Closed"
