"""Vendor categories and task categories: one form, one set of rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from portal.entities.task_categories.model import TaskCategory
from portal.entities.tasks.model import Task
from portal.entities.vendor_categories.model import VendorCategory
from portal.entities.vendors.model import Vendor
from portal.extensions import db
from portal.sync.models import SyncStatus
from tests.people import speaking_as
from tests.web.conftest import IMPORT, Store, Stored
from tests.web.pages import errors, fields, link, parsed, rows, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient

both = pytest.mark.parametrize(
    ("model", "place", "singular"),
    [
        (VendorCategory, "/vendor-categories", "vendor_category"),
        (TaskCategory, "/task-categories", "task_category"),
    ],
)


def cells(response: Any, heading: str) -> list[str]:
    return [words(each) for each in parsed(response).iter("td") if each.get("data-label") == heading]


@both
def test_a_category_has_a_name_and_a_description(
    manager: FlaskClient, stored: Stored, model: type[Any], place: str, singular: str
) -> None:
    response = manager.post(f"{place}/new", data={"name": " Chimneys ", "description": "Sweeping and lining."})
    (made,) = stored(select(model))
    assert response.location == f"{place}/{made.id}"
    assert (made.name, made.description, made.is_active, made.is_system) == (
        *("Chimneys", "Sweeping and lining.", True, False),
    )
    assert [each.entity_type for each in stored(select(SyncStatus))] == [singular]


@both
def test_a_name_is_taken_whatever_its_letters(
    manager: FlaskClient, store: Store, model: type[Any], place: str, singular: str
) -> None:
    store(model(name="HVAC", buildium_category_id=3), other := model(name="Öfen"))
    for taken in ("hvac", "HVAC", " Hvac ", "öFEN"):
        refused = manager.post(f"{place}/new", data={"name": taken})
        assert refused.status_code == 422
        assert errors(refused) == {"name": "There is a category with this name already. Choose another name."}
    form = fields(manager.get(f"{place}/{other.id}/edit"))
    assert manager.post(f"{place}/{other.id}/edit", data={**form, "name": "hvac"}).status_code == 422
    assert manager.post(f"{place}/{other.id}/edit", data={**form, "name": "öfen"}).status_code == 303


@both
def test_two_people_can_not_enter_one_name_at_once(store: Store, model: type[Any], place: str, singular: str) -> None:
    """What the form can't see yet, the database refuses; what Buildium has, it takes."""
    store(model(name="Chimneys"), model(name="chimneys", buildium_category_id=5))
    with pytest.raises(IntegrityError, match="_name_key"):
        store(model(name="CHIMNEYS"))


@both
def test_buildiums_own_category_keeps_its_name_and_says_why(
    manager: FlaskClient, store: Store, stored: Stored, model: type[Any], place: str, singular: str
) -> None:
    own = model(name="General", is_system=True, buildium_category_id=1)
    store(own)
    why = "Buildium lets nobody rename its own categories"
    assert why in words(parsed(manager.get(f"{place}/{own.id}")))
    page = manager.get(f"{place}/{own.id}/edit")
    assert why in words(parsed(page))
    (name,) = [each for each in parsed(page).iter("input") if each.get("name") == "name"]
    assert name.get("readonly") is not None
    form = fields(page)
    refused = manager.post(f"{place}/{own.id}/edit", data={**form, "name": "Mine"})
    assert refused.status_code == 422
    assert errors(refused)["name"].startswith(why)
    assert manager.post(f"{place}/{own.id}/edit", data={**form, "description": "Ours"}).status_code == 303
    (own,) = stored(select(model))
    assert (own.name, own.description) == ("General", "Ours")
    # The import of the test has written the only version there is to send.
    assert stored(select(SyncStatus.local_version)) == [1]


