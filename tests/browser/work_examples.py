"""Work orders for the tour of every page: with items, with the longest texts, late, and apart from its task."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.database import now
from portal.entities.tasks.model import Task
from portal.entities.work_orders.model import WorkOrder, WorkOrderLine
from tests.live import Live


def works(live: Live, vendor_id: UUID, house_id: UUID, longest: str) -> dict[str, Any]:
    """The ids of the work orders and of a task. They are kept here: nobody at Buildium could be assigned to them."""
    late = Task(subject="Leak", property_id=house_id, priority="High", scheduled_date=now() - timedelta(days=12))
    long_task = Task(subject="Gate", property_id=house_id, status="InProgress")
    apart_task = Task(subject="Fence")
    items = [
        WorkOrderLine(memo="Hours", quantity=Decimal("2.5"), unit_price=Decimal(80), position=0),
        WorkOrderLine(memo=longest, quantity=Decimal(1), unit_price=Decimal("12.345"), position=1),
    ]
    sink = WorkOrder(
        subject="Mend the sink", vendor_id=vendor_id, task=late, lines=items, description="The trap is cracked."
    )
    sink.sum_up()
    texts = dict.fromkeys(("description", "notes", "entry_notes"), longest * 3)
    long = WorkOrder(subject=longest * 2, vendor_id=vendor_id, task=long_task, chargeable_to=longest, **texts)
    apart = WorkOrder(subject="Fence", vendor_id=vendor_id, task=apart_task, own_status="Deferred")
    live.save(sink, long, apart)
    return {
        "work_order": sink.id,
        "work_order_long": long.id,
        "work_order_apart": apart.id,
        "task_of_work_order": late.id,
    }
