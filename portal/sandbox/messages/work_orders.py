"""The messages of work orders (MAPPING §4.17)."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from portal.sandbox.messages import enums
from portal.sandbox.messages.base import Int32, IsoDate, LongText, Message


class LineItem(Message):
    GlAccountId: Int32 | None = None
    Quantity: float
    Memo: str | None = None
    UnitPrice: float


class WorkOrderTask(Message):
    """A to-do to be made with the order; its status has another name here than in the messages of tasks."""

    Title: Annotated[str, StringConstraints(min_length=1, max_length=127)]
    DueDate: IsoDate | None = None
    Priority: enums.TaskPriority
    Status: enums.TaskStatus
    PropertyId: Int32 | None = None
    UnitId: Int32 | None = None
    AssignedToUserId: Int32


class WorkOrderPut(Message):
    Title: Annotated[str, StringConstraints(max_length=127)] | None = None
    WorkDetails: LongText | None = None
    InvoiceNumber: Annotated[str, StringConstraints(max_length=50)] | None = None
    ChargeableTo: Annotated[str, StringConstraints(max_length=100)] | None = None
    EntryAllowed: enums.EntryAllowed
    EntryNotes: LongText | None = None
    VendorId: Int32
    VendorNotes: LongText | None = None
    EntryContactId: Int32 | None = None
    EntryContactIds: list[Int32] | None = None
    LineItems: list[LineItem] | None = None


class WorkOrderPost(WorkOrderPut):
    TaskId: Int32 | None = None
    Task: WorkOrderTask | None = None
