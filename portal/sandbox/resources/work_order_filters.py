"""The filters of the list of work orders (MAPPING §4.17); most of them look at the task."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from portal.sandbox.collection import Record
from portal.sandbox.day_filters import ENTITY, UPDATED_BY_DAY, from_day, of_entity, to_day
from portal.sandbox.errors import RefusedError
from portal.sandbox.filters import contains, derived_choices, ids
from portal.sandbox.messages import enums
from portal.sandbox.resource import Filter, Predicate
from portal.sandbox.resources import tasks
from portal.sandbox.resources.work_order_states import amount, bill_ids, followed, task_of
from portal.sandbox.switches import Switches
from portal.sandbox.world import World


def _of_task(field: str) -> Filter:
    """Keeps orders whose task has one of the ids in a field."""

    def values(world: World, order: Record) -> list[int | None]:
        task = task_of(world, order)
        return [task[field]] if task else []

    return ids(values)


def _types(world: World, order: Record) -> list[str]:
    task = task_of(world, order)
    return [task["TaskType"]] if task else []


def _entities(world: World, order: Record) -> list[tuple[str, int | None]]:
    task = task_of(world, order)
    return tasks.entities(world, task) if task else []


def _amounts(compare: Callable[[float, float], bool]) -> Filter:
    def parse(name: str, raw: list[str], switches: Switches) -> Predicate:
        limit = _number(name, raw[-1])
        return lambda world, order: compare(amount(order), limit)

    return Filter(parse)


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise RefusedError(400, [(name, f"'{text}' is not a number.")]) from None


def _is_billed(name: str, raw: list[str], switches: Switches) -> Predicate:
    if raw[-1] not in ("true", "false"):
        raise RefusedError(400, [(name, f"'{raw[-1]}' is not true or false.")])
    wanted = raw[-1] == "true"
    return lambda world, order: bool(bill_ids(world, order)) is wanted


BY_ENTITY = of_entity(_entities)
FILTERS: dict[str, Filter] = {
    **ENTITY,
    **UPDATED_BY_DAY,
    "statuses": derived_choices(get_args(enums.TaskStatus), lambda world, order: [followed(world, order, "Status")]),
    "priorities": derived_choices(
        get_args(enums.TaskPriority), lambda world, order: [followed(world, order, "Priority")]
    ),
    "type": derived_choices(get_args(enums.TaskType), _types),
    "unitid": _of_task("UnitId"),
    "unitagreementid": _of_task("UnitAgreementId"),
    "taskcategoryid": _of_task("CategoryId"),
    "assignedtoid": _of_task("AssignedToUserId"),
    "duedatefrom": from_day(lambda world, order: followed(world, order, "DueDate")),
    "duedateto": to_day(lambda world, order: followed(world, order, "DueDate")),
    "vendorids": ids(lambda world, order: [order["VendorId"]], index="VendorId"),
    "taskids": ids(lambda world, order: [order["TaskId"]], index="TaskId"),
    "amountfrom": _amounts(lambda found, limit: found >= limit),
    "amountto": _amounts(lambda found, limit: found <= limit),
    "isbilled": Filter(_is_billed),
    "title": contains(lambda order: [order["Title"]]),
}
