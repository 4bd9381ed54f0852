"""Task category ↔ Task category (MAPPING §4.14). Sub categories are Buildium's alone."""

from __future__ import annotations

from portal.entities.category import by_the_same_name, every_category, rename_problems
from portal.entities.task_categories.model import TaskCategory
from portal.sync.likeness import BY_NAME
from portal.sync.resource import Direction, Field, Resource, Search

TASK_CATEGORY = Resource(
    name="task_category",
    model=TaskCategory,
    path="/v1/tasks/categories",
    id_column="buildium_category_id",
    matched=True,
    reference=True,
    fields=(
        Field("name", "Name", required=True),
        Field("is_system", "IsSystemCategory", Direction.PULL),
        Field("sub_categories", "SubCategories", Direction.PULL),
    ),
    permission="Tasks > Tasks",
    events={"TaskCategory": "TaskCategoryId"},
    likeness=BY_NAME,
    search=Search(every_category, by_the_same_name),
    check=rename_problems,
    here=("description", "color", "is_active"),
)
