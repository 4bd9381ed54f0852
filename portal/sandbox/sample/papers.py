"""Files of the sample: photos of what broke, invoices, and documents. Their bytes are made up when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from random import Random
from typing import Any

from portal.sandbox.collection import Record
from portal.sandbox.resources.files import file_values
from portal.sandbox.sample.draft import Draft

_SHARE = 0.1
_DOCUMENTS = (
    ("House rules.pdf", "Rental", "rentals"),
    ("Signed lease – “Unterschrieben”.pdf", "Lease", "leases"),
    ("Certificate of insurance.pdf", "Vendor", "vendors"),
    ("Passport.jpg", "Tenant", "tenants"),
)
_LARGEST = 900_000

# A moment, a title, and the fields that say what the file belongs to.
Paper = tuple[datetime, str, dict[str, Any]]


def add_papers(draft: Draft, random: Random) -> None:
    """Draft one document of each sort, a photo for some requests and an invoice for some bills."""
    wanted = [*_documents(draft.records), *_attachments(draft.records, random)]
    for number, (moment, title, fields) in enumerate(sorted(wanted, key=lambda paper: paper[0])):
        physical_name = f"{number:06d}-{random.getrandbits(64):016x}"
        values = file_values(title, physical_name, random.randint(20_000, _LARGEST), CategoryId=1, **fields)
        draft.add("files", values, moment)


def _documents(records: list[Record]) -> Iterator[Paper]:
    """Of each sort one for the first few it fits."""
    for title, entity_type, kind in _DOCUMENTS:
        for record in [record for record in records if record.kind == kind][:3]:
            yield record.created, title, {"EntityType": entity_type, "EntityId": record.id}


def _attachments(records: list[Record], random: Random) -> Iterator[Paper]:
    for record in records:
        if record.kind == "task_history" and record["CreatedByType"] == "Tenant" and random.random() < _SHARE:
            ids = {"TaskId": record["TaskId"], "TaskHistoryId": record.id}
            yield record.created, "IMG_2041 – avant.jpg", ids
        if record.kind == "bills" and record["WorkOrderId"] and random.random() < _SHARE:
            yield record.created, f"Invoice {record['ReferenceNumber']}.pdf", {"BillId": record.id}
