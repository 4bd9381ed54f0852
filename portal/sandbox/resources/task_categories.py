"""Task categories (MAPPING §4.14). Sub categories are made in the web pages only, and those of the system are fixed."""

from __future__ import annotations

from portal.sandbox.collection import Record, Values
from portal.sandbox.errors import RefusedError, broken_rule
from portal.sandbox.messages.tasks import TaskCategory
from portal.sandbox.resource import Answer, Area, Create, Event, Resource, Update
from portal.sandbox.world import World

AREA = Area("Tasks > Tasks")


def task_category_values(name: str, *, is_system: bool = False, sub_categories: dict[int, str] | None = None) -> Values:
    """The stored values of a category; sub categories are names by id, and the ids are unique among all of them."""
    nested = [{"Id": each, "Name": text} for each, text in (sub_categories or {}).items()]
    return {"Name": name, "IsSystemCategory": is_system, "SubCategories": nested}


def sub_category(category: Record | None, sub_category_id: int | None) -> Values | None:
    """The sub category of this id, if it is one of the category's."""
    nested = category["SubCategories"] if category else []
    return next((each for each in nested if each["Id"] == sub_category_id), None)


def _answer(world: World, category: Record) -> Answer:
    return {"Id": category.id, **category.values}


def _create(world: World, body: TaskCategory) -> Record:
    return world.insert("task_categories", task_category_values(body.Name))


def _update(world: World, category: Record, body: TaskCategory) -> Record:
    if category["IsSystemCategory"]:
        raise broken_rule("Name", "A category of the system cannot be edited.")
    return world.change(category, body.model_dump())


def _delete(world: World, category: Record) -> None:
    if category["IsSystemCategory"]:
        raise RefusedError(409, message="A category of the system cannot be deleted.")


TASK_CATEGORIES = Resource(
    kind="task_categories",
    path="/v1/tasks/categories",
    area=AREA,
    answer=_answer,
    create=Create(TaskCategory, _create),
    update=Update(TaskCategory, _update),
    event=Event("TaskCategory", "TaskCategoryId"),
    on_delete=_delete,
)
