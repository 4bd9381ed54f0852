"""The form of a category: its name is unique, and the name of Buildium's own ones stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from sqlalchemy import exists, func, select
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from portal.extensions import db
from portal.web.fields import text
from portal.web.forms import Group, RecordForm
from portal.web.screen import by_name

TAKEN = "There is a category with this name already. Choose another name."
OWN = "Buildium lets nobody rename its own categories, so this name has to stay."


class CategoryForm(RecordForm):
    """`model` is the kind of category; a record of it has `name` and `is_system`."""

    groups = (Group("Category", ("name", "description")),)
    model: ClassVar[type[Any]]

    name = StringField("Name", [DataRequired("Enter the category’s name."), Length(max=255)])
    description = text("Description", "What belongs into this category.")

    def adapt(self) -> None:
        if self.is_own:
            self.name.render_kw = {"readonly": True}
            self.name.description = OWN

    @property
    def is_own(self) -> bool:
        """Whether it is one of Buildium's own categories."""
        return self.record is not None and bool(self.record.is_system)

    def checks(self) -> Iterator[tuple[str, str]]:
        if self.is_own:
            if self.name.data != self.record.name:
                yield "name", OWN
        elif self.name.data and self.is_taken(self.name.data):
            yield "name", TAKEN

    def is_taken(self, name: str) -> bool:
        """Whatever its letters' case: people can't tell “HVAC” from “Hvac” in a list."""
        others = exists().where(by_name(self.model.name).by == func.lower(name))
        if self.record:
            others = others.where(self.model.id != self.record.id)
        return bool(db.session.scalar(select(others)))
