"""The kinds of records that take part: a new one is a declaration and a place in this list."""

from __future__ import annotations

from tests.chaos.estate import OWNER, OWNERSHIP, PROPERTY, UNIT
from tests.chaos.kind import Body, Find, Kind, Value, at, mark
from tests.chaos.letting import LEASE, TENANT
from tests.chaos.money import BILL, PAYMENT
from tests.chaos.upkeep import CATEGORY, NOTE, TASK, VENDOR, WORK_ORDER

__all__ = ["KINDS", "Body", "Find", "Kind", "Value", "at", "mark"]

ALL = (
    PROPERTY, UNIT, OWNER, OWNERSHIP, VENDOR, CATEGORY, LEASE, TENANT, TASK, NOTE, WORK_ORDER, BILL, PAYMENT,
)  # fmt: skip
KINDS = {each.name: each for each in ALL}
