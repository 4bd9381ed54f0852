"""Carrying out the errands of a push: one request at a time, each looked for before it is repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.buildium.errors import NotYetError, RetryableError, UncertainError
from portal.buildium.limiter import Lane
from portal.buildium.transfer import send_bytes
from portal.extensions import db
from portal.sync.current import current_sync
from portal.sync.errands import Errand, Upload
from portal.sync.outbox import from_buildium
from portal.sync.paths import Body
from portal.sync.resource import Resource

# How long an uploaded file may stay invisible before it counts as never arrived (MAPPING, “Since then”, 3).
PATIENCE_SECONDS = 15 * 60


class Carrier:
    """Does errands for one record. `place` is the record's own path, `below` the one that errands continue, `own` the
    body of its PUT as it should be now; `brought` tells whether any errand has taken that along."""

    def __init__(self, resource: Resource, record_id: str, place: str, below: str, own: Body, lane: Lane) -> None:
        self.resource, self.record_id, self.lane = resource, record_id, lane
        self.place, self.below, self.own, self.brought = place, below, own, False
        self.buildium = current_sync().buildium

    def carry(self, errand: Errand | Upload) -> None:
        """Do it and write down what came of it. Commits. Raises BuildiumError; then it is to be done again later."""
        if isinstance(errand, Upload):
            self.upload(errand)
            return
        found = self.look(errand)
        if found is None:
            found = self.send(errand)
            if errand.whole:
                found = self.look(errand) or found
        self.keep(errand.keep, found)

    def look(self, errand: Errand) -> Body | None:
        if errand.found is None:
            return None
        rows = self.buildium.rows(f"{self.below}/{errand.look}", {}, self.lane)
        return next((row for row in rows if errand.found(row)), None)

    def send(self, errand: Errand) -> Body:
        path = f"{self.below}/{errand.path}" if errand.path else self.place
        body = {**(self.own if errand.whole else {}), **(errand.body or {})}
        self.brought = self.brought or errand.whole
        if errand.method == "DELETE":
            self.buildium.remove(path, self.lane)
        elif errand.method == "PUT":
            return self.buildium.replace(path, body, self.lane)
        elif errand.body is None:
            self.buildium.command(path, self.lane)
        else:
            return self.buildium.create(path, body, self.lane)
        return {}

    def keep(self, write: Callable[[Any, Any], None], answer: Any) -> None:
        record = db.session.get_one(self.resource.model, self.record_id)
        with from_buildium(db.session):
            write(record, answer)
        db.session.commit()

    def upload(self, errand: Upload) -> None:
        """Send a file, or look for one that was sent. Where it hasn't appeared yet, the push comes back for it."""
        if errand.physical_name is None:
            ticket = self.ticket(errand)
            self.keep(errand.begun, ticket["PhysicalFileName"])
            self.send_bytes(errand, ticket)
            name = ticket["PhysicalFileName"]
        else:
            name = errand.physical_name
        file = self.uploaded(errand, name)
        if file is not None:
            self.keep(errand.keep, file)
        elif errand.waited_seconds > PATIENCE_SECONDS:
            self.keep(lambda record, _: errand.again(record), None)
        else:
            wait = max(1.0, errand.waited_seconds / 4)
            raise NotYetError(f"Waiting for “{errand.file_name}” to appear in Buildium.", retry_after=wait)

    def send_bytes(self, errand: Upload, ticket: Body) -> None:
        content = errand.content()
        db.session.rollback()
        try:
            send_bytes(ticket["UploadUrl"], ticket.get("Headers") or {}, content)
        except RetryableError as error:
            if error.status is not None and error.status < 500:
                # A clean refusal: nothing was kept there, so there is nothing to wait for.
                self.keep(lambda record, _: errand.again(record), None)
            raise

    def ticket(self, errand: Upload) -> Body:
        """An unused ticket is nothing: one whose answer was lost is simply drawn again."""
        try:
            ticket = self.buildium.create(
                f"{self.below}/{errand.path}/uploads", {"FileName": errand.file_name}, self.lane
            )
        except UncertainError as error:
            raise RetryableError(str(error), error.status) from error
        if not isinstance(ticket.get("PhysicalFileName"), str) or not isinstance(ticket.get("UploadUrl"), str):
            raise RetryableError("Buildium's answer to the upload of a file can't be used.")
        return ticket

    def uploaded(self, errand: Upload, physical_name: str) -> Body | None:
        rows = self.buildium.rows(f"{self.below}/{errand.path}", {}, self.lane)
        return next((row for row in rows if row.get("PhysicalFileName") == physical_name), None)
