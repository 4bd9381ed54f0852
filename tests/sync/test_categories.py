"""Vendor categories and task categories on their way to Buildium and back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from portal.entities.task_categories.mapping import TASK_CATEGORY
from portal.entities.vendor_categories.mapping import VENDOR_CATEGORY
from portal.extensions import db
from portal.registry import RESOURCES
from portal.sync.pull import pull_one
from portal.sync.resource import Resource
from tests.live import Live

both = pytest.mark.parametrize(
    ("kind", "resource"), [("vendor_categories", VENDOR_CATEGORY), ("task_categories", TASK_CATEGORY)]
)


def sent(live: Live, record: Any) -> Any:
    live.save(record)
    live.work()
    assert live.state(record) == "synced", live.row(record).error_message
    return record


def only(resource: Resource) -> Any:
    return db.session.scalars(select(resource.model)).one()


def pulled(live: Live, kind: str, resource: Resource, **values: Any) -> Any:
    """A category that was made in Buildium."""
    made = live.add_there(kind, Name="Heating")
    live.edit_there(kind, made, **values)
    pull_one(resource, made)
    live.forget_requests()
    return only(resource)


@both
def test_a_category_is_created_and_renamed(live: Live, kind: str, resource: Resource) -> None:
    made = sent(live, resource.model(name="Chimneys", description="Kept here"))
    assert live.get(f"{resource.path}/{made.buildium_category_id}")["Name"] == "Chimneys"
    made.name = "Chimneys and stoves"
    sent(live, made)
    assert [each["Name"] for each in live.get(resource.path)] == ["Chimneys and stoves"]
    assert (made.description, made.is_system) == ("Kept here", False)


@both
def test_what_is_kept_here_only_is_not_sent(live: Live, kind: str, resource: Resource) -> None:
    made = sent(live, resource.model(name="Chimneys"))
    live.forget_requests()
    made.description, made.is_active = "Soot", False
    live.save(made)
    live.work()
    assert live.asked("PUT", resource.path) == live.asked("GET", resource.path) == 0


@both
def test_buildiums_own_category_is_never_renamed(live: Live, kind: str, resource: Resource) -> None:
    own = pulled(live, kind, resource, IsSystemCategory=True)
    assert own.is_system
    own.name = "Renamed behind the form's back"
    live.save(own)
    live.work()
    assert live.state(own) == "blocked"
    assert live.row(own).error_message == (
        "This is one of Buildium’s own categories, and Buildium lets nobody rename those."
    )
    assert live.asked("PUT", resource.path) == 0


@both
def test_two_of_one_name_in_buildium_are_two_here(live: Live, kind: str, resource: Resource) -> None:
    for name in ("Heating", "heating"):
        pull_one(resource, live.add_there(kind, Name=name))
    assert {each.name for each in db.session.scalars(select(resource.model))} == {"Heating", "heating"}


@both
def test_a_create_that_lost_its_answer_is_found_by_its_name(live: Live, kind: str, resource: Resource) -> None:
    live.fault("commit_then_drop", method="POST", path=resource.path)
    made = resource.model(name="Chimneys")
    live.save(made)
    live.work()
    assert live.state(made) == "uncertain"
    live.work_later()
    assert live.state(made) == "synced"
    assert len(live.get(resource.path)) == 1


def test_sub_categories_come_from_buildium(live: Live) -> None:
    nested = [{"Id": 3, "Name": "Locks"}, {"Id": 4, "Name": "Keys"}]
    category = pulled(live, "task_categories", TASK_CATEGORY, SubCategories=nested)
    assert category.sub_categories == nested
    category.name = "Doors"
    sent(live, category)
    assert live.get(f"{TASK_CATEGORY.path}/{category.buildium_category_id}")["SubCategories"] == nested


def test_an_import_brings_categories_before_what_is_filed_in_them() -> None:
    order = [each.name for each in RESOURCES.ordered]
    assert order.index("vendor_category") < order.index("vendor")


@both
def test_a_category_named_like_one_that_buildium_has_is_that_one(live: Live, kind: str, resource: Resource) -> None:
    there = live.add_there(kind, Name="Heating")
    mine = sent(live, resource.model(name="heating"))
    assert mine.buildium_category_id == there
    assert [each["Name"] for each in live.get(resource.path)] == ["heating"]
