"""The form of a task. What it asks for depends on the kind, which is chosen first and stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import request
from flask_login import current_user
from wtforms import BooleanField, Field, StringField, TextAreaField
from wtforms.validators import DataRequired, Email, Length, Optional

from portal.database import now
from portal.entities.days import day_of, midnight
from portal.entities.tasks.queries import (
    current_lease,
    is_active_staff,
    is_on_lease,
    staff,
    sub_categories,
    usual_assignee,
    writer,
)
from portal.web.fields import CodeField, DayField, MoneyField, line, text
from portal.web.forms import Group, RecordForm
from portal.web.record_field import RecordField
from portal.words import TASK_PRIORITIES, TASK_STATUSES, TASK_TYPES

LONGEST = 65_500
LARGEST_COST = Decimal("99999999.99")
PLACE = ("property_id", "unit_id")
RESIDENT = ("requested_by_tenant_id", "lease_id", "entry_permitted", "has_pets", "entry_notes")
OWNER = ("requested_by_owner_id",)
CONTACT = (
    *("contact_first_name", "contact_last_name", "contact_email"),
    *("contact_phone_home", "contact_phone_work", "contact_phone_mobile"),
)
OF_KIND = {
    "Todo": PLACE,
    "ResidentRequest": RESIDENT,
    "RentalOwnerRequest": (*OWNER, *PLACE),
    "ContactRequest": (*CONTACT, *PLACE),
}
# Said once: Buildium takes no change of these.
ONCE = ("description", *RESIDENT, *OWNER)
MUST_BE_ASSIGNED = ("Todo", "ContactRequest")
CHANGE_KIND = "kind-chosen"  # the button that shows the form of another kind
E_MAIL = Email("Enter an e-mail address such as name@example.com.")
PHONE = Length(10, 20, "Enter 10 to 20 characters, with the area code, such as (503) 555-0143.")


def asked_kind() -> str:
    """The kind that the address names."""
    asked = request.args.get("task_type", "")
    return asked if asked in TASK_TYPES else "Todo"


def proposed_assignee() -> int | None:
    """Nobody is proposed to somebody who has just chosen."""
    asks = request.method == "GET" and current_user.is_authenticated
    return usual_assignee(current_user.email) if asks else None


class DueField(DayField):
    """A day here, the midnight that begins it in the record."""

    def process_data(self, value: Any) -> None:
        self.data = day_of(value) if isinstance(value, datetime) else value

    def populate_obj(self, obj: Any, name: str) -> None:
        setattr(obj, name, self.moment())

    def moment(self) -> datetime | None:
        return midnight(self.data) if isinstance(self.data, date) else None


class NoteField(TextAreaField):
    """A note about this very save: always empty at first."""

    def process_data(self, value: Any) -> None:
        self.data = None

    def populate_obj(self, obj: Any, name: str) -> None:
        """It becomes an entry of the history instead."""


def long_text(label: str, hint: str, kind: type[Field] = TextAreaField) -> Any:
    limit = Length(max=LONGEST, message=f"Enter {LONGEST:,} characters at most.")
    return kind(label, [Optional(), limit], description=hint, render_kw={"rows": 4})


class TaskForm(RecordForm):
    groups = (
        Group("Kind", ("task_type",), "It can’t be changed once the task is saved."),
        Group("Task", ("subject", "description", "category_id", "sub_category_id")),
        Group("Who asks", (*RESIDENT, *OWNER, *CONTACT)),
        Group("Where", PLACE, "A task can only be about an active property."),
        Group("Work", ("assigned_to_user_id", "status", "priority", "scheduled_date", "notes")),
        Group("Costs", ("estimated_cost", "actual_cost"), "Buildium has no place for them at a task."),
    )

    task_type = CodeField("Kind of task", TASK_TYPES, default=asked_kind, blank="Choose …")
    subject = StringField(
        "Subject",
        [DataRequired("Enter what is to be done."), Length(max=127, message="Enter 127 characters at most.")],
    )
    description = long_text("Description", "It can’t be changed once Buildium has the task: add notes then.")
    category_id = RecordField("Category", "task_categories")
    sub_category_id = CodeField("Sub category", sub_categories, kind=int, hint="One of the category’s own.")
    requested_by_tenant_id = RecordField("Tenant", "tenants", required="Choose the tenant who asks.")
    lease_id = RecordField("Lease", "leases", hint="Leave it empty for the lease that the tenant lives under.")
    entry_permitted = BooleanField("May be entered", description="When nobody is at home.")
    has_pets = BooleanField("There are pets")
    entry_notes = text("What to mind when entering")
    requested_by_owner_id = RecordField(
        "Owner", "owners", required="Choose the owner who asks.", hint="Buildium tells the owner about the task."
    )
    contact_first_name = line("First name", 255)
    contact_last_name = line("Last name", 255)
    contact_email = line("E-mail", 255, E_MAIL)
    contact_phone_home = line("Home phone", 20, PHONE)
    contact_phone_work = line("Work phone", 20, PHONE)
    contact_phone_mobile = line("Mobile phone", 20, PHONE)
    property_id = RecordField("Property", "properties")
    unit_id = RecordField("Unit", "units")
    assigned_to_user_id = CodeField("Assigned to", staff, kind=int, blank="Nobody", default=proposed_assignee)
    status = CodeField("Status", TASK_STATUSES, default="New", blank="Choose …")
    priority = CodeField("Priority", TASK_PRIORITIES, default="Normal", blank="Choose …")
    scheduled_date = DueField("Due date", description="A day; Buildium knows no time of day for it.")
    notes = long_text("Note", "What this change is about. It becomes an entry of the history.", NoteField)
    estimated_cost = MoneyField("Estimated cost")
    actual_cost = MoneyField("Actual cost")

    lease: Any = None

    @property
    def kind_words(self) -> str:
        return TASK_TYPES[self.kind]

    @property
    def kind(self) -> str:
        chosen = self.record.task_type if self.record else self.task_type.data
        return chosen if chosen in TASK_TYPES else "Todo"

    def process(self, formdata: Any = None, obj: Any = None, *rest: Any, **more: Any) -> None:
        """Fields of other kinds go before they are read, because each would look up its records."""
        formdata = self.meta.wrap_formdata(self, formdata)
        given = formdata.get("task_type", "") if formdata else ""
        kind = obj.task_type if obj else given or asked_kind()
        others = {*PLACE, *RESIDENT, *OWNER, *CONTACT} - set(OF_KIND.get(kind, PLACE))
        once = ONCE if obj and obj.buildium_task_id is not None else ()
        for name in {*others, *once, "task_type" if obj else "notes"}:
            del self[name]
        super().process(formdata, obj, *rest, **more)

    def rearranged(self) -> bool:
        return super().rearranged() or CHANGE_KIND in request.form

    def checks(self) -> Iterator[tuple[str, str]]:
        yield from self.missing()
        yield from self.person_problems()
        yield from self.place_problems()
        yield from self.sub_category_problems()
        for name in ("estimated_cost", "actual_cost"):
            if (self[name].data or 0) > LARGEST_COST:
                yield name, f"Enter {LARGEST_COST:,} at most."

    def missing(self) -> Iterator[tuple[str, str]]:
        for name, words in (("task_type", "kind of task"), ("status", "status"), ("priority", "priority")):
            if name in self and not self[name].data:
                yield name, f"Choose the {words}."
        if self.kind == "ContactRequest" and not self.contact_first_name.data:
            yield "contact_first_name", "Enter the first name of whoever asks."

    def person_problems(self) -> Iterator[tuple[str, str]]:
        chosen, before = self.assigned_to_user_id.data, self.record and self.record.assigned_to_user_id
        if not chosen and self.kind in MUST_BE_ASSIGNED:
            yield "assigned_to_user_id", "Choose who does it. Buildium takes no task of this kind without."
        elif chosen and chosen != before and not is_active_staff(chosen):
            yield "assigned_to_user_id", "Choose somebody who works here: Buildium refuses the others."
        tenant, lease = self.chosen("requested_by_tenant_id"), self.chosen("lease_id")
        if tenant and lease and not is_on_lease(tenant.id, lease.id):
            yield "lease_id", f"{tenant} is not on this lease. Choose one that {tenant} is on."
        elif tenant and not self.its_lease():
            yield "requested_by_tenant_id", f"{tenant} is on no lease yet. Buildium takes requests of tenants on one."

    def place_problems(self) -> Iterator[tuple[str, str]]:
        unit, house = self.chosen("unit_id"), self.chosen("property_id")
        if unit and house and unit.property_id != house.id:
            yield "unit_id", f"Choose a unit of {house}, or leave the property empty."
        lease = self.chosen("lease_id")
        house = house or (unit and unit.property) or (lease and lease.property)
        if house and not house.is_active and house.id != (self.record and self.record.property_id):
            name = next(each for each in ("property_id", "lease_id") if each in self)
            yield name, f"{house} is inactive. Buildium takes tasks of active properties only."

    def sub_category_problems(self) -> Iterator[tuple[str, str]]:
        sub, category = self.sub_category_id.data, self.category_id.chosen
        own = {each.get("Id") for each in (category.sub_categories or ())} if category else set()
        if sub and sub not in own:
            words = f"Choose one that begins with “{category}”." if category else "Choose the category, too."
            yield "sub_category_id", words

    def its_lease(self) -> Any:
        """The lease of the request: the one chosen, else the tenant's current one."""
        if self.lease is None:
            tenant = self.chosen("requested_by_tenant_id")
            self.lease = self.chosen("lease_id") or (tenant and current_lease(tenant.id))
        return self.lease

    def chosen(self, name: str) -> Any:
        field: Any = self._fields.get(name)
        return field and field.chosen

    def fill(self, record: Any) -> None:
        # Its history is loaded before anything changes, because loading it later would save a half of it.
        before, _ = record.status, self.record and list(record.history)
        super().fill(record)
        record.task_type = self.kind
        self.place(record)
        self.name_relatives(record)
        note = self.notes.data if "notes" in self else None
        if self.record is None:
            record.begin(writer(), now())
        elif record.status != before:
            record.status, after = before, record.status
            record.move(after, writer(), now(), note)
        elif note:
            record.add_note(note, writer(), now())

    def name_relatives(self, record: Any) -> None:
        """A trigger writes the names of those that are chosen; where nobody is, none may stay."""
        names = {str(code): words for code, words, *_ in self.assigned_to_user_id.iter_choices()}
        record.assigned_to = names.get(str(record.assigned_to_user_id)) if record.assigned_to_user_id else None
        record.category = str(self.category_id.chosen) if self.category_id.chosen else None

    def place(self, record: Any) -> None:
        """What follows: the property from the unit, both from the lease."""
        unit = self.chosen("unit_id")
        if unit:
            record.property_id = unit.property_id
        if "requested_by_tenant_id" in self:
            lease = self.its_lease()
            record.lease_id, record.property_id, record.unit_id = lease.id, lease.property_id, lease.unit_id