@both
def test_a_category_goes_out_of_use_and_comes_back(
    manager: FlaskClient, store: Store, stored: Stored, model: type[Any], place: str, singular: str
) -> None:
    category = model(name="Chimneys")
    store(category)
    assert "Nothing changes in Buildium" in manager.get(f"{place}/{category.id}/deactivation").text
    manager.post(f"{place}/{category.id}/deactivation")
    assert stored(select(model.is_active)) == [False]
    assert rows(manager.get(f"{place}?status=active")) == []
    manager.post(f"{place}/{category.id}/reactivation")
    assert rows(manager.get(f"{place}?status=active")) == ["Chimneys"]


@both
def test_a_long_list_asks_as_often_as_a_short_one(
    manager: FlaskClient, store: Store, model: type[Any], place: str, singular: str
) -> None:
    store(*(model(name=f"Kind {number}", is_system=number % 2 == 0) for number in range(40)))
    assert len(rows(manager.get(place))) == 40
    assert len(rows(manager.get(f"{place}?kind=own"))) == 20


def test_a_vendor_category_counts_its_vendors_and_leads_to_them(manager: FlaskClient, store: Store) -> None:
    full, empty = VendorCategory(name="Plumbing"), VendorCategory(name="Roofs")
    store(full, empty, *(Vendor(name=f"Ace {number}", category=full) for number in range(3)))
    page = manager.get("/vendor-categories")
    assert cells(page, "Vendors") == ["3", "0"]
    address = link(page, "3")
    assert address == f"/vendors?category_id={full.id}"
    assert rows(manager.get(address)) == ["Ace 0", "Ace 1", "Ace 2"]
    assert manager.get("/vendor-categories.csv").text.splitlines()[1].startswith("Plumbing,3,")
    its_page = manager.get(f"/vendor-categories/{full.id}")
    assert link(its_page, "Ace 1")
    assert link(its_page, "Add vendor") == f"/vendors/new?category_id={full.id}"
    assert fields(manager.get(f"/vendors/new?category_id={full.id}"))["category_id"] == str(full.id)


def test_a_task_category_counts_its_tasks(manager: FlaskClient, store: Store) -> None:
    full, empty = TaskCategory(name="Doors"), TaskCategory(name="Roofs")
    store(full, empty)
    with speaking_as(IMPORT):
        db.session.execute(insert(Task), [{"subject": f"Door {number}", "category_id": full.id} for number in (1, 2)])
        db.session.commit()
    assert cells(manager.get("/task-categories"), "Tasks") == ["2", "0"]


def test_a_color_is_never_alone(manager: FlaskClient, store: Store, stored: Stored) -> None:
    assert manager.post("/task-categories/new", data={"name": "Doors", "color": "#0f766e"}).status_code == 303
    own = TaskCategory(name="Roofs", color="#123abc")
    store(own)
    page = manager.get("/task-categories")
    assert cells(page, "Color") == ["Teal", "#123abc"]
    assert [each.get("fill") for each in parsed(page).iter("{http://www.w3.org/2000/svg}rect")] == [
        "#0f766e",
        "#123abc",
    ]
    assert errors(manager.post("/task-categories/new", data={"name": "X", "color": "teal"})) == {
        "color": "Not a valid choice."
    }
    form = fields(manager.get(f"/task-categories/{own.id}/edit"))
    assert form["color"] == "#123abc"
    manager.post(f"/task-categories/{own.id}/edit", data={**form, "name": "Roof"})
    assert sorted(stored(select(TaskCategory.color))) == ["#0f766e", "#123abc"]


def test_sub_categories_are_shown_and_not_asked_for(manager: FlaskClient, store: Store) -> None:
    category = TaskCategory(name="Doors", sub_categories=[{"Id": 4, "Name": "Locks"}, {"Id": 3, "Name": "Keys"}])
    store(category)
    assert cells(manager.get("/task-categories"), "Sub categories") == ["Keys, Locks"]
    assert "Keys, Locks" in words(parsed(manager.get(f"/task-categories/{category.id}")))
    assert "sub_categories" not in fields(manager.get(f"/task-categories/{category.id}/edit"))
