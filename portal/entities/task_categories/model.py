"""The kinds of work by which tasks are filed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Index, String, Text, Uuid, column, false, func, select, table, text, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column

from portal.database import Base, Record, str255
from portal.listing import name_order, search_index, words


class TaskCategory(Record, Base):
    __tablename__ = "task_categories"

    buildium_category_id: Mapped[int | None]
    name: Mapped[str255]
    description: Mapped[str | None] = mapped_column(Text)
    color: Mapped[str | None] = mapped_column(String(7))
    is_active: Mapped[bool] = mapped_column(server_default=true())
    # Buildium's own categories; not to be edited.
    is_system: Mapped[bool] = mapped_column(server_default=false(), default=False)
    # [{"Id": …, "Name": …}], read from Buildium only; `tasks.sub_category_id` is one of these ids.
    sub_categories: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    search_text: Mapped[str] = words("name", "buildium_category_id")

    if TYPE_CHECKING:
        task_count: Mapped[int]

    __table_args__ = (
        CheckConstraint("color ~ '^#[0-9A-Fa-f]{6}$'", name="color"),
        Index("task_categories_buildium_category_id_key", "buildium_category_id", unique=True),
        # Only of those that Buildium hasn't: it may have two of one name, and both have to be kept here.
        Index(
            "task_categories_name_key",
            text("lower(name::text)"),
            unique=True,
            postgresql_where=text("buildium_category_id is null"),
        ),
        name_order("task_categories_name_order_idx", "name"),
        search_index("task_categories"),
    )

    def __str__(self) -> str:
        return self.name


def task_count() -> Any:
    """How many tasks are filed in the category."""
    # By name, because tasks know their categories and not the reverse.
    tasks = table("tasks", column("category_id", Uuid))
    mine = tasks.c.category_id == TaskCategory.__table__.c.id
    return select(func.count()).select_from(tasks).where(mine).scalar_subquery()


# Asked for by the pages that show it.
TaskCategory.task_count = column_property(task_count(), deferred=True)
