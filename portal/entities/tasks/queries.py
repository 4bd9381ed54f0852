"""What the pages of tasks ask the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from portal.acting import actor
from portal.entities.days import midnight
from portal.entities.leases.model import Lease, LeaseTenant
from portal.entities.staff_users.model import StaffUser
from portal.entities.task_categories.model import TaskCategory
from portal.entities.tasks.model import Task
from portal.extensions import db
from portal.web.formats import today
from portal.web.screen import by_name


def due_before(days: int) -> Any:
    """Due before today plus `days`, as a condition."""
    return Task.scheduled_date < midnight(today() + timedelta(days=days))


def staff() -> Mapping[str, str]:
    """Who can be made responsible: names by Buildium's user id, those who have left at the end."""
    known = select(StaffUser).where(StaffUser.buildium_user_id.is_not(None))
    people = db.session.scalars(known.order_by(StaffUser.is_active.desc(), by_name(StaffUser.last_name).by))
    return {str(each.buildium_user_id): f"{each}{'' if each.is_active else ' (inactive)'}" for each in people}


def is_active_staff(buildium_user_id: int) -> bool:
    found = select(StaffUser.is_active).where(StaffUser.buildium_user_id == buildium_user_id)
    return bool(db.session.scalar(found))


def own_staff_id(email: str) -> int | None:
    """The staff record of the person with this e-mail."""
    mine = select(StaffUser.buildium_user_id).where(func.lower(StaffUser.email) == email.lower(), StaffUser.is_active)
    return db.session.scalar(mine.limit(1))


def usual_assignee(email: str) -> int | None:
    """Whom a new task is proposed for: the person who enters it, else whoever got the newest one."""
    if mine := own_staff_id(email):
        return mine
    newest = select(Task.assigned_to_user_id).where(Task.assigned_to_user_id.is_not(None))
    last = db.session.scalar(newest.order_by(Task.created_at.desc()).limit(1))
    return last if last and is_active_staff(last) else None


def categories() -> Mapping[str, str]:
    found = db.session.scalars(select(TaskCategory).order_by(by_name(TaskCategory.name).by))
    return {str(each.id): str(each) for each in found}


def sub_categories() -> Mapping[str, str]:
    """“Category: sub category” by Buildium's id of the sub category."""
    found = db.session.scalars(select(TaskCategory).order_by(by_name(TaskCategory.name).by))
    return {str(sub["Id"]): f"{each}: {sub.get('Name')}" for each in found for sub in each.sub_categories or ()}


def sub_category_name(task: Task) -> str | None:
    subs = (task.task_category.sub_categories or ()) if task.task_category else ()
    names = [str(each.get("Name")) for each in subs if each.get("Id") == task.sub_category_id]
    return names[0] if names else None


def current_lease(tenant_id: Any) -> Lease | None:
    """The lease that the tenant lives under, else the newest."""
    theirs = select(Lease).join(LeaseTenant).where(LeaseTenant.tenant_id == tenant_id)
    return db.session.scalars(theirs.order_by((Lease.status == "Active").desc(), Lease.start_date.desc())).first()


def is_on_lease(tenant_id: Any, lease_id: int) -> bool:
    link = select(LeaseTenant.id).where(LeaseTenant.tenant_id == tenant_id, LeaseTenant.lease_id == lease_id)
    return db.session.scalar(link.limit(1)) is not None


def writer() -> str:
    """Whom an entry of the history is by: the person of this request."""
    who = actor()
    return who.name if who else "Portal"
