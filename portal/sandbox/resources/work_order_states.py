"""What a work order says of itself, and what its task and bills say for it (MAPPING §4.17)."""

from __future__ import annotations

from decimal import Decimal

from portal.sandbox.collection import Record, Values
from portal.sandbox.resources.bill_balances import ZERO, exact
from portal.sandbox.world import World

# Fields of an order that only the task can change, and what the task calls them.
_TASK_NAMES = {"Status": "TaskStatus", "Priority": "Priority", "DueDate": "DueDate"}
_NOT_KNOWN = {"Status": "Unknown", "Priority": "Unknown", "DueDate": None}


def task_of(world: World, order: Record) -> Record | None:
    return world.get("tasks", order["TaskId"])


def followed(world: World, order: Record, field: str) -> str | None:
    """Status, Priority or DueDate: the task's until the order has been given one of its own; whether an order follows
    its task at all isn't stated, so a switch decides (MAPPING §11)."""
    own, task = order[field], task_of(world, order)
    if own is None and task is not None and world.switches.work_order_follows_task:
        own = task[_TASK_NAMES[field]]
    return _NOT_KNOWN[field] if own is None else str(own)


def amount(order: Record) -> float:
    return round(float(sum((_price(item) for item in order["LineItems"]), ZERO)), 2)


def bill_ids(world: World, order: Record) -> list[int]:
    return sorted(bill.id for bill in world.find("bills", "WorkOrderId", order.id))


def _price(item: Values) -> Decimal:
    return exact(item["Quantity"]) * exact(item["UnitPrice"])
