"""Users (MAPPING §4.18): read-only, no webhooks. Staff, and the people behind owners and vendors."""

from __future__ import annotations

import re
from typing import get_args

from portal.sandbox.collection import Record, Values
from portal.sandbox.filters import active, choices, contains, ids
from portal.sandbox.messages import enums
from portal.sandbox.resource import Answer, Area, Resource
from portal.sandbox.world import World


def full_name(record: Record) -> str:
    """The name a person or company is listed under."""
    if record["IsCompany"]:
        return str(record["CompanyName"] or "")
    return f"{record['FirstName'] or ''} {record['LastName'] or ''}".strip()


def searchable_phones(record: Record) -> list[str]:
    """Every number as it is written and by its digits alone, since people search both ways."""
    numbers = [phone["Number"] for phone in record["PhoneNumbers"] or []]
    return [*numbers, *(re.sub(r"\D", "", number) for number in numbers)]


def _answer(world: World, user: Record) -> Answer:
    return {"Id": user.id, **user.values}


def staff_member(world: World, user_id: int | None) -> bool:
    """Whether this is an active user of the type Staff."""
    user = world.get("users", user_id)
    return user is not None and user["IsActive"] and "Staff" in user["UserTypes"]


_BLANK: Values = {
    "UserTypes": ["Staff"],
    "IsActive": True,
    "LastLogin": None,
    "FirstName": None,
    "LastName": None,
    "CompanyName": None,
    "Email": None,
    "AlternateEmail": None,
    "PhoneNumbers": [],
    "UserRole": None,
    "IsCompany": False,
}

USERS = Resource(
    kind="users",
    path="/v1/users",
    area=Area("Administration > Users"),
    answer=_answer,
    title=full_name,
    blank=_BLANK,
    filters={
        "roleids": ids(lambda world, user: [(user["UserRole"] or {}).get("Id")]),
        "usertypes": choices(get_args(enums.UserType), lambda user: user["UserTypes"]),
        "status": active(get_args(enums.StatusInactive)),
        "name": contains(lambda user: [full_name(user), user["CompanyName"]]),
        "email": contains(lambda user: [user["Email"], user["AlternateEmail"]]),
    },
)
