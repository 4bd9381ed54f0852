"""Moving people out of a lease, and taking that back."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, widgets

from portal.entities.leases.model import Lease, LeaseTenant
from portal.extensions import db
from portal.web.fields import DayField
from portal.web.formats import day, today


class MoveOutForm(FlaskForm):
    """Who leaves, when, and since when that is known. Everybody who stays is offered, and ticked at first."""

    people = SelectMultipleField(
        "Who moves out", widget=widgets.ListWidget(prefix_label=False), option_widget=widgets.CheckboxInput()
    )
    move_out_date = DayField("Move-out date")
    notice_given_date = DayField("Notice given on", description="Optional.")

    def __init__(self, lease: Lease) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.lease = lease
        staying = {str(each.id): str(each.tenant) for each in lease.staying()}
        self.people.choices = list(staying.items())
        if not self.is_submitted():
            self.people.data = list(staying)
            self.move_out_date.data = lease.end_date
            self.notice_given_date.data = today()

    def validate(self, extra_validators: Any = None) -> bool:
        good: bool = super().validate(extra_validators)
        for name, message in self.checks() if good else ():
            self[name].errors = [*self[name].errors, message]
            good = False
        return good

    def checks(self) -> Iterator[tuple[str, str]]:
        out, notice = self.move_out_date.data, self.notice_given_date.data
        if not self.people.data:
            yield "people", "Tick who moves out."
        if out is None:
            yield "move_out_date", "Enter the day on which they move out."
        elif out < self.lease.start_date:
            yield "move_out_date", f"The lease starts on {day(self.lease.start_date)}: nobody moves out before."
        if out is not None and notice is not None and notice > out:
            yield "notice_given_date", "Notice can’t be given after the move-out."

    def chosen(self) -> list[LeaseTenant]:
        return [each for each in self.lease.staying() if str(each.id) in (self.people.data or ())]

    def all_errors(self) -> Iterator[tuple[str, str]]:
        for field in (self.people, self.move_out_date, self.notice_given_date):
            yield from ((field.id, message) for message in field.errors)


def move_outs(record_id: int) -> ResponseReturnValue:
    lease = db.get_or_404(Lease, record_id)
    form = MoveOutForm(lease)
    if not form.is_submitted():
        return page(lease, form)
    if not form.validate():
        return page(lease, form), HTTPStatus.UNPROCESSABLE_ENTITY
    assert form.move_out_date.data
    leaving = form.chosen()
    lease.move_out(leaving, form.move_out_date.data, form.notice_given_date.data)
    names, over = " and ".join(str(each.tenant) for each in leaving), not lease.staying()
    db.session.commit()
    flash(f"{names} {'moves' if len(leaving) == 1 else 'move'} out on {day(form.move_out_date.data)}.")
    if over:
        flash("With that the lease ends: nobody else is on it. From the next day on the unit can be let again.")
    return redirect(url_for("leases.show", record_id=record_id), HTTPStatus.SEE_OTHER)


def page(lease: Lease, form: MoveOutForm) -> str:
    return render_template("leases/move_outs.html", record=lease, form=form)


def withdrawal(record_id: int, person_id: Any) -> ResponseReturnValue:
    """Asks, and takes a move-out back."""
    person = db.get_or_404(LeaseTenant, person_id)
    if person.lease_id != record_id or person.move_out_date is None:
        abort(HTTPStatus.NOT_FOUND)
    back = url_for("leases.show", record_id=record_id)
    form = FlaskForm()
    if not form.is_submitted():
        return render_template("leases/withdrawal.html", record=person.lease, person=person, back=back)
    words = f"{person.tenant} stays."
    person.stay()
    db.session.commit()
    flash(words)
    return redirect(back, HTTPStatus.SEE_OTHER)
