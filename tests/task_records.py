"""Tasks for tests that have a Buildium: who does them, where they are, and what their history says on both sides."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from portal.database import now
from portal.entities.leases.model import Lease, LeaseTenant
from portal.entities.staff_users.model import StaffUser
from portal.entities.tasks.history import TaskHistory
from portal.entities.tasks.model import Task
from portal.extensions import db
from portal.sync.current import current_sync
from portal.sync.page import Outcome
from portal.sync.pull import pull_one
from tests.live import Live
from tests.records import owner_of, synced_property

BY = "Pat Manager"


def staff_member(live: Live, **values: Any) -> StaffUser:
    """Somebody who works at Buildium's company, pulled."""
    who = {"FirstName": "Sam", "LastName": "Staff", "Email": "sam@example.com", "UserTypes": ["Staff"], **values}
    pull_one(current_sync().resource("staff_user"), live.add_there("users", **who))
    return db.session.scalars(select(StaffUser).order_by(StaffUser.buildium_user_id.desc())).first()  # type: ignore[return-value]


def to_do(who: StaffUser, **values: Any) -> Task:
    """A to-do as the form makes it."""
    given = {"subject": "Fix the tap", "assigned_to_user_id": who.buildium_user_id, "task_type": "Todo", **values}
    task = Task(status="New", priority="Normal", **given)
    task.begin(BY, now())
    return task


def sent_task(live: Live, **values: Any) -> Task:
    """A task that Buildium has."""
    task = to_do(staff_member(live), **values)
    live.save(task)
    live.work()
    assert live.state(task) == "synced", live.row(task).error_message
    live.forget_requests()
    return task


def tenancy(live: Live) -> tuple[Lease, LeaseTenant]:
    """A tenant on a lease, both in Buildium and pulled."""
    house = synced_property(live)
    body = {
        "LeaseType": "Fixed",
        "UnitId": house.units[0].buildium_unit_id,
        "LeaseFromDate": "2026-01-01",
        "LeaseToDate": "2030-12-31",
        "SendWelcomeEmail": False,
        "Tenants": [{"FirstName": "Tina", "LastName": "Tenant", "Address": there(house)}],
    }
    made = live.http.post("/v1/leases", json=body).raise_for_status().json()
    pull_one(current_sync().resource("lease"), made["Id"])
    lease = db.session.scalars(select(Lease)).one()
    return lease, lease.tenants[0]


def there(house: Any) -> dict[str, Any]:
    return {"AddressLine1": house.address_line1, "PostalCode": house.postal_code, "Country": house.country}


def synced_owner(live: Live) -> Any:
    owner = owner_of(synced_property(live))
    live.save(owner)
    live.work()
    assert live.state(owner) == "synced", live.row(owner).error_message
    return owner


def history_there(live: Live, task: Task) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = live.get(f"/v1/tasks/{task.buildium_task_id}/history")
    return found


def messages_there(live: Live, task: Task) -> list[tuple[str, str | None]]:
    """(status, message) of Buildium's entries, oldest first."""
    return [(each["TaskStatus"], each["Message"]) for each in history_there(live, task)]


def entries(task: Task) -> list[TaskHistory]:
    db.session.rollback()
    found = (
        select(TaskHistory)
        .where(TaskHistory.task_id == task.id)
        .order_by(TaskHistory.buildium_history_id, TaskHistory.entry_at)
    )
    return list(db.session.scalars(found))


def pull_history(task: Task, history_id: int) -> Outcome:
    """As a webhook has it done."""
    hint = {"TaskId": task.buildium_task_id}
    return pull_one(current_sync().resource("task_history"), history_id, hint=hint)
