"""The files of a bill, which go up one by one beside it (MAPPING, “Since then”, 3; §7)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from portal.database import now
from portal.entities.bills.model import Bill, BillFile
from portal.storage import storage
from portal.sync.errands import Upload
from portal.sync.paths import Body


def errands(bill: Bill, _: Body, __: Collection[str]) -> list[Upload]:
    """Files that Buildium has begun to take are looked for after those that it hasn't seen: one that doesn't appear
    must not keep the others waiting."""
    waiting = [file for file in bill.files if file.upload_state == "waiting" and has_bytes(file)]
    return [uploading(file) for file in sorted(waiting, key=lambda file: file.physical_file_name is not None)]


def has_bytes(file: BillFile) -> bool:
    return bool(file.file_url) and storage().path(file.file_url or "").is_file()


def uploading(file: BillFile) -> Upload:
    forget, place = on(file.id, begin), storage().path(file.file_url or "")
    is_begun = file.physical_file_name is not None
    return Upload(
        path="files",
        file_name=file.file_name,
        content=place.read_bytes,
        begun=on(file.id, begin),
        keep=on(file.id, arrive),
        again=lambda bill: forget(bill, None),
        physical_name=file.physical_file_name,
        # The last that was written of a file on its way is that it was sent.
        waited_seconds=(now() - file.updated_at).total_seconds() if is_begun else 0.0,
    )


def on(file_id: UUID, change: Callable[[Bill, BillFile, Any], None]) -> Callable[[Bill, Any], None]:
    """`change` for the file as it is by then; nothing where a person has taken it away meanwhile."""

    def act(bill: Bill, answer: Any) -> None:
        file = next((each for each in bill.files if each.id == file_id), None)
        if file is not None:
            change(bill, file, answer)

    return act


def begin(_: Bill, file: BillFile, physical_name: str | None) -> None:
    """Note the name by which the file can be found; None forgets it, so that it is sent again."""
    file.physical_file_name = physical_name


def arrive(bill: Bill, file: BillFile, there: Body) -> None:
    """A run may have brought Buildium's file here meanwhile: then the two are made one, the one that the sync knows."""
    twin = next((each for each in bill.files if each.buildium_file_id == there["Id"]), None)
    if twin is None or twin is file:
        file.buildium_file_id, file.upload_state = there["Id"], "sent"
        return
    for name in ("file_name", "file_type", "file_size", "file_url", "description"):
        setattr(twin, name, getattr(file, name))
    bill.files.remove(file)
