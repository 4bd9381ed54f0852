"""Payments that stand in every way a payment can stand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from portal.acting import Actor, Door, acting_as
from portal.entities.bank_accounts.model import BankAccount
from portal.entities.bill_payments.model import BillPayment, paid
from portal.entities.bills.model import Bill
from portal.extensions import db
from portal.sync.models import SyncStatus
from tests.browser.stage import is_announced
from tests.live import Live
from tests.waiting import wait_until


def payments(live: Live, ids: dict[str, Any]) -> dict[str, UUID]:
    """A check for two bills, one that is void, and one that was sent and never found."""
    bank = db.session.scalars(select(BankAccount).where(BankAccount.gl_account.is_not(None))).first()
    assert bank
    first, second = (db.session.get_one(Bill, ids[name]) for name in ("bill_long", "bill_made"))
    made = [
        paid([(first, Decimal(100)), (second, Decimal(50))], bank, date.today()),
        paid([(first, Decimal(10))], bank, date.today()),
        paid([(first, Decimal(20))], bank, date.today()),
    ]
    for each in made[1:]:
        each[0].reference_number, each[0].memo = "1042", "many words " * 20
    live.save(*(payment for each in made for payment in each))
    (check, _), (void,), (lost,) = made
    wait_until(lambda: live.state(void) == live.state(lost) == "synced", 30, "the payments to be sent")
    live.delete_there("bill_payments", void.buildium_payment_id or 0)
    wait_until(lambda: live.state(void) == "missing", 30, "Buildium's word that the payment is void")
    # Later, the webhook about it would find what is about to be lost.
    wait_until(lambda: is_announced("bill_payment", lost.buildium_payment_id), 30, "the webhook about the payment")
    return {"payment": check.id, "payment_void": void.id, "payment_lost": lost.id, "row_lost": lose(lost)}


def lose(payment: BillPayment) -> UUID:
    """Forget that Buildium has the payment, as if its answer had been lost and nothing found it; the row's id."""
    payment_id = payment.id
    unknown = {"sync_status": "uncertain", "cause": "not found after a lost answer", "candidates": []}
    mine = update(SyncStatus).where(SyncStatus.entity_id == str(payment_id))
    lost = mine.values(**unknown, next_attempt_at=None, buildium_id=None).returning(SyncStatus.id)
    db.session.rollback()
    with acting_as(Actor.machine(Door.COMMAND)):
        db.session.execute(update(BillPayment).where(BillPayment.id == payment_id).values(buildium_payment_id=None))
        row_id = db.session.scalars(lost).one()
        db.session.commit()
    return row_id
