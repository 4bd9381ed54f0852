"""The file storage beside the API: signed addresses to send bytes to and to fetch them from.

It is somebody else's service (with Buildium it is S3), so it answers in XML, and whoever shows it the credentials of
the API has made a mistake, which it says with 400.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, request

from portal.sandbox.collection import Record
from portal.sandbox.resources.file_tickets import STORAGE_PREFIX, Purpose, has_expired, ticket_of
from portal.sandbox.resources.files import file_values
from portal.sandbox.simulation import Simulation
from portal.sandbox.world import World

_STATIC = Path(__file__).resolve().parent.parent / "static"
_SAMPLES = {"image/jpeg": "photo.jpg", "application/pdf": "paper.pdf"}
_CREDENTIALS = ("x-buildium-client-id", "x-buildium-client-secret")


class StorageError(Exception):
    """The storage refuses: `status` and a code like S3's."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def storage(simulation: Simulation) -> Blueprint:
    """The blueprint of the storage of this simulation."""
    blueprint = Blueprint("storage", __name__, url_prefix=STORAGE_PREFIX.rstrip("/"))
    blueprint.before_request(_refuse_credentials)
    blueprint.register_error_handler(StorageError, _refused)

    @blueprint.put("/<name>")
    def put(name: str) -> Response:
        with simulation.change() as world:
            ticket = _ticket(world, "upload", name)
            _check_headers(ticket)
            content = _content(simulation.switches.file_size_limit)
            simulation.shelf.put(name, content)
            _keep(world, ticket, len(content))
        return Response(status=200)

    @blueprint.get("/<name>")
    def get(name: str) -> Response:
        with simulation.change() as world:
            _ticket(world, "download", name)
            file = next(iter(world.find("files", "PhysicalFileName", name)), None)
        if file is None:
            raise StorageError(404, "NoSuchKey", "The specified key does not exist.")
        content = simulation.shelf.get(name)
        response = Response(_made_up(file) if content is None else content, content_type=file["ContentType"])
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file['Title'])}"
        return response

    return blueprint


def _refuse_credentials() -> None:
    if any(name in request.headers for name in _CREDENTIALS):
        raise StorageError(400, "InvalidArgument", "Only one auth mechanism allowed; never send the API's credentials.")


def _ticket(world: World, purpose: Purpose, name: str) -> Record:
    ticket = ticket_of(world, purpose, name, request.args.get("X-Amz-Signature", ""))
    if ticket is None:
        raise StorageError(403, "SignatureDoesNotMatch", "The request signature does not match the signature provided.")
    if has_expired(world, ticket):
        raise StorageError(403, "AccessDenied", "Request has expired")
    return ticket


def _check_headers(ticket: Record) -> None:
    """The signature covers the content type and every header of the ticket, letter for letter."""
    signed = {"Content-Type": "application/octet-stream", **ticket["Headers"]}
    wrong = [name for name, value in signed.items() if request.headers.get(name) != value]
    if wrong:
        text = f"The request signature does not match the signature provided. Check {', '.join(wrong)}."
        raise StorageError(403, "SignatureDoesNotMatch", text)


def _content(limit: int) -> bytes:
    # The door in front keeps at most so much of a body, and tells when that isn't all of it.
    content = request.get_data()
    if request.environ.get("sandbox.body_too_large") or len(content) > limit:
        raise StorageError(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
    if request.environ.get("sandbox.body_cut_off"):
        raise StorageError(400, "IncompleteBody", "The request body terminated unexpectedly")
    return content


def _keep(world: World, ticket: Record, size: int) -> None:
    """Make the record, to be seen a little later. A second upload with the same ticket replaces the first; if what the
    file belongs to has been deleted meanwhile, nothing comes of it."""
    name, belongs_to = ticket["PhysicalFileName"], ticket["BelongsTo"]
    for file in world.find("files", "PhysicalFileName", name):
        world.change(file, {"Size": size})
        return
    parents = {"TaskHistoryId": "task_history", "BillId": "bills"}
    if all(world.get(kind, belongs_to[field]) for field, kind in parents.items() if field in belongs_to):
        appears = world.now + timedelta(seconds=world.switches.file_delay)
        values = file_values(ticket["FileName"], name, size, AppearsAt=appears.isoformat(), **belongs_to)
        world.insert("files", values)


def _made_up(file: Record) -> bytes:
    """Bytes for a file of the sample portfolio, which came without any: of its type, and at least of its size."""
    sample = _SAMPLES.get(str(file["ContentType"]))
    content = (_STATIC / sample).read_bytes() if sample else f"{file['Title']}\n".encode()
    return content.ljust(int(file["Size"]), b"\n")


def _refused(error: StorageError) -> Response:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{error.code}</Code><Message>{error}</Message><RequestId>SANDBOX</RequestId></Error>"
    )
    return Response(text, error.status, content_type="application/xml")
