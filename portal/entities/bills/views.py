"""What is done with a bill besides editing it: approving, cancelling, repeating; and how old the open ones are."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.acting import actor
from portal.database import now
from portal.entities.bills.model import Bill
from portal.entities.bills.queries import AGES, ageing
from portal.entities.bills.schedule_form import ScheduleForm
from portal.extensions import db
from portal.web.formats import today


def show_ageing() -> ResponseReturnValue:
    total, vendors = ageing()
    return render_template("bills/ageing.html", ages=AGES, total=total, vendors=vendors, today=today())


def approval(record_id: Any) -> ResponseReturnValue:
    """`approve` is 1 to approve, 0 to take the approval back."""
    bill, who = db.get_or_404(Bill, record_id), actor()
    if request.form.get("approve") == "1":
        if bill.approved_at is None and who:
            bill.approve(who.name, who.user_id, now())
        words = f"Bill “{bill}” is approved."
    else:
        bill.take_approval_back()
        words = f"The approval of bill “{bill}” is taken back."
    return done(bill, words)


def cancellation(record_id: Any) -> ResponseReturnValue:
    """Asks first. `cancel` is 0 to take a cancellation back."""
    bill = db.get_or_404(Bill, record_id)
    if request.method == "GET" or (request.form.get("cancel") != "0" and bill.paid_amount):
        status = HTTPStatus.OK if request.method == "GET" else HTTPStatus.CONFLICT
        return render_template("bills/cancellation.html", record=bill), status
    if request.form.get("cancel") == "0":
        bill.restore()
        bill_is = "no longer cancelled"
    else:
        bill.cancel()
        bill_is = "cancelled here"
    return done(bill, f"Bill “{bill}” is {bill_is}.")


def schedule(record_id: Any) -> ResponseReturnValue:
    """How the bill repeats: the form, and saving it."""
    bill = db.get_or_404(Bill, record_id)
    form = ScheduleForm(bill, today())
    if request.method == "GET":
        return page(bill, form)
    if not form.is_of(bill):
        form.version.data = str(bill.version)
        form.first.errors = [*form.first.errors, "Somebody else changed this bill meanwhile. Look again, then save."]
        return page(bill, form), HTTPStatus.CONFLICT
    if not form.validate():
        return page(bill, form), HTTPStatus.UNPROCESSABLE_ENTITY
    rule = form.schedule()
    bill.repeat(rule, rule.first)
    return done(bill, f"Bill “{bill}” repeats: {rule.words().lower()}.")


def page(bill: Bill, form: ScheduleForm) -> str:
    return render_template("bills/schedule.html", record=bill, form=form)


def pausing(record_id: Any) -> ResponseReturnValue:
    """`pause` is 1 to pause, 0 to go on."""
    bill = db.get_or_404(Bill, record_id)
    if request.form.get("pause") == "1":
        bill.pause_repeating()
        return done(bill, "No more bills are made until you resume.")
    bill.resume_repeating(today())
    return done(bill, "Bills are made again. The dates that passed meanwhile are left out.")


def stopping(record_id: Any) -> ResponseReturnValue:
    bill = db.get_or_404(Bill, record_id)
    bill.stop_repeating()
    return done(bill, f"Bill “{bill}” doesn’t repeat any more. The bills it made stay.")


def done(bill: Bill, words: str) -> ResponseReturnValue:
    bill_id = bill.id
    db.session.commit()
    flash(words)
    return redirect(url_for("bills.show", record_id=bill_id), HTTPStatus.SEE_OTHER)
