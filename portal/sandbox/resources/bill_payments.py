"""Payments of bills (MAPPING §4.12): written once, never changed. Only Buildium's web pages can void one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import StringConstraints

from portal.sandbox.collection import Record, Values
from portal.sandbox.errors import RefusedError, broken_rule
from portal.sandbox.messages.base import Int32, IsoDate, Message
from portal.sandbox.resource import Answer, Create, CreateElsewhere, Event, Resource
from portal.sandbox.resources.bill_balances import exact, refresh_paid_date, total
from portal.sandbox.resources.bill_payment_parts import Allocation, Part, PaymentLine, named_parts, several_parts
from portal.sandbox.resources.bills import BILLS_AREA, vendor_event
from portal.sandbox.rules import check_unlocked
from portal.sandbox.world import World

_ALSO = ("Accounting > Bank Accounts: View+Edit",)
_HIDDEN = ("Allocations", "IsQueuedForPrinting")


class PaymentPost(Message):
    BankAccountId: Int32
    EntryDate: IsoDate
    Memo: Annotated[str, StringConstraints(max_length=240)] | None = None
    CheckNumber: Annotated[str, StringConstraints(max_length=30)] | None = None
    Lines: list[PaymentLine]
    VendorCreditIds: list[Int32] | None = None


class SeveralPost(Message):
    BankAccountId: Int32
    EntryDate: IsoDate
    QueueChecksForPrinting: bool | None = None
    BillIds: list[Int32]
    VendorCreditIds: list[Int32] | None = None
    PaymentAllocations: list[Allocation] | None = None


def payment_values(
    *,
    bank_account_id: int,
    entry_date: str,
    parts: Sequence[Part],
    memo: str | None = None,
    check_number: str | None = None,
    is_queued: bool = False,
) -> Values:
    """The stored values of a payment. What an answer shows of a part doesn't say which bill or line it was for;
    the allocations do, and are never shown. The balance of the bank account is not touched."""
    return {
        "BankAccountId": bank_account_id,
        "EntryDate": entry_date,
        "Memo": memo,
        "CheckNumber": check_number,
        "PaidBillIds": list(dict.fromkeys(bill_id for bill_id, _, _ in parts)),
        "AppliedVendorCredits": [],
        "Lines": [_shown(line, amount) for _, line, amount in parts],
        "Allocations": [
            {"BillId": bill_id, "BillLineId": line["Id"], "Amount": round(amount, 2)} for bill_id, line, amount in parts
        ],
        "IsQueuedForPrinting": is_queued,
    }


def transaction_type(payment: Record) -> str:
    """How a payment is called among the transactions of a bank account or vendor."""
    return "Check" if payment["CheckNumber"] or payment["IsQueuedForPrinting"] else "Payment"


def _shown(line: Values, amount: float) -> Values:
    entity = line["AccountingEntity"]
    return {"AccountingEntity": entity, "GLAccountId": line["GlAccountId"], "Amount": round(amount, 2)}


def _answer(world: World, payment: Record) -> Answer:
    return {"Id": payment.id, **{name: value for name, value in payment.values.items() if name not in _HIDDEN}}


def _create(world: World, body: PaymentPost) -> Record:
    bill = world.needed("bills", world.scope["PaidBillIds"], "BillId", missing=404)
    _check(world, body, 422)
    _check_number(world, body)
    values = payment_values(
        bank_account_id=body.BankAccountId,
        entry_date=body.EntryDate,
        parts=named_parts(world, bill, body.Lines, "Lines"),
        memo=body.Memo,
        check_number=body.CheckNumber,
    )
    return _paid(world, values)


def _create_several(world: World, body: SeveralPost) -> Record:
    missing = world.switches.missing_parent_status
    account = _check(world, body, missing)
    if body.QueueChecksForPrinting and not account["CheckPrintingInfo"]["EnableLocalCheckPrinting"]:
        raise broken_rule("QueueChecksForPrinting", "The bank account has no local check printing.")
    parts = several_parts(world, body.BillIds, body.PaymentAllocations or [], missing)
    _check_one_vendor(world, parts)
    values = payment_values(
        bank_account_id=body.BankAccountId,
        entry_date=body.EntryDate,
        parts=parts,
        is_queued=bool(body.QueueChecksForPrinting),
    )
    return _paid(world, values)


def _check(world: World, body: PaymentPost | SeveralPost, missing: int) -> Record:
    """The bank account; raises RefusedError for anything but the lines."""
    account = world.needed("bank_accounts", body.BankAccountId, "BankAccountId", missing=missing)
    check_unlocked(world, body.EntryDate, "EntryDate")
    for credit_id in body.VendorCreditIds or []:
        raise RefusedError(missing, [("VendorCreditIds", f"Vendor credit {credit_id} does not exist.")])
    return account


def _check_number(world: World, body: PaymentPost) -> None:
    """Whether a check number can be used twice on an account isn't stated; by default it can."""
    if not world.switches.unique_check_numbers or not body.CheckNumber:
        return
    for other in world.find("bill_payments", "BankAccountId", body.BankAccountId):
        if other["CheckNumber"] == body.CheckNumber:
            raise broken_rule("CheckNumber", f"Check {body.CheckNumber} has been used on this bank account.")


