"""What a payment that was made in Buildium pays of each bill.

An answer names the bills of a payment and lists its lines, but not which line is for which bill (MAPPING §4.12). With
one bill there is nothing to ask. With several, each line goes to the bill that has a line booked alike. What is known
already stays as long as it adds up to what Buildium says: of a payment entered here every cent is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import event, or_, select
from sqlalchemy.orm import Session, selectinload

from portal.entities.bill_payments.model import BillPayment
from portal.entities.bill_payments.split import Part, Payable, Share, over_bills
from portal.entities.bills.model import Bill, BillLine
from portal.sync.conversions import money_in
from portal.sync.resource import Body, at

ZERO = Decimal(0)


def said(body: Body) -> list[dict[str, Any]]:
    """The lines of an answer: what each was booked to, and its amount."""
    return [
        {
            "account": line.get("GLAccountId"),
            "kind": at(line, "AccountingEntity.AccountingEntityType"),
            "entity": at(line, "AccountingEntity.Id"),
            "unit": at(line, "AccountingEntity.UnitId"),
            "amount": str(money_in(line.get("Amount"))),
        }
        for line in body.get("Lines") or ()
    ]


@event.listens_for(Session, "before_flush")
def share_out_payments(session: Session, *_: Any) -> None:
    """Whoever writes down what Buildium says of a payment, a pull or a push."""
    told = [each for each in (*session.new, *session.dirty) if isinstance(each, BillPayment) and each.paid_bill_ids]
    by_check: dict[int, list[BillPayment]] = defaultdict(list)
    for payment in told:
        if payment.buildium_payment_id is not None:
            by_check[payment.buildium_payment_id].append(payment)
    for payments in by_check.values():
        share_out(session, payments)


def share_out(session: Session, payments: Sequence[BillPayment]) -> None:
    """`payments` are those of one check that are about to be written."""
    parts = [part_of(each) for each in payments[0].paid_parts or ()]
    known = all_of(session, payments)
    total = sum((part.amount for part in parts), ZERO)
    if all(each.amount is not None for each in known) and sum((each.amount for each in known), ZERO) == total:
        return
    bills = bills_of(session, payments[0].paid_bill_ids or [])
    shares = over_bills(parts, [payable(line) for bill in bills for line in bill.lines], [bill.id for bill in bills])
    for payment in known:
        write(payment, [share for share in shares if share.bill == payment.bill_id])


def all_of(session: Session, payments: Sequence[BillPayment]) -> list[BillPayment]:
    """Every payment of the check: those stored, and those about to be."""
    roots = {each.paid_with_id or each.id for each in payments}
    same = BillPayment.buildium_payment_id == payments[0].buildium_payment_id
    ours = or_(BillPayment.id.in_(roots), BillPayment.paid_with_id.in_(roots))
    stored = session.scalars(select(BillPayment).where(or_(same, ours)).options(selectinload(BillPayment.lines)))
    return list(dict.fromkeys([*stored, *payments]))


def bills_of(session: Session, buildium_ids: Sequence[int]) -> list[Bill]:
    """The bills of a check that are known here, in the order in which it names them."""
    mine = select(Bill).where(Bill.buildium_bill_id.in_(buildium_ids)).options(selectinload(Bill.lines))
    return sorted(session.scalars(mine), key=lambda bill: buildium_ids.index(bill.buildium_bill_id or 0))


def part_of(row: dict[str, Any]) -> Part:
    place = (row["account"], row["kind"], row["entity"], row["unit"])
    return Part(place, Decimal(row["amount"]))


def payable(line: BillLine) -> Payable:
    house = line.property.buildium_property_id if line.property else line.buildium_entity_id
    unit = line.unit.buildium_unit_id if line.unit else None
    place = (line.gl_account.buildium_gl_account_id, line.accounting_entity_type, house, unit)
    return Payable(line.bill_id, line.id, place, line.amount)


def write(payment: BillPayment, shares: Sequence[Share]) -> None:
    by_line: dict[UUID, Decimal] = defaultdict(Decimal)
    for share in shares:
        if share.line is not None:
            by_line[share.line] += share.amount
    payment.amount = sum((share.amount for share in shares), ZERO)
    payment.spread(by_line)
