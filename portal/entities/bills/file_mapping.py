"""Bill file (MAPPING §4.10, §7): read bill by bill; ours go up with their bill, see `errands`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_

from portal.database import now
from portal.entities.bills.model import Bill, BillFile
from portal.sync.resource import Body, Direction, Field, Nested, Resource

KILOBYTE = 1024
RECENT = timedelta(days=30)


def derive(body: Body) -> dict[str, Any]:
    """What Buildium lists, it has."""
    return {"upload_state": "sent"}


def worth_asking() -> ColumnElement[bool]:
    """Which bills a run asks for their files: those that aren't paid, and those of the last weeks.

    There is neither an event about a file nor a filter of changes, and the list of all files doesn't say which bill one
    belongs to. A call for every bill there ever was would be the longest part of a night; a scan is usually added when
    its bill is entered, or while it waits to be paid.
    """
    return or_(Bill.paid_date.is_(None), Bill.date >= (now() - RECENT).date())


BILL_FILE = Resource(
    name="bill_file",
    model=BillFile,
    path="/v1/bills/{}/files",
    id_column="buildium_file_id",
    fields=(
        Field("bill_id", "BillId", Direction.PULL, read=lambda body: body.get("BillId"), refers_to="bill"),
        Field("file_name", "Title", Direction.PULL, read=lambda body: str(body.get("Title") or "File")[:255]),
        Field("file_type", "ContentType", Direction.PULL),
        # Of a bill's files Buildium says kilobytes (MAPPING §7).
        Field("file_size", "Size", Direction.PULL, to_local=lambda size: int(size) * KILOBYTE),
        Field("physical_file_name", "PhysicalFileName", Direction.PULL),
    ),
    permission="Accounting > Bills",
    pushed=False,
    nested=Nested("bill", "bill_id", "BillId", asked=worth_asking),
    derive=derive,
)
