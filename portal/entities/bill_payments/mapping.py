"""Bill payment ↔ Bill payment (MAPPING §4.12): listed bill by bill, sent once, and never changed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, or_

from portal.entities.bill_payments.checks import check
from portal.entities.bill_payments.model import BillPayment
from portal.entities.bill_payments.sharing import said
from portal.entities.bills.model import Bill
from portal.entities.checks import agree
from portal.sync.conversions import date_in, date_out, money_in, money_out
from portal.sync.resource import Body, Direction, Field, Nested, Resource, Search

CREATE, PULL = Direction.CREATE, Direction.PULL
SEVERAL = "/v1/bills/payments"
ZERO = Decimal(0)

FIELDS = (
    Field("bill_id", "BillId", PULL, read=lambda body: body.get("BillId"), refers_to="bill"),
    Field("bank_account_id", "BankAccountId", CREATE, refers_to="bank_account", required=True),
    Field("date", "EntryDate", CREATE, to_remote=date_out, to_local=date_in, required=True),
    Field("reference_number", "CheckNumber", CREATE, longest=30, label="Check number"),
    Field("memo", "Memo", CREATE, longest=240),
    Field("paid_bill_ids", "PaidBillIds", PULL, label="Bills"),
    Field("paid_parts", "", PULL, read=said, label="Lines"),
)


def request(record: BillPayment, path: str, body: Body, ids: Any) -> tuple[str, Body]:
    """Of one bill: how much of each line. Of several with one check: a request of its own, which knows neither memo nor
    check number."""
    together = record.together()
    if len(together) == 1:
        return path, {**body, "Lines": lines_of(record)}
    in_full = [ids.remote("bill", each.bill_id) for each in together if pays_the_rest(each)]
    partly = [each for each in together if not pays_the_rest(each)]
    shared = [{"BillId": ids.remote("bill", each.bill_id), "Lines": lines_of(each)} for each in partly]
    header = {key: body.get(key) for key in ("BankAccountId", "EntryDate")}
    return SEVERAL, {**header, "BillIds": in_full, **({"PaymentAllocations": shared} if shared else {})}


def lines_of(payment: BillPayment) -> list[Body]:
    return [{"BillLineId": each.bill_line.buildium_line_id, "Amount": money_out(each.amount)} for each in payment.lines]


def pays_the_rest(payment: BillPayment) -> bool:
    """Whether it pays all that is open of its bill in Buildium, where our other payments may not have arrived yet."""
    there = [each for each in payment.bill.payments if each.is_frozen and not each.is_void and each.id != payment.id]
    return payment.bill.lines_total() - sum((each.amount for each in there), ZERO) == payment.amount


def sought(_: Body) -> dict[str, Any]:
    """The payments of a bill can be listed, and nothing else asked of them."""
    return {}


def same(sent: Body, found: Body) -> bool:
    """Of one bill: the same to the cent. Of several: the same bills, and no less than what was spelled out."""
    if not agree(sent, found, "BankAccountId", "EntryDate"):
        return False
    if "BillIds" not in sent:
        is_alone = found.get("PaidBillIds") == [found.get("BillId")]
        return is_alone and agree(sent, found, "CheckNumber", "Memo") and total(sent) == total(found)
    partly = sent.get("PaymentAllocations") or []
    spelled = sum((total(each) for each in partly), ZERO)
    named = {*sent["BillIds"], *(each["BillId"] for each in partly)}
    return named == set(found.get("PaidBillIds") or ()) and (
        spelled <= total(found) if sent["BillIds"] else spelled == total(found)
    )


def total(body: Body) -> Decimal:
    return sum((money_in(each.get("Amount")) or ZERO for each in body.get("Lines") or ()), ZERO)


def may_have_changed() -> ColumnElement[bool]:
    """Which bills a run asks for their payments: those that aren't paid, and those whose payments here don't add up to
    what was billed. So an import reads the payments of each bill once, and a night only what may have moved; a call for
    every bill there ever was would be most of it. Payments that nobody announced and that undo each other on a paid
    bill stay unseen."""
    return or_(Bill.paid_date.is_(None), Bill.paid_amount != Bill.amount)


BILL_PAYMENT = Resource(
    name="bill_payment",
    model=BillPayment,
    path="/v1/bills/{}/payments",
    id_column="buildium_payment_id",
    fields=FIELDS,
    permission="Accounting > Bills, and Accounting > Bank Accounts",
    events={"Bill.Payment": "PaymentId"},
    nested=Nested("bill", "bill_id", "BillId", asked=may_have_changed, named="BillIds"),
    search=Search(sought, same),
    request=request,
    joins="paid_with",
    careful=True,
    check=check,
    carries=("amount", "bank_account_id", "date", "reference_number", "memo"),
)
