"""Tasks in every way their pages show them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.database import now
from portal.entities.properties.model import Property
from portal.entities.staff_users.model import StaffUser
from portal.entities.tasks.history import TaskHistoryFile
from portal.entities.tasks.model import Task
from portal.extensions import db
from tests.live import Live

BY = "Pat Example"


def tasks(live: Live, house_id: UUID, long: str) -> dict[str, Any]:
    """One that is overdue, with notes and with files on their way; one with the longest texts; a contact's request."""
    house, who = db.session.get_one(Property, house_id), db.session.scalars(select(StaffUser)).first()
    assert who
    given = {"status": "New", "priority": "High", "assigned_to_user_id": who.buildium_user_id}
    leak = Task(subject="Leaking gutter", property=house, scheduled_date=now() - timedelta(days=3), **given)
    leak.begin(BY, now() - timedelta(days=4))
    note = leak.start(BY, now() - timedelta(days=2), "Ladder ordered")
    note.files = [
        TaskHistoryFile(file_name=f"{state}.jpg", file_type="image/jpeg", file_size=2048, **values)
        for state, values in FILES.items()
    ]
    wordy = Task(subject=long * 2, description=long * 20, contact_first_name=long, task_type="ContactRequest", **given)
    wordy.begin(BY, now())
    wordy.add_note(long * 10, BY, now())
    live.save(leak, wordy)
    return {"task": leak.id, "task_entry": note.id, "task_file": note.files[0].id, "task_long": wordy.id}


# None of them has bytes here: they wait, whatever the workers do.
FILES: dict[str, dict[str, Any]] = {
    "There": {"upload_state": "sent", "buildium_file_id": 900_001},
    "Asked for": {"upload_state": "sent", "buildium_file_id": 900_002, "asked_for_at": now()},
    "Failed": {"upload_state": "failed", "problem": "Buildium’s file storage didn’t keep it, in 3 tries."},
    "Waiting": {"upload_state": "waiting"},
}
