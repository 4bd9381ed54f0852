"""The kinds of work by which tasks are filed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text, false, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

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
    is_system: Mapped[bool] = mapped_column(server_default=false())
    # [{"Id": …, "Name": …}], read from Buildium only; `tasks.sub_category_id` is one of these ids.
    sub_categories: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    search_text: Mapped[str] = words("name", "buildium_category_id")

    __table_args__ = (
        CheckConstraint("color ~ '^#[0-9A-Fa-f]{6}$'", name="color"),
        Index("task_categories_buildium_category_id_key", "buildium_category_id", unique=True),
        name_order("task_categories_name_order_idx", "name"),
        search_index("task_categories"),
    )

    def __str__(self) -> str:
        return self.name
