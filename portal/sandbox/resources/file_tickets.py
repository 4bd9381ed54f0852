"""Permissions of the file storage to send or fetch one file for a short while (MAPPING top section, item 3).

They are records like all others, so that they outlive a restart; no path of the API shows them.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any, Literal
from urllib.parse import quote

from portal.sandbox.collection import Record, Values
from portal.sandbox.errors import broken_rule
from portal.sandbox.resource import Answer, Area, Resource
from portal.sandbox.world import World

STORAGE_PREFIX = "/_storage/"
_KEPT_AFTER_EXPIRY = timedelta(hours=1)

Purpose = Literal["upload", "download"]


def upload_ticket(world: World, file_name: str, **belongs_to: int) -> Answer:
    """The answer to a request for an upload; `belongs_to` are the ids of the record that will have the file.
    Raises RefusedError 422 for a type that isn't taken."""
    suffix = PurePosixPath(file_name).suffix.lower()
    if suffix.removeprefix(".") in world.switches.refused_file_types.split(","):
        raise broken_rule("FileName", f"Files of the type '{suffix}' are not accepted.")
    extension = suffix if re.fullmatch(r"\.[a-z0-9]{1,10}", suffix) else ""
    name = f"{secrets.token_hex(16)}{extension}"
    headers = {
        "x-amz-server-side-encryption": "AES256",
        "x-amz-meta-original-name": quote(file_name),
        "X-Amz-Tagging": "source=open-api&retain=yes",
    }
    ticket = _issue(world, "upload", name, FileName=file_name, Headers=headers, BelongsTo=belongs_to)
    return {"UploadUrl": _address(world, ticket), "PhysicalFileName": name, "Headers": headers}


def download_ticket(world: World, file: Record) -> Answer:
    """The answer to a request for a download."""
    return {"DownloadUrl": _address(world, _issue(world, "download", file["PhysicalFileName"]))}


def ticket_of(world: World, purpose: Purpose, name: str, token: str) -> Record | None:
    """The ticket that a call to the storage shows, whether or not it has run out."""
    found = world.find("file_tickets", "Token", token)
    return next((each for each in found if (each["Purpose"], each["PhysicalFileName"]) == (purpose, name)), None)


def has_expired(world: World, ticket: Record) -> bool:
    return world.now >= datetime.fromisoformat(ticket["ExpiresAt"])


def _issue(world: World, purpose: Purpose, name: str, **values: Any) -> Record:
    _forget_old(world)
    expires = world.now + timedelta(seconds=world.switches.file_ticket_seconds)
    facts: Values = {"Purpose": purpose, "PhysicalFileName": name, "ExpiresAt": expires.isoformat(), **values}
    return world.insert("file_tickets", {**facts, "Token": secrets.token_hex(32)})


def _forget_old(world: World) -> None:
    for ticket in world.all("file_tickets"):
        if datetime.fromisoformat(ticket["ExpiresAt"]) < world.now - _KEPT_AFTER_EXPIRY:
            world.remove(ticket)


def _address(world: World, ticket: Record) -> str:
    seconds = round(world.switches.file_ticket_seconds)
    query = f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires={seconds}&X-Amz-Signature={ticket['Token']}"
    return f"{STORAGE_PREFIX}{quote(ticket['PhysicalFileName'])}?{query}"


FILE_TICKETS = Resource(
    kind="file_tickets",
    path="",
    area=Area("Documents > Files"),
    answer=lambda world, ticket: {"Id": ticket.id, **ticket.values},
    indexes=("Token",),
    title=lambda ticket: f"{ticket['Purpose']} of {ticket['PhysicalFileName']}",
)
