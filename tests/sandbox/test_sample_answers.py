"""Every record of the sample as the API shows it: as specified, and legal by the sandbox's own rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from portal.sandbox.app import EXTENSION
from portal.sandbox.catalog import BY_KIND, RESOURCES, VIEWS
from portal.sandbox.config import SandboxConfig
from portal.sandbox.resource import Resource
from portal.sandbox.simulation import Simulation
from tests.sandbox.bodies import in_days
from tests.sandbox.referee import Referee
from tests.sandbox.running import Served, serve

Body = dict[str, Any]
_SLOTS = {"Home": "Home", "Office": "Work", "Cell": "Mobile", "Fax": "Fax"}
PATHS = [resource for resource in (*RESOURCES, *VIEWS) if resource.path]


@pytest.fixture(scope="module")
def portfolio(referee_if_any: Referee | None) -> Iterator[Served]:
    """A sandbox of 100 units as it starts today. The tests of this module change nothing that another one looks at."""
    with serve(SandboxConfig(size=100, rate=0), referee_if_any) as served:
        yield served


def simulation(served: Served) -> Simulation:
    found = served.app.extensions[EXTENSION]
    assert isinstance(found, Simulation)
    return found


def places(served: Served, resource: Resource) -> set[str]:
    """The paths of all lists of a resource: those inside other records once for each of those that have any."""
    if not resource.parents:
        return {resource.path}
    found = set()
    with simulation(served).change() as world:
        for record in world.all(resource.kind):
            values = {name: one_of(value) for name, value in record.values.items()}
            if all(values[field] is not None for field in resource.parents):
                found.add(resource.path.format_map(values))
    return found


def one_of(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


@pytest.mark.parametrize("resource", PATHS, ids=lambda resource: resource.path)
def test_every_record_is_as_the_specification_has_it(portfolio: Served, referee: Referee, resource: Resource) -> None:
    assert places(portfolio, resource), f"the sample has no {resource.kind}"
    # Of the very many lists inside other records, one in five.
    for place in sorted(places(portfolio, resource))[:: 5 if resource.parents else 1]:
        total = int(portfolio.api.get(f"{place}?limit=1").headers["X-Total-Count"])
        assert total
        for offset in range(0, total, 15):
            ordered = "" if resource.key else "&orderby=Id"
            assert portfolio.api.get(f"{place}?limit=15&offset={offset}{ordered}").status_code == 200


@pytest.mark.parametrize("path", ["/v1/leases", "/v1/leases/tenants", "/v1/vendors", "/v1/bills", "/v1/workorders"])
def test_a_put_of_what_a_record_says_is_accepted(portfolio: Served, path: str) -> None:
    inside = portfolio.app.test_client()
    for answer in every(portfolio, path):
        response = inside.put(f"{path}/{answer['Id']}", json=BODIES[path](answer), headers=dict(portfolio.api.headers))
        assert response.status_code == 200, (answer, response.text)


@pytest.mark.parametrize("kind", ["todorequests", "residentrequests", "rentalownerrequests", "contactrequests"])
def test_a_put_of_what_a_task_says_is_accepted(portfolio: Served, kind: str) -> None:
    inside = portfolio.app.test_client()
    path = f"/v1/tasks/{kind}"
    for answer in portfolio.api.get(f"{path}?limit=1000").json():
        response = inside.put(f"{path}/{answer['Id']}", json=task(answer, kind), headers=dict(portfolio.api.headers))
        assert response.status_code == 200, (answer, response.text)


def test_most_units_are_let_today_and_leases_are_past_active_and_future() -> None:
    with serve(SandboxConfig(size=1000, rate=0)) as served:
        leases = every(served, "/v1/leases")
        statuses = Counter(lease["LeaseStatus"] for lease in leases)
        assert min(statuses["Past"], statuses["Active"], statuses["Future"]) > 20
        active = {rental["Id"] for rental in every(served, "/v1/rentals") if rental["IsActive"]}
        units = [unit for unit in every(served, "/v1/rentals/units") if unit["PropertyId"] in active]
        assert 0.92 <= sum(unit["IsUnitOccupied"] for unit in units) / len(units) <= 0.95
        terms = Counter(lease["TermType"] for lease in leases if lease["LeaseStatus"] == "Active")
        assert 0.1 < terms["MonthToMonth"] / statuses["Active"] < 0.4
        per_unit = Counter(lease["UnitId"] for lease in leases if lease["LeaseStatus"] == "Active")
        assert set(per_unit.values()) == {1}
        near = [lease for lease in leases if lease["LeaseStatus"] == "Active" and lease["AccountDetails"]["Rent"]]
        market = {unit["Id"]: unit["MarketRent"] for unit in units}
        shares = [
            lease["AccountDetails"]["Rent"] / market[lease["UnitId"]] for lease in near if market[lease["UnitId"]]
        ]
        assert 0.8 < min(shares) <= max(shares) < 1.1


def test_the_filters_of_a_morning_find_something(portfolio: Served) -> None:
    for path in (
        "leases?leasestatuses=Future",
        f"leases?leasestatuses=Active&leasedateto={in_days(60)}",
        "leases/tenants?leasetermstatuses=Active",
        "tasks?statuses=New&statuses=InProgress",
        "workorders?isbilled=false",
        "bills?paidstatus=Unpaid",
        "vendors?insuranceexpiration=Expired",
    ):
        assert portfolio.api.get(f"/v1/{path}").json(), path


def every(served: Served, path: str) -> list[Body]:
    kind = next(resource.kind for resource in PATHS if resource.path == path)
    assert kind in BY_KIND
    found: list[Body] = []
    while (
        answers := served.app.test_client()
        .get(f"{path}?limit=1000&offset={len(found)}&orderby=Id", headers=dict(served.api.headers))
        .json
    ):
        found += answers
    assert found, path
    return found


def lease(answer: Body) -> Body:
    kept = ("LeaseType", "UnitId", "LeaseFromDate", "LeaseToDate", "IsEvictionPending", "AutomaticallyMoveOutTenants")
    return {name: answer[name] for name in kept}


def person(answer: Body, *dropped: str) -> Body:
    slots = {_SLOTS[phone["Type"]]: phone["Number"] for phone in answer["PhoneNumbers"] if phone["Type"] in _SLOTS}
    kept = {name: value for name, value in answer.items() if name not in ("Id", *dropped)}
    return {**kept, "PhoneNumbers": slots}


def vendor(answer: Body) -> Body:
    body = person(answer, "IsActive", "Category", "ExpenseGLAccountId")
    if body["VendorInsurance"]:
        insurance = body["VendorInsurance"]
        body["VendorInsurance"] = {**insurance, "ExpirationDate": insurance["ExpirationDate"][:10]}
    if body["TaxInformation"]:
        tax = dict(body["TaxInformation"])
        body["TaxInformation"] = {**tax, "TaxPayerType": tax.pop("TaxPayerIdType")}
        del body["TaxInformation"]["TaxPayerIdType"]
    return {**body, "CategoryId": answer["Category"]["Id"], "ExpenseGlAccountId": answer["ExpenseGLAccountId"]}


def bill(answer: Body) -> Body:
    header = {name: answer[name] for name in ("Date", "DueDate", "Memo", "VendorId", "ReferenceNumber")}
    return {**header, "Lines": [bill_line(line) for line in answer["Lines"]]}


def bill_line(line: Body) -> Body:
    entity = line["AccountingEntity"]
    place = {"Id": entity["Id"], "AccountingEntityType": "Rental", "UnitId": (entity["Unit"] or {}).get("Id")}
    kept = {name: line[name] for name in ("Id", "Amount", "Memo")}
    return {**kept, "AccountingEntity": place, "GlAccountId": line["GLAccount"]["Id"]}


def work_order(answer: Body) -> Body:
    kept = ("Title", "WorkDetails", "InvoiceNumber", "ChargeableTo", "EntryAllowed", "EntryNotes", "VendorNotes")
    items = [
        {name: item[name] for name in ("GlAccountId", "Quantity", "Memo", "UnitPrice")} for item in answer["LineItems"]
    ]
    contacts = [contact["Id"] for contact in answer["EntryContacts"]]
    more = {"VendorId": answer["VendorId"], "EntryContactIds": contacts, "LineItems": items}
    return {**{name: answer[name] for name in kept}, **more}


def task(answer: Body, kind: str) -> Body:
    kept = ("Title", "AssignedToUserId", "TaskStatus", "Priority", "DueDate")
    body = {name: answer[name] for name in kept}
    body |= {
        "CategoryId": answer["Category"]["Id"],
        "SubCategoryId": (answer["Category"]["SubCategory"] or {}).get("Id"),
    }
    if kind != "residentrequests":
        body |= {"PropertyId": (answer["Property"] or {}).get("Id"), "UnitId": answer["UnitId"]}
    if kind == "contactrequests":
        body["ContactDetail"] = answer["ContactDetail"]
    return body


BODIES = {
    "/v1/leases": lease,
    "/v1/leases/tenants": lambda answer: person(answer, "Leases", "CreatedDateTime", "SMSOptInStatus"),
    "/v1/vendors": vendor,
    "/v1/bills": bill,
    "/v1/workorders": work_order,
}
