"""The pages of task categories."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import undefer

from portal.entities.task_categories.form import COLORS, TaskCategoryForm
from portal.entities.task_categories.mapping import TASK_CATEGORY
from portal.entities.task_categories.model import TaskCategory
from portal.entity import Entity, marks, wanted
from portal.web.filters import Choice
from portal.web.screen import Activity, Column, Screen, Section, Sort, by_name
from portal.web.values import Counted, Swatch
from portal.words import ACTIVE, ACTIVITY

KINDS = {"own": "Buildium’s own", "ours": "Made by people"}


def swatch(category: TaskCategory) -> Swatch | None:
    code = category.color
    return Swatch(code, COLORS.get(code.lower(), code)) if code else None


def sub_categories(category: TaskCategory) -> str:
    names = [str(each.get("Name") or each.get("Id")) for each in category.sub_categories or ()]
    return ", ".join(sorted(names, key=str.casefold))


NAME = Column("name", "Name", "name", sort=by_name(TaskCategory.name))
TASKS = Column("task_count", "Tasks", "count", value=lambda it: Counted(it.task_count, "tasks", {"category_id": it.id}))
COLOR = Column("color", "Color", value=swatch)
SUB = Column("sub_categories", "Sub categories", value=sub_categories, wide=True)
KIND = Column("is_system", "Kind", words={True: KINDS["own"], False: KINDS["ours"]})
DESCRIPTION = Column("description", "Description", wide=True, shown=False)
STATUS = Column("is_active", "Status", "active", words=ACTIVE, sort=Sort(TaskCategory.is_active))
BUILDIUM = Column("buildium_category_id", "Buildium id", shown=False)
CHANGED = Column("updated_at", "Changed", "moment", shown=False)


def set_active(is_active: bool, record: TaskCategory) -> None:
    record.is_active = is_active


def off_words(_: TaskCategory) -> Sequence[str]:
    return (
        "The category is marked as out of use.",
        "Tasks that have it keep it.",
        "Nothing changes in Buildium, where categories can’t be switched off.",
    )


def on_words(_: TaskCategory) -> Sequence[str]:
    return ("The category is in use again.",)


TASK_CATEGORIES = Entity(
    screen=Screen(
        singular="task_category",
        plural="task_categories",
        model=TaskCategory,
        form=TaskCategoryForm,
        icon="stack",
        columns=(NAME, TASKS, COLOR, SUB, KIND, DESCRIPTION, STATUS, BUILDIUM, CHANGED),
        order="name",
        empty="Categories are the kinds of work that your tasks are about, such as maintenance.",
        search=TaskCategory.search_text,
        filters=(
            Choice("status", "Status", ACTIVITY, lambda value: TaskCategory.is_active == (value == "active")),
            Choice("kind", "Kind", KINDS, lambda value: TaskCategory.is_system == (value == "own")),
        ),
        loads=(undefer(TaskCategory.task_count),),
        sections=(
            Section("Category", (KIND, TASKS, COLOR, DESCRIPTION, SUB)),
            Section("Record", (BUILDIUM, Column("created_at", "Created", "moment"), CHANGED)),
        ),
        unique={"task_categories_name_key": ("name", "There is a category with this name already.")},
        activity=Activity(lambda it: set_active(False, it), lambda it: set_active(True, it), off_words, on_words),
        marks=marks(TASK_CATEGORY),
        wanted=wanted(TASK_CATEGORY),
        buildium_id="buildium_category_id",
    ),
    resource=TASK_CATEGORY,
)
