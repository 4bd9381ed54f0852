"""Vendor categories (MAPPING §4.9): a name. Whether those of the system can be renamed isn't stated."""

from __future__ import annotations

from portal.sandbox.collection import Record, Values
from portal.sandbox.errors import RefusedError, broken_rule
from portal.sandbox.messages.vendors import VendorCategory
from portal.sandbox.resource import Answer, Area, Create, Event, Resource, Update
from portal.sandbox.world import World

AREA = Area("Maintenance > Vendors")


def vendor_category_values(name: str, *, is_system: bool = False) -> Values:
    """The stored values of a category."""
    return {"Name": name, "IsSystemCategory": is_system}


def _answer(world: World, category: Record) -> Answer:
    return {"Id": category.id, **category.values}


def _create(world: World, body: VendorCategory) -> Record:
    return world.insert("vendor_categories", vendor_category_values(body.Name))


def _update(world: World, category: Record, body: VendorCategory) -> Record:
    if category["IsSystemCategory"] and world.switches.system_vendor_categories == "locked":
        raise broken_rule("Name", "A category of the system cannot be edited.")
    return world.change(category, body.model_dump())


def _delete(world: World, category: Record) -> None:
    if world.find("vendors", "CategoryId", category.id):
        raise RefusedError(409, message="Vendors still have this category.")


VENDOR_CATEGORIES = Resource(
    kind="vendor_categories",
    path="/v1/vendors/categories",
    area=AREA,
    answer=_answer,
    create=Create(VendorCategory, _create),
    update=Update(VendorCategory, _update),
    event=Event("VendorCategory", "VendorCategoryId"),
    on_delete=_delete,
)
