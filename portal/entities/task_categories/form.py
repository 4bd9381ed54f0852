"""The form of a task category."""

from __future__ import annotations

from collections.abc import Mapping

from portal.entities.category_form import CategoryForm
from portal.entities.task_categories.model import TaskCategory
from portal.web.fields import CodeField
from portal.web.forms import Group

# Far enough apart to be told from each other, and each has a name that people would call it.
COLORS: Mapping[str, str] = {
    "#b91c1c": "Red",
    "#c2410c": "Orange",
    "#ca8a04": "Yellow",
    "#15803d": "Green",
    "#0f766e": "Teal",
    "#0369a1": "Blue",
    "#4338ca": "Indigo",
    "#7e22ce": "Purple",
    "#be185d": "Pink",
    "#78350f": "Brown",
    "#525252": "Gray",
}


class TaskCategoryForm(CategoryForm):
    groups = (Group("Category", ("name", "description", "color")),)
    model = TaskCategory

    color = CodeField("Color", COLORS, "Shown beside the category’s name.", blank="None")

    def adapt(self) -> None:
        super().adapt()
        stored = self.record.color if self.record else None
        if stored and stored not in COLORS:
            self.color.choices = [("", "None"), *COLORS.items(), (stored, f"Another one: {stored}")]
