"""The form of a lease. A new one brings its people and its money; Buildium takes both only then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import url_for
from markupsafe import Markup
from wtforms import BooleanField

from portal.entities.leases.follow_on import follow_on
from portal.entities.leases.model import Lease
from portal.entities.leases.people import KnownTenants, NewTenants, chosen_in
from portal.entities.leases.queries import in_the_way, income_accounts, rent_income
from portal.entities.leases.terms import money_problems, term_problems
from portal.extensions import db
from portal.web.fields import CodeField, DayField, MoneyField, text
from portal.web.formats import day, today
from portal.web.forms import Group, RecordForm
from portal.web.record_field import RecordField
from portal.words import LEASE_TYPES, RENT_CYCLES

MONEY = (
    "rent", "rent_cycle", "rent_gl_account_id", "first_rent_due_on", "prorated_first_month_rent",
    "prorated_last_month_rent", "deposit_amt", "security_deposit_due_date",
)  # fmt: skip
ONCE = ("tenants", "new_tenants", *MONEY, "send_welcome_email")
ONCE_WORDS = "Sent with the new lease. After that, change it in Buildium, where it stands on the lease’s ledger."


class LeaseForm(RecordForm):
    groups = (
        Group("Lease", ("unit_id", "lease_type", "start_date", "end_date")),
        Group(
            "Tenants",
            ("tenants", "new_tenants"),
            "Up to five who are tenants already, and up to five new people. Others can be added later.",
        ),
        Group("Rent", MONEY[:6], ONCE_WORDS),
        Group("Security deposit", MONEY[6:], ONCE_WORDS),
        Group("At the end", ("auto_move_out", "is_eviction_pending")),
        Group("Notes", ("notes",)),
        Group(
            "Welcome e-mail",
            ("send_welcome_email",),
            "Buildium mails every tenant with an e-mail address at once. That can’t be taken back.",
        ),
    )

    unit_id = RecordField("Unit", "units", required="Choose the unit.", hint="The property follows from it.")
    lease_type = CodeField("Lease type", LEASE_TYPES, blank="Choose …", default="Fixed")
    start_date = DayField("Start")
    end_date = DayField("End", description="The last day. A month-to-month lease has none.")
    tenants = KnownTenants("Tenants who exist already")
    new_tenants = NewTenants("New tenants", hint="Their address is the unit’s; more can be entered on their own pages.")
    rent = MoneyField("Rent", description="Empty: Buildium charges no rent by itself.")
    rent_cycle = CodeField("Charged", RENT_CYCLES, default="Monthly")
    rent_gl_account_id = CodeField("Income account", income_accounts, kind=UUID, default=rent_income)
    first_rent_due_on = DayField(
        "First due", description="Empty: the lease’s first day. Rent is due on this day again."
    )
    prorated_first_month_rent = MoneyField(
        "Rent for the first part of a month", description="Only where the lease starts within a month."
    )
    prorated_last_month_rent = MoneyField(
        "Rent for the last part of a month", description="Only where the lease ends within a month."
    )
    deposit_amt = MoneyField("Security deposit")
    security_deposit_due_date = DayField("Deposit due", description="Empty: the lease’s first day.")
    auto_move_out = BooleanField(
        "Move everybody out at the end", description="On the last day Buildium ends the lease by itself."
    )
    is_eviction_pending = BooleanField("Eviction pending")
    notes = text("Notes", "Kept in Buildium as one of the lease’s notes.")
    send_welcome_email = BooleanField(
        "Send the welcome e-mail now", description="An invitation to the resident center."
    )

    def adapt(self) -> None:
        """What Buildium took with the lease can't be sent again."""
        if self.record and self.record.buildium_lease_id is not None:
            for name in ONCE:
                del self[name]

    def prefill(self, given: Mapping[str, str]) -> None:
        """Also from the lease that this one follows, and with the market rent of the unit."""
        super().prefill(given)
        followed = lease_named(given.get("renews", ""))
        if followed is not None:
            for name, value in follow_on(followed, today()).items():
                self[name].process(None, value)
        if given.get("tenant_id"):
            self.tenants.process(None, [{"id": "", "tenant_id": given["tenant_id"]}])
        if self.rent.data is None and self.unit_id.chosen is not None:
            self.rent.process(None, self.unit_id.chosen.market_rent)

    def checks(self) -> Iterator[tuple[str, str]]:
        yield from term_problems(self)
        if "rent" in self:
            yield from money_problems(self)
            yield from self.mail_problems()
        if self.record and self.record.buildium_note_id is not None and not self.notes.data:
            yield "notes", "Buildium keeps every note. Write what should stand there instead."
        if not self.errors and self.start_date.data and self.unit_id.chosen is not None:
            yield from self.overlap(self.unit_id.chosen, self.start_date.data)

    def mail_problems(self) -> Iterator[tuple[str, str]]:
        """An invitation that nobody can get is a mistake."""
        known = [chosen_in(row) for _, row in self.tenants.filled()]
        new = [row["email"].data for _, row in self.new_tenants.filled()]
        if self.send_welcome_email.data and not any([*new, *(each.email for each in known if each)]):
            yield (
                "send_welcome_email",
                "No tenant of this lease has an e-mail address. Enter one, or take the tick away.",
            )

    def overlap(self, unit: Any, start: date) -> Iterator[tuple[str, str]]:
        other = in_the_way(unit.id, start, self.end_date.data, self.record, today())
        if other is not None:
            yield (
                "start_date",
                Markup("{} is let already: {}. Choose other dates, or end that lease first.").format(unit, Link(other)),
            )

    def fill(self, record: Any) -> None:
        super().fill(record)
        record.unit, record.property = self.unit_id.chosen, self.unit_id.chosen.property
        if record.buildium_lease_id is None:
            record.status = record.status_on(today())
        if "rent" in self and not record.rent:
            record.rent_cycle = record.rent_gl_account_id = record.first_rent_due_on = None
        if "rent" in self and not record.deposit_amt:
            record.security_deposit_due_date = None

    def all_errors(self) -> Iterator[tuple[str, str]]:
        """Links lead to the fields here, so those inside messages are only words."""
        for field_id, message in super().all_errors():
            yield field_id, Markup(message).striptags() if isinstance(message, Markup) else message


class Link:
    """A lease in a message."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease

    def __html__(self) -> str:
        until = f"to {day(self.lease.end_date)}" if self.lease.end_date else "without an end"
        words = f"the lease from {day(self.lease.start_date)} {until}"
        return Markup('<a href="{}">{}</a>').format(url_for("leases.show", record_id=self.lease.id), words)


def lease_named(text: str) -> Lease | None:
    return db.session.get(Lease, int(text)) if text.isdecimal() and len(text) < 19 else None
