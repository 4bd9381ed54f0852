"""Paying: the one step that can't be taken back."""

from __future__ import annotations

from decimal import Decimal
from http import HTTPStatus
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError

from portal.entities.bill_payments.checks import lock_words
from portal.entities.bill_payments.form import BillPaymentForm
from portal.entities.bill_payments.model import BillPayment
from portal.entities.bill_payments.queries import bills_by_id, id_in, made_by
from portal.extensions import db
from portal.sync.lock_period import known_lock_dates
from portal.web.formats import money
from portal.web.screens import screens


def confirmation() -> ResponseReturnValue:
    """Pay what the page before has asked about, once, however often the answer is sent.

    The bills are locked first, so that of two people who pay the same bill the second learns what the first has left.
    """
    token = id_in(request.form.get("confirmation"))
    if not token.int:
        abort(HTTPStatus.BAD_REQUEST, "This page was not sent by the one that asks before it pays.")
    form = BillPaymentForm()
    form.known = bills_by_id(form.named(), locked=True)
    made = made_by(token)
    if made is not None:
        return to(made)
    if not form.validate():
        return again(form)
    payments = form.payments(token)
    if locked := lock_words(payments, known_lock_dates()):
        form.date.errors = [*form.date.errors, locked]
        return again(form)
    return saved(payments, token)


def saved(payments: list[BillPayment], token: UUID) -> ResponseReturnValue:
    """The payments and their rows in the outbox are one commit."""
    words = money(sum((each.amount for each in payments), Decimal(0)))
    db.session.add_all(payments)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        made = made_by(token)
        if made is None:
            raise
        return to(made)
    flash(f"{words} paid. It is sent to Buildium now.")
    return to(payments[0])


def again(form: BillPaymentForm) -> ResponseReturnValue:
    page = render_template("bill_payments/form.html", screen=screens()["bill_payments"], form=form, record=None)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY


def to(payment: BillPayment) -> ResponseReturnValue:
    return redirect(url_for("bill_payments.show", record_id=payment.id), HTTPStatus.SEE_OTHER)
