"""The transactions of a vendor (MAPPING §4.8): its bills and the payments of them. A bill's keep the bill's id (§9)."""

from __future__ import annotations

from typing import get_args

from portal.sandbox.collection import Record, Values
from portal.sandbox.day_filters import day_of, from_day, to_day
from portal.sandbox.errors import RefusedError
from portal.sandbox.filters import choices, contains
from portal.sandbox.messages import enums
from portal.sandbox.resource import Answer, Area, Filter, Predicate, Query, Resource
from portal.sandbox.resources.bill_balances import ZERO, exact, parts_of, payments_of, total
from portal.sandbox.resources.bill_payments import transaction_type
from portal.sandbox.switches import Switches
from portal.sandbox.world import World

LONGEST_SPAN = 365
LONGEST_TEXT = 40
_DATES = ("transactiondatefrom", "transactiondateto")


def _rows(world: World) -> list[Record]:
    bills = sorted(world.find("bills", "VendorId", world.scope["VendorId"]), key=lambda bill: bill.id)
    payments = {payment.id: payment for bill in bills for payment in payments_of(world, bill.id)}
    return [
        *(_row(world, bill, _of_bill(bill)) for bill in bills),
        *(_row(world, payment, _of_payment(payment, bills)) for _, payment in sorted(payments.items())),
    ]


def _row(world: World, origin: Record, values: Values) -> Record:
    owned = {**values, **world.scope}
    return Record("vendor_transactions", origin.id, origin.created, origin.updated, owned)


def _of_bill(bill: Record) -> Values:
    return {
        "Date": bill["Date"],
        "TotalAmount": float(total(bill["Lines"])),
        "TransactionType": "Bill",
        "ReferenceNumber": bill["ReferenceNumber"],
        "Memo": bill["Memo"],
    }


def _of_payment(payment: Record, bills: list[Record]) -> Values:
    parts = (part for bill in bills for part in parts_of(payment, bill.id))
    return {
        "Date": payment["EntryDate"],
        "TotalAmount": float(sum((exact(part["Amount"]) for part in parts), ZERO)),
        "TransactionType": transaction_type(payment),
        "ReferenceNumber": payment["CheckNumber"],
        "Memo": payment["Memo"],
    }


def _answer(world: World, row: Record) -> Answer:
    shown = {name: value for name, value in row.values.items() if name not in world.scope}
    return {"Id": row.id, **shown}


def _within_a_year(query: Query, switches: Switches) -> list[Predicate]:
    """Both dates are required, and at most 365 days apart."""
    missing = [(name, f"{name} is required.") for name in _DATES if not query.get(name)]
    if missing:
        raise RefusedError(400, missing)
    first, last = (day_of(name, query[name]) for name in _DATES)
    if not 0 <= (last - first).days <= LONGEST_SPAN:
        raise RefusedError(422, [(_DATES[1], f"The dates must be in order and at most {LONGEST_SPAN} days apart.")])
    return []


def _short(inner: Filter) -> Filter:
    def parse(name: str, raw: list[str], switches: Switches) -> Predicate:
        if any(len(text) > LONGEST_TEXT for text in raw):
            raise RefusedError(switches.length_status, [(name, f"{name} cannot exceed {LONGEST_TEXT} characters.")])
        return inner.parse(name, raw, switches)

    return Filter(parse)


VENDOR_TRANSACTIONS = Resource(
    kind="vendor_transactions",
    path="/v1/vendors/{VendorId}/transactions",
    area=Area("Maintenance > Vendors"),
    also=("Accounting > General Ledger Transactions: View",),
    answer=_answer,
    rows=_rows,
    parents={"VendorId": "vendors"},
    narrow=_within_a_year,
    filters={
        "transactiondatefrom": from_day(lambda world, row: row["Date"]),
        "transactiondateto": to_day(lambda world, row: row["Date"]),
        "transactiontypes": choices(get_args(enums.VendorTransactionType), lambda row: [row["TransactionType"]]),
        "referencenumber": _short(contains(lambda row: [row["ReferenceNumber"]])),
        "memo": _short(contains(lambda row: [row["Memo"]])),
    },
)
