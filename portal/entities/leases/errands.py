"""What a lease's PUT can't bring: move-outs, one request per tenant, and the one note that carries `notes`
(MAPPING §4.5)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

from portal.entities.leases.model import Lease, LeaseTenant
from portal.sync.conversions import date_out
from portal.sync.errands import Errand
from portal.sync.paths import Body, at

PEOPLE = "Tenants"
NOTE = "Note.Note"


def errands(record: Lease, body: Body, to_send: Collection[str]) -> list[Errand]:
    """The requests that are still to be made for the lease; `body` is what Buildium says of it now."""
    return [
        *(move_outs(record, body) if PEOPLE in to_send else ()),
        *(note(record, body) if NOTE in to_send else ()),
    ]


def move_outs(record: Lease, body: Body) -> Iterator[Errand]:
    """There is no PUT for a move-out: one with other dates is taken back and made anew."""
    there = {each["TenantId"]: each for each in body.get("MoveOutData") or ()}
    for person in record.tenants:
        tenant = person.tenant.buildium_tenant_id
        wanted, known = move_out(person), there.get(tenant)
        if tenant is None or wanted == (known and stripped(known)):
            continue
        if known:
            yield Errand("DELETE", f"moveouts/{tenant}")
        if wanted:
            # Not looked for first: their list can't be put in order, and the lease itself has just named those it has.
            yield Errand("POST", "moveouts", wanted)


def move_out(person: LeaseTenant) -> Body | None:
    """The body that enters the move-out; None for somebody who stays."""
    if person.move_out_date is None:
        return None
    dates = {"MoveOutDate": person.move_out_date, "NoticeGivenDate": person.notice_given_date}
    said = {key: date_out(value) for key, value in dates.items() if value}
    return {"TenantId": person.tenant.buildium_tenant_id, **said}


def stripped(known: Body) -> Body:
    return {key: known[key] for key in ("TenantId", "MoveOutDate", "NoticeGivenDate") if known.get(key)}


def note(record: Lease, body: Body) -> Iterator[Errand]:
    """Buildium deletes no note, so an emptied one has nothing to send; `check` says so."""
    text = record.notes
    if not text:
        return
    if record.buildium_note_id is not None and at(body, "Note.Id") is not None:
        yield Errand("PUT", f"notes/{record.buildium_note_id}", {"Note": text})
    else:
        yield Errand("POST", "notes", {"Note": text}, keep=keep_note, look="notes", found=partial(says, text))


def keep_note(record: Any, answer: Body) -> None:
    record.buildium_note_id = answer.get("Id")


def says(text: str, row: Body) -> bool:
    return str(row.get("Note") or "").replace("\r\n", "\n").strip() == text.strip()
