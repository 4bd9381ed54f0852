"""Making the bills that schedules ask for: on their day, once each, however many clocks run and whatever crashes.

A bill that repeats is locked while its next one is made, and what is made and the date that comes next are saved
together: a clock that dies leaves either both or none, and two clocks never make the same one. Should a schedule be
turned back by hand, the unique key on (source bill, date) still holds, and the date is passed over. After a time
without a clock all that was missed is made, oldest first.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from portal.database import now
from portal.entities.bills.model import OPEN, Bill
from portal.entities.bills.schedule import Schedule
from portal.extensions import db
from portal.sync.schedule import MINUTE, Task
from portal.web.formats import here

AT_ONCE = 500
ONE_DAY = timedelta(days=1)


def tasks() -> tuple[Task, ...]:
    return (
        Task("make the bills that repeat", 5 * MINUTE, make_due_bills, at_start=True),
        Task("mark overdue bills", 5 * MINUTE, mark_overdue, at_start=True),
    )


def make_due_bills() -> int:
    """Make every bill that is due today or was before; gives the number of dates that were dealt with. Commits after
    each one.

    One that can't be saved doesn't stop the others; the last such error is raised at the end.
    """
    today, made = here(now()).date(), 0
    trouble: DBAPIError | None = None
    for bill_id in db.session.scalars(select(Bill.id).where(Bill.next_bill_on <= today)).all():
        try:
            made += make_all_of(bill_id, today)
        except DBAPIError as error:
            db.session.rollback()
            trouble = error
    if trouble:
        raise trouble
    return made


def make_all_of(bill_id: UUID, today: date) -> int:
    """The bills of one schedule that are due. Commits after each one."""
    made = 0
    while make_next(bill_id, today):
        made += 1
    return made


def make_next(bill_id: UUID, today: date) -> bool:
    """Make the next bill of this one if it is due; False where it isn't, or another clock is at it. Commits."""
    mine = select(Bill).where(Bill.id == bill_id, Bill.next_bill_on <= today)
    source = db.session.scalars(
        mine.with_for_update(of=Bill, skip_locked=True).execution_options(populate_existing=True)
    ).one_or_none()
    schedule = Schedule.read(source.recurring_schedule) if source else None
    if source is None or source.next_bill_on is None:
        db.session.rollback()
        return False
    day = source.next_bill_on
    if schedule is None or source.is_cancelled():
        source.next_bill_on = None
    else:
        if not is_made(source, day):
            db.session.add(source.repeated(day))
            schedule = schedule.after_one()
        source.recurring_schedule = schedule.stored()
        source.next_bill_on = schedule.next_from(day + ONE_DAY)
    db.session.commit()
    return True


def is_made(source: Bill, day: date) -> bool:
    found = select(Bill.id).where(Bill.source_bill_id == source.id, Bill.occurrence_date == day)
    return db.session.scalar(found) is not None


def mark_overdue() -> None:
    """Let the stored status follow the day, for those who read the table itself. Commits."""
    today = here(now()).date()
    pending, overdue = OPEN
    for other, status, it_is in ((pending, overdue, Bill.due_date < today), (overdue, pending, Bill.due_date >= today)):
        batch = select(Bill.id).where(Bill.status == other, it_is).limit(AT_ONCE).with_for_update(skip_locked=True)
        while ids := db.session.scalars(batch).all():
            db.session.execute(update(Bill).where(Bill.id.in_(ids)).values(status=status))
            db.session.commit()