def _check_one_vendor(world: World, parts: Sequence[Part]) -> None:
    """One check has one payee."""
    bills = [world.get("bills", bill_id) for bill_id, _, _ in parts]
    if len({bill["VendorId"] for bill in bills if bill}) > 1:
        raise broken_rule("BillIds", "One check can only pay bills of one vendor.")


def _paid(world: World, values: Values) -> Record:
    payment = world.insert("bill_payments", values)
    _move_balance(world, payment, -1)
    for bill in _bills(world, payment):
        refresh_paid_date(world, bill)
    return payment


def _void(world: World, payment: Record) -> None:
    """The money is back on the account, and the bills are open again."""
    _move_balance(world, payment, 1)
    for bill in _bills(world, payment):
        refresh_paid_date(world, bill, without=payment.id)


def _move_balance(world: World, payment: Record, sign: int) -> None:
    account = world.get("bank_accounts", payment["BankAccountId"])
    if account is not None:
        balance = exact(account["Balance"]) + sign * total(payment["Lines"])
        world.change(account, {"Balance": float(balance)}, quiet=True)


def _bills(world: World, payment: Record) -> list[Record]:
    bills = [world.get("bills", bill_id) for bill_id in payment["PaidBillIds"]]
    return [bill for bill in bills if bill is not None]


def _along(world: World, payment: Record) -> list[tuple[str, Values]]:
    kind = transaction_type(payment)
    bank = {"BankAccountId": payment["BankAccountId"], "TransactionId": payment.id, "TransactionType": kind}
    vendors = dict.fromkeys(bill["VendorId"] for bill in _bills(world, payment))
    return [("BankAccount.Transaction", bank), *(vendor_event(vendor_id, payment.id, kind) for vendor_id in vendors)]


BILL_PAYMENTS = Resource(
    kind="bill_payments",
    path="/v1/bills/{PaidBillIds}/payments",
    area=BILLS_AREA,
    answer=_answer,
    create=Create(PaymentPost, _create, also=_ALSO),
    elsewhere=CreateElsewhere(
        "/v1/bills/payments",
        Create(SeveralPost, _create_several, also=_ALSO),
        lambda payment: f"/v1/bills/{payment['PaidBillIds'][0]}/payments/{payment.id}",
    ),
    event=Event("Bill.Payment", "PaymentId", lambda payment: {"BillIds": payment["PaidBillIds"]}, along=_along),
    indexes=("PaidBillIds", "BankAccountId"),
    parents={"PaidBillIds": "bills"},
    title=lambda payment: f"{payment['EntryDate']} {payment['CheckNumber'] or ''}".strip(),
    on_delete=_void,
)
