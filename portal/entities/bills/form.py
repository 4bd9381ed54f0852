"""The form of a bill."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from wtforms import StringField
from wtforms.utils import unset_value
from wtforms.validators import Length, Optional

from portal.entities.bills.line_row import BillLineRow
from portal.entities.bills.model import Bill, BillLine
from portal.entities.bills.queries import accounts, paid_lines, twin_of
from portal.entities.work_orders.model import WorkOrder
from portal.extensions import db
from portal.web.fields import DayField
from portal.web.formats import day, money, today
from portal.web.forms import Group, RecordForm
from portal.web.record_field import RecordField
from portal.web.rows import RowsField

LONGEST_MEMO = 240
LARGEST = Decimal("99999999.99")  # bills.amount is DECIMAL(10, 2)
TWIN = "Bill {twin} of {day} over {amount} has the same vendor and reference number. Is it another bill? See below."


class ReferenceField(StringField):
    """The vendor's number of the bill. `twin` is another bill with the same one; `insists` says that a person has seen
    it, and that this is one of its own."""

    twin: Bill | None = None
    insists = False

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        self.insists = bool(formdata and formdata.get("another_bill"))
        super().process(formdata, data, extra_filters)


class BillForm(RecordForm):
    groups = (
        Group("Bill", ("vendor_id", "reference_number", "date", "due_date", "work_order_id", "description")),
        Group("Lines", ("lines",), "What the bill is for. Its amount is their sum."),
    )

    vendor_id = RecordField("Vendor", "vendors", required="Choose the vendor.")
    reference_number = ReferenceField(
        "Reference number", [Optional(), Length(max=40)], description="The vendor’s number of this bill."
    )
    date = DayField("Date", default=today)
    due_date = DayField("Due", description="Later than the date of the bill.")
    work_order_id = RecordField(
        "Work order", "work_orders", hint="What the bill is for. Buildium takes it when the bill is created, not later."
    )
    description = StringField("Memo", [Optional(), Length(max=245)])
    lines = RowsField("Lines", BillLineRow, BillLine, required="Enter at least one line.", total=("amount",))

    def adapt(self) -> None:
        if self.record and self.record.buildium_bill_id is not None:
            del self.work_order_id

    def prefill(self, given: Mapping[str, str]) -> None:
        """Besides the records that an address names: `copy`, another bill to begin with, a work order with its items,
        or where the line belongs."""
        super().prefill(given)
        original = original_of(given.get("copy", ""))
        if original:
            self.begin_with(original)
        elif self.work_order_id.chosen:
            self.charge(self.work_order_id.chosen)
        elif line := {name: given[name] for name in ("property_id", "unit_id") if name in given}:
            self.lines.process(None, [line])

    def begin_with(self, original: Bill) -> None:
        for name in ("vendor_id", "description"):
            self[name].process(None, getattr(original, name))
        self.lines.process(None, [{**vars_of(line), "id": ""} for line in original.lines])

    def charge(self, order: WorkOrder) -> None:
        """The bill of the vendor who did the work: a line for each item."""
        self.vendor_id.process(None, order.vendor_id)
        self.reference_number.process(None, order.invoice_number)
        where = {"property_id": order.property_id, "unit_id": order.unit_id}
        items = [
            {"gl_account_id": bookable(item.gl_account_id), "amount": item.amount, "memo": cut(item.memo), **where}
            for item in order.lines
        ]
        self.lines.process(None, items or [where])

    def checks(self) -> Iterator[tuple[str, str]]:
        yield from self.date_problems()
        yield from self.amount_problems()
        yield from self.duplicate_problems()

    def date_problems(self) -> Iterator[tuple[str, str]]:
        """Buildium takes no bill without either date, nor one that is due before the next day (MAPPING §4.10)."""
        begins, ends = self.date.data, self.due_date.data
        if begins is None and not self.date.errors:
            yield "date", "Enter the date of the bill."
        if ends is None and not self.due_date.errors:
            yield "due_date", "Enter the due date."
        if begins and ends and ends <= begins:
            yield "due_date", "The due date must be later than the date of the bill."

    def amount_problems(self) -> Iterator[tuple[str, str]]:
        """A bill never falls below what was paid of it, and what was paid for stays (MAPPING §4.10)."""
        total = self.lines.total() or Decimal(0)
        if not self.lines.filled() or any(row.errors for _, row in self.lines.filled()):
            return
        if not 0 < total <= LARGEST:
            yield (
                "lines",
                f"The lines add up to {money(total)}. A bill is over more than nothing, up to {money(LARGEST)}.",
            )
        if self.record is None or not self.record.paid_amount:
            return
        if total < self.record.paid_amount:
            yield "lines", f"{money(self.record.paid_amount)} is paid already, so the lines can’t add up to less."
        kept = {str(row["id"].data) for _, row in self.lines.filled()}
        if any(str(each) not in kept for each in paid_lines(self.record)):
            yield "lines", "A line that was paid can’t be removed."

    def duplicate_problems(self) -> Iterator[tuple[str, str]]:
        """A warning: it stops the save once, until somebody says that this is another bill."""
        number = self.reference_number
        if not self.is_news():
            return
        number.twin = twin_of(self.vendor_id.data, number.data, self.record.id if self.record else None)
        if number.twin and not number.insists:
            twin = number.twin
            yield "reference_number", TWIN.format(twin=twin, day=day(twin.date), amount=money(twin.amount))

    def is_news(self) -> bool:
        """Whether vendor or number are others than those that are stored."""
        if self.record is None:
            return True
        stored = (self.record.vendor_id, self.record.reference_number)
        return stored != (self.vendor_id.data, self.reference_number.data)


def bookable(account: UUID | None) -> UUID | None:
    return account if str(account) in accounts() else None


def cut(memo: str | None) -> str | None:
    """As much of it as fits into a line of a bill."""
    return memo[:LONGEST_MEMO] if memo else None


def original_of(text: str) -> Bill | None:
    try:
        return db.session.get(Bill, UUID(text))
    except ValueError:
        return None


def vars_of(line: BillLine) -> dict[str, Any]:
    """What the row of a line shows."""
    return {field.name: getattr(line, field.name, None) for field in BillLineRow()}
