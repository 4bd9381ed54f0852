"""Files (MAPPING top section, §4.16, §7): general documents, and those of task histories and bills, in one list.

A file appears some time after its bytes have arrived. There are no webhooks about files.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args

from portal.sandbox.collection import Record, Values, filled
from portal.sandbox.day_filters import from_day, to_day
from portal.sandbox.errors import RefusedError, broken_rule
from portal.sandbox.filters import choices, contains, exactly, ids
from portal.sandbox.messages import enums
from portal.sandbox.messages.files import FileName, FilePut
from portal.sandbox.messages.shared import moment_text
from portal.sandbox.resource import (
    Action,
    Answer,
    Area,
    CollectionAction,
    Delete,
    Predicate,
    Query,
    Resource,
    Update,
)
from portal.sandbox.resources.file_tickets import download_ticket, upload_ticket
from portal.sandbox.switches import Switches
from portal.sandbox.world import World

_INDEXES = ("TaskHistoryId", "BillId", "PhysicalFileName")
_DOWNLOAD = Action("downloadrequest", download_ticket, right="View", urls=("DownloadUrl",))
_KILOBYTE = 1024
_EMPTY: Values = {
    "Title": "",
    "Description": None,
    "CategoryId": None,
    "PhysicalFileName": "",
    "Size": 0,
    "ContentType": "application/octet-stream",
    "EntityType": "Unknown",
    "EntityId": None,
    "TaskId": None,
    "TaskHistoryId": None,
    "BillId": None,
    "AppearsAt": None,
}


def file_values(title: str, physical_name: str, size: int, **fields: Any) -> Values:
    """The stored values of a file of `size` bytes. The content type follows from the title; `TaskId` and
    `TaskHistoryId`, or `BillId`, say what it belongs to, else it is a document of `EntityType` and `EntityId`.
    Until `AppearsAt` (ISO 8601) nothing of it is to be seen. Raises KeyError for an unknown field."""
    kind = mimetypes.guess_type(title)[0] or "application/octet-stream"
    values = {"Title": title, "PhysicalFileName": physical_name, "Size": size, "ContentType": kind, **fields}
    return filled(_EMPTY, values)


def has_appeared(world: World, file: Record) -> bool:
    return file["AppearsAt"] is None or datetime.fromisoformat(file["AppearsAt"]) <= world.now


def attached_files(path: str, area: Area, parents: Mapping[str, str]) -> Resource:
    """The files of one record under its own path, where they are uploaded and deleted."""
    upload = CollectionAction("uploads", FileName, _upload, urls=("UploadUrl",))
    return Resource(
        kind="files",
        path=path,
        area=area,
        answer=_attached,
        parents=parents,
        indexes=_INDEXES,
        serves=has_appeared,
        collection_actions=(upload,),
        actions=(_DOWNLOAD,),
        delete=Delete(),
    )


def _upload(world: World, body: FileName) -> Answer:
    return upload_ticket(world, body.FileName, **world.scope)


def _attached(world: World, file: Record) -> Answer:
    """A file among those of its history entry or bill: the size in kilobytes, begun ones counted."""
    return {
        "Id": file.id,
        **{name: file[name] for name in ("Title", "PhysicalFileName", "ContentType")},
        "Size": -(-file["Size"] // _KILOBYTE),
        "UploadedDateTime": moment_text(file.created),
    }


def _answer(world: World, file: Record) -> Answer:
    """A file among all: the size in bytes. No entity type exists for tasks and bills."""
    shown = ("CategoryId", "Title", "Description", "PhysicalFileName", "Size", "ContentType")
    return {
        "Id": file.id,
        "FileEntity": {"Id": file["EntityId"], "EntityType": file["EntityType"], "Href": None},
        **{name: file[name] for name in shown},
        "UploadedDateTime": moment_text(file.created),
    }


def _update(world: World, file: Record, body: FilePut) -> Record:
    if file["TaskHistoryId"] is not None or file["BillId"] is not None:
        raise broken_rule("Title", "Only general documents can be changed.")
    return world.change(file, body.model_dump())


def _needs_type(query: Query, switches: Switches) -> list[Predicate]:
    """`entityid` means something together with `entitytype` only (MAPPING §4.16)."""
    if query.get("entityid") and not query.get("entitytype"):
        raise RefusedError(422, [("entitytype", "entitytype is required if entityid is specified.")])
    return []


def _uploaded(world: World, file: Record) -> str:
    return file.created.date().isoformat()


FILES = Resource(
    kind="files",
    path="/v1/files",
    area=Area("Documents > Files"),
    answer=_answer,
    update=Update(FilePut, _update),
    actions=(_DOWNLOAD,),
    indexes=_INDEXES,
    serves=has_appeared,
    narrow=_needs_type,
    title=lambda file: str(file["Title"] or file.id),
    blank=_EMPTY,
    filters={
        "entityid": ids(lambda world, file: [file["EntityId"]]),
        "entitytype": choices(get_args(enums.FileEntityType), lambda file: [file["EntityType"]]),
        "categoryid": ids(lambda world, file: [file["CategoryId"]]),
        "titleordescription": contains(lambda file: [file["Title"], file["Description"]]),
        "uploadedfrom": from_day(_uploaded),
        "uploadedto": to_day(_uploaded),
        "physicalfilenames": exactly(lambda file: file["PhysicalFileName"]),
    },
)
