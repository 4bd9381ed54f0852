"""Staff user ← User of type Staff (MAPPING §4.18). Read only; there are no events for users."""

from __future__ import annotations

from portal.entities.staff_users.model import StaffUser
from portal.sync.resource import Body, Direction, Field, Resource

FIELDS = (
    Field("first_name", "FirstName", Direction.PULL),
    Field("last_name", "LastName", Direction.PULL),
    Field("email", "Email", Direction.PULL),
    Field("is_active", "IsActive", Direction.PULL),
)


def is_staff(body: Body) -> bool:
    return "Staff" in (body.get("UserTypes") or [])


STAFF_USER = Resource(
    name="staff_user",
    model=StaffUser,
    path="/v1/users",
    id_column="buildium_user_id",
    reference=True,
    fields=FIELDS,
    permission="Administration > Users",
    pushed=False,
    query={"usertypes": "Staff"},
    accepts=is_staff,
)
