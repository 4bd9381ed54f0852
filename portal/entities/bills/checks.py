"""What Buildium would refuse about a bill, or can't be told (MAPPING §4.10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from portal.entities.bills.model import Bill, BillLine
from portal.sync.conversions import date_out, money_in
from portal.sync.resource import Body, Problem, at

# No line may be booked to them, nor to the account of a bank (MAPPING §4.10).
NEVER_BILLED = frozenset({"accounts payable", "accounts receivable", "undeposited funds"})
CANCELLED = "This bill was cancelled before it was sent, so it isn’t sent."
COMPANY = (
    "Buildium doesn’t say how a line of the company itself is sent, so the lines of this bill can’t be. Change them in"
    " Buildium, or choose a property for each. The rest of the bill can be changed here."
)


def check(record: Bill, snapshot: Body) -> list[Problem]:
    """What has to be settled before the bill can be sent."""
    return [
        *standing_problems(record),
        *date_problems(record, snapshot),
        *amount_problems(record),
        *line_problems(record.lines),
        *company_problems(record, snapshot),
    ]


def standing_problems(record: Bill) -> Iterator[Problem]:
    """Buildium knows no cancelled bills: one that it has stays there, one that it hasn't must not arrive."""
    if record.is_cancelled() and record.buildium_bill_id is None:
        yield Problem("status", CANCELLED)


def date_problems(record: Bill, snapshot: Body) -> Iterator[Problem]:
    """A new bill must be due after its date. What Buildium has accepted or made itself isn't questioned."""
    there = (snapshot.get("Date"), snapshot.get("DueDate"))
    if record.due_date <= record.date and there != (date_out(record.date), date_out(record.due_date)):
        yield Problem("due_date", "The due date must be later than the date of the bill.")


def amount_problems(record: Bill) -> Iterator[Problem]:
    total = record.lines_total()
    if record.lines and total != record.amount:
        yield Problem("lines", f"The lines add up to {total}, but the bill is over {record.amount}. Save it again.")
    if record.lines and record.paid_amount and total < record.paid_amount:
        yield Problem("lines", f"{record.paid_amount} is paid already, so the lines can’t add up to less.")


def line_problems(lines: Sequence[BillLine]) -> Iterator[Problem]:
    for number, line in enumerate(lines, start=1):
        account = line.gl_account
        if account.is_bank_account or (account.default_account_name or "").lower() in NEVER_BILLED:
            yield Problem("lines", f"Line {number}: Buildium takes no bills on the account {account}. Choose another.")
        if line.unit and line.unit.property_id != line.property_id:
            yield Problem("lines", f"Line {number}: the unit belongs to another property. Choose the unit again.")
        if (line.markup_amount is None) != (line.markup_type is None):
            yield Problem("lines", f"Line {number}: a markup needs both its amount and its kind.")


def company_problems(record: Bill, snapshot: Body) -> Iterator[Problem]:
    """A line without a property can be kept, but not sent: its id is nowhere described (MAPPING §3.4). Lines travel
    all together, so none of the bill's can be then; its header can, by PATCH."""
    foreign = [line for line in record.lines if line.accounting_entity_type != "Rental" or line.property_id is None]
    if foreign and [spelled(line) for line in record.lines] != [read(line) for line in snapshot.get("Lines") or ()]:
        yield Problem("lines", COMPANY)


def spelled(line: BillLine) -> tuple[object, ...]:
    """What a line of ours says, as far as it tells whether the lines have changed."""
    markup = (line.markup_type, line.markup_amount)
    place = (line.accounting_entity_type, line.property.buildium_property_id if line.property else None)
    unit = line.unit.buildium_unit_id if line.unit else None
    account = line.gl_account.buildium_gl_account_id
    return line.buildium_line_id, account, *place, unit, line.amount, line.memo, *markup


def read(line: Body) -> tuple[object, ...]:
    """What a line of Buildium's says, likewise."""
    markup = (at(line, "Markup.Type"), money_in(at(line, "Markup.Amount")))
    kind = at(line, "AccountingEntity.AccountingEntityType")
    place = (kind, at(line, "AccountingEntity.Id") if kind == "Rental" else None)
    unit, account = at(line, "AccountingEntity.Unit.Id"), at(line, "GLAccount.Id")
    return line.get("Id"), account, *place, unit, money_in(line.get("Amount")), line.get("Memo") or None, *markup
