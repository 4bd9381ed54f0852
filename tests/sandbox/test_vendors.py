"""Vendors and their categories."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox import bodies, bodies_books, bodies_tasks
from tests.sandbox.bodies import in_days
from tests.sandbox.running import Served, Subscriber
from tests.sandbox.test_rentals import errors


@pytest.fixture
def category_id(server: Served) -> int:
    return int(server.made("/v1/vendors/categories", bodies_tasks.category(Name="Plumbing"))["Id"])


@pytest.fixture
def new_vendor(server: Served, category_id: int) -> dict[str, Any]:
    return server.made("/v1/vendors", bodies_tasks.full_vendor(category_id))


def found(server: Served, query: str) -> list[int]:
    return [vendor["Id"] for vendor in server.api.get(f"/v1/vendors?{query}&limit=1000").json()]


def test_a_vendor_names_its_category_and_is_active(new_vendor: dict[str, Any], category_id: int) -> None:
    assert new_vendor["Category"] == {"Id": category_id, "Name": "Plumbing"}
    assert new_vendor["IsActive"] is True
    assert "CategoryId" not in new_vendor


def test_a_vendor_needs_an_existing_category(server: Served, category_id: int) -> None:
    body = bodies_tasks.vendor(category_id)
    del body["CategoryId"]
    assert server.api.post("/v1/vendors", json=body).status_code == 400
    assert errors(server.api.post("/v1/vendors", json=bodies_tasks.vendor(999_999))) == ["CategoryId"]


@pytest.mark.parametrize("missing", ["FirstName", "LastName"])
def test_a_person_needs_both_names(server: Served, category_id: int, missing: str) -> None:
    person = {"IsCompany": False, "CompanyName": None, "FirstName": "Otis", "LastName": "Boykin"}
    body = bodies_tasks.vendor(category_id, **{**person, missing: ""})
    assert errors(server.api.post("/v1/vendors", json=body)) == [missing]
    made = server.made("/v1/vendors", bodies_tasks.vendor(category_id, **{**person, "CompanyName": "Ignored"}))
    assert (made["FirstName"], made["CompanyName"]) == ("Otis", None)


def test_a_company_needs_its_name(server: Served, category_id: int) -> None:
    body = bodies_tasks.vendor(category_id, CompanyName=None, FirstName="Otis")
    assert errors(server.api.post("/v1/vendors", json=body)) == ["CompanyName"]


@pytest.mark.parametrize(
    ("website", "status"),
    [("www.example.com", 422), ("ftp://example.com", 422), ("http://", 422), ("http://example.com", 201), ("", 201)],
)
def test_a_website_has_its_scheme(server: Served, category_id: int, website: str, status: int) -> None:
    body = bodies_tasks.vendor(category_id, Website=website)
    assert server.api.post("/v1/vendors", json=body).status_code == status


def test_the_insurance_ends_on_a_date_and_is_answered_as_a_moment(server: Served, new_vendor: dict[str, Any]) -> None:
    assert new_vendor["VendorInsurance"]["ExpirationDate"] == "2031-05-31T00:00:00Z"
    sent_back = bodies_tasks.vendor(new_vendor["Category"]["Id"], VendorInsurance=new_vendor["VendorInsurance"])
    assert server.api.put(f"/v1/vendors/{new_vendor['Id']}", json=sent_back).status_code == 400


def test_the_expense_account_is_spelt_differently_in_and_out(server: Served, category_id: int) -> None:
    account = server.first("/v1/glaccounts")["Id"]
    made = server.made("/v1/vendors", bodies_tasks.vendor(category_id, ExpenseGlAccountId=account))
    assert made["ExpenseGLAccountId"] == account
    body = bodies_tasks.vendor(category_id, ExpenseGlAccountId=999_999)
    assert errors(server.api.post("/v1/vendors", json=body)) == ["ExpenseGlAccountId"]


def test_tax_information_can_be_updated_but_says_then_whether_it_counts(
    server: Served, new_vendor: dict[str, Any], category_id: int
) -> None:
    path = f"/v1/vendors/{new_vendor['Id']}"
    tax = new_vendor["TaxInformation"]
    assert (tax["TaxPayerIdType"], tax["TaxPayerId"], tax["IncludeIn1099"]) == ("SSN", "987-65-4321", True)
    without = bodies_tasks.vendor(category_id, TaxInformation=bodies.tax())
    assert server.api.put(path, json=without).status_code == 400
    with_it = bodies_tasks.vendor(category_id, TaxInformation=bodies.tax(IncludeIn1099=False))
    assert server.api.put(path, json=with_it).json()["TaxInformation"]["IncludeIn1099"] is False
    wrong = bodies_tasks.vendor(category_id, TaxInformation=bodies.tax(TaxPayerType="EIN", IncludeIn1099=True))
    assert errors(server.api.put(path, json=wrong)) == ["TaxInformation.TaxPayerId"]
    in_creation = bodies_tasks.vendor(category_id, TaxInformation=bodies.tax(IncludeIn1099=True))
    assert server.api.post("/v1/vendors", json=in_creation).status_code == 400


def test_a_put_empties_what_it_leaves_out(server: Served, new_vendor: dict[str, Any]) -> None:
    server.control("PATCH", f"/records/vendors/{new_vendor['Id']}", {"IsActive": False})
    bare = bodies_tasks.vendor(new_vendor["Category"]["Id"], CompanyName="Only this")
    changed = server.api.put(f"/v1/vendors/{new_vendor['Id']}", json=bare).json()
    kept = {"Id", "IsCompany", "IsActive", "CompanyName", "Category"}
    assert {name for name, value in changed.items() if value} == kept - {"IsActive"}
    assert changed["IsActive"] is False


def test_the_state_of_an_address_is_checked(server: Served, category_id: int) -> None:
    body = bodies_tasks.vendor(category_id, Address=bodies.address(State="Ontario"))
    assert errors(server.api.post("/v1/vendors", json=body)) == ["Address.State"]


@pytest.mark.parametrize(
    "query",
    [
        "name=vendor+zebra",
        "email=zebra@",
        "email=ZEBRA2@",
        "website=zebra.example",
        "phone=2075550009",
        "phone=555-0009",
    ],
)
def test_vendors_are_found_by_name_email_website_and_phone(server: Served, category_id: int, query: str) -> None:
    contact = {"PrimaryEmail": "zebra@example.com", "AlternateEmail": "zebra2@example.com"}
    body = bodies_tasks.vendor(
        category_id,
        CompanyName="Vendor Zebra",
        Website="http://zebra.example",
        PhoneNumbers={"Mobile": "(207) 555-0009"},
        **contact,
    )
    vendor_id = server.made("/v1/vendors", body)["Id"]
    assert found(server, query)[-1:] == [vendor_id]
    assert vendor_id not in found(server, query.replace("=", "=no"))


@pytest.mark.parametrize(
    ("days", "windows"),
    [
        (None, {"None"}),
        (-1, {"Expired", "Any"}),
        (0, {"ThirtyDaysOrLess", "SixtyDaysOrLess", "NinetyDaysOrLess", "Any"}),
        (31, {"SixtyDaysOrLess", "NinetyDaysOrLess", "Any"}),
        (90, {"NinetyDaysOrLess", "Any"}),
        (91, {"Any"}),
    ],
)
def test_vendors_are_found_by_when_their_insurance_runs_out(
    server: Served, category_id: int, days: int | None, windows: set[str]
) -> None:
    insurance = bodies_tasks.insurance(ExpirationDate=None if days is None else in_days(days))
    vendor_id = server.made("/v1/vendors", bodies_tasks.vendor(category_id, VendorInsurance=insurance))["Id"]
    everything = ("Expired", "ThirtyDaysOrLess", "SixtyDaysOrLess", "NinetyDaysOrLess", "None", "Any")
    assert {each for each in everything if vendor_id in found(server, f"insuranceexpiration={each}")} == windows
    assert server.api.get("/v1/vendors?insuranceexpiration=Soon").status_code == 400


def test_vendors_are_found_by_status(server: Served, new_vendor: dict[str, Any]) -> None:
    server.control("PATCH", f"/records/vendors/{new_vendor['Id']}", {"IsActive": False})
    assert new_vendor["Id"] in found(server, "status=Inactive")
    assert new_vendor["Id"] not in found(server, "status=Active")
    assert server.api.get("/v1/vendors?status=InActive").status_code == 400


def test_a_vendor_category_is_a_name(server: Served, category_id: int) -> None:
    path = f"/v1/vendors/categories/{category_id}"
    assert server.api.get(path).json() == {"Id": category_id, "Name": "Plumbing", "IsSystemCategory": False}
    assert server.api.put(path, json={"Name": "Pipes"}).json()["Name"] == "Pipes"
    assert server.api.put(path, json={"Name": ""}).status_code == 422


def test_a_vendor_category_of_the_system_can_be_locked(server: Served, category_id: int) -> None:
    server.control("PATCH", f"/records/vendor_categories/{category_id}", {"IsSystemCategory": True})
    path = f"/v1/vendors/categories/{category_id}"
    assert server.api.put(path, json={"Name": "Pipes"}).status_code == 200
    server.switch(system_vendor_categories="locked")
    assert errors(server.api.put(path, json={"Name": "Drains"})) == ["Name"]


def test_a_vendor_category_in_use_cannot_be_deleted(server: Served, new_vendor: dict[str, Any]) -> None:
    category = f"/records/vendor_categories/{new_vendor['Category']['Id']}"
    assert server.plain.delete(f"/_control{category}").status_code == 409
    server.control("DELETE", f"/records/vendors/{new_vendor['Id']}")
    server.control("DELETE", category)


def test_a_vendor_with_bills_cannot_be_deleted(server: Served, new_vendor: dict[str, Any], property_id: int) -> None:
    lines = [bodies_books.line(property_id, bodies_books.expense_account_id(server))]
    server.made("/v1/bills", bodies_books.bill(new_vendor["Id"], lines))
    assert server.plain.delete(f"/_control/records/vendors/{new_vendor['Id']}").status_code == 409


def test_vendors_and_categories_send_their_events(subscribed: Served, subscriber: Subscriber) -> None:
    category = subscribed.made("/v1/vendors/categories", bodies_tasks.category())["Id"]
    event = subscriber.next().event
    assert (event["EventName"], event["VendorCategoryId"]) == ("VendorCategory.Created", category)
    vendor = subscribed.control("POST", "/records/vendors", bodies_tasks.vendor(category))["id"]
    event = subscriber.next().event
    assert (event["EventName"], event["VendorId"]) == ("Vendor.Created", vendor)
    subscribed.control("PATCH", f"/records/vendors/{vendor}", {"Comments": "Edited by hand"})
    assert subscriber.next().event["EventName"] == "Vendor.Updated"
    subscribed.control("DELETE", f"/records/vendors/{vendor}")
    assert subscriber.next().event["EventName"] == "Vendor.Deleted"
