"""The people of the management company as Buildium knows them: managers of properties, assignees of tasks."""

from __future__ import annotations

from sqlalchemy import Index, String, true
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base, Record, str255
from portal.listing import name_order, search_index, words


class StaffUser(Record, Base):
    """Read from Buildium only (MAPPING §4.18). Other tables refer to it by `buildium_user_id`, as Buildium does."""

    __tablename__ = "staff_users"

    buildium_user_id: Mapped[int | None]
    first_name: Mapped[str | None] = mapped_column(String(127))
    last_name: Mapped[str | None] = mapped_column(String(127))
    email: Mapped[str255 | None]
    is_active: Mapped[bool] = mapped_column(server_default=true())
    search_text: Mapped[str] = words("first_name", "last_name", "email")

    __table_args__ = (
        Index("staff_users_buildium_user_id_key", "buildium_user_id", unique=True),
        name_order("staff_users_last_name_order_idx", "last_name"),
        search_index("staff_users"),
    )

    def __str__(self) -> str:
        return f"{self.first_name or ''} {self.last_name or ''}".strip() or self.email or "Staff member"
