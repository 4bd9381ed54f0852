"""The form of a work order. A new one brings its task along where none is chosen; a stored one changes its task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from wtforms import SelectField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from portal.database import now
from portal.entities.days import day_of
from portal.entities.tasks.form import DueField, proposed_assignee
from portal.entities.tasks.model import Task
from portal.entities.tasks.queries import is_active_staff, staff, writer
from portal.entities.work_orders.item_row import ItemRow
from portal.entities.work_orders.model import WorkOrder, WorkOrderLine
from portal.web.conflict import hashes
from portal.web.fields import CodeField, MoneyField, line, text
from portal.web.forms import Group, RecordForm, short_hash
from portal.web.record_field import RecordField
from portal.web.rows import RowsField
from portal.words import ENTRY_ALLOWED, TASK_PRIORITIES, TASK_STATUSES

LARGEST = Decimal("99999999.99")  # work_orders.actual_cost is DECIMAL(10, 2)
# What only a task that is made along can be given; one that is chosen has it already.
OF_NEW_TASK = ("property_id", "unit_id", "assigned_to_user_id")
OF_TASK = ("status", "priority", "scheduled_date")
ITS_OWN = "The chosen task has its own. Leave this as it was, or choose no task."


def choices(codes: Mapping[str, str]) -> list[SelectChoice]:
    return [SelectChoice(code, words) for code, words in codes.items()]


class WorkOrderForm(RecordForm):
    groups = (
        Group("Work order", ("vendor_id", "subject", "description", "notes")),
        Group(
            "Its task",
            ("task_id", *OF_NEW_TASK, *OF_TASK),
            "A work order belongs to a task: where the work is, how it stands and when it is due are the task’s."
            " What is changed here changes on the task, here and in Buildium.",
        ),
        Group("Entry", ("entry_allowed", "entry_notes")),
        Group("Items", ("lines",), "What the vendor charges. The amount is their sum."),
        Group("Accounting", ("estimated_cost", "invoice_number", "chargeable_to")),
    )

    vendor_id = RecordField("Vendor", "vendors", required="Choose the vendor.")
    subject = line("Title", 127, hint="Leave it empty to use the task’s.")
    description = text("Work details", "What the vendor is to do.")
    notes = text("Notes for the vendor")
    task_id = RecordField(
        "Task", "tasks", hint="Leave it empty, and a to-do is made along with the work order. Can’t be changed later."
    )
    property_id = RecordField("Property", "properties")
    unit_id = RecordField("Unit", "units", hint="Alone, it brings its property.")
    assigned_to_user_id = CodeField(
        "Assigned to", staff, kind=int, blank="As usual", hint="As usual: the property’s manager, else you."
    )
    status = SelectField("Status", choices=choices(TASK_STATUSES), default="New")
    priority = SelectField("Priority", choices=choices(TASK_PRIORITIES), default="Normal")
    scheduled_date = DueField("Due")
    entry_allowed = SelectField("Vendor may enter", choices=choices(ENTRY_ALLOWED), default="Unknown")
    entry_notes = text("Notes about entering", "Keys, pets, the best time to come.")
    lines = RowsField("Items", ItemRow, WorkOrderLine, noun="item", total=("quantity", "unit_price"))
    estimated_cost = MoneyField("Estimated cost")
    invoice_number = line("Invoice number", 50)
    chargeable_to = line("Chargeable to", 100, hint="Who bears the cost, such as the owner or a resident.")

    assignee: int | None = None  # of a new task, once it is checked

    def adapt(self) -> None:
        """What can't be changed, or isn't the task's, isn't offered."""
        order = self.record
        if order is None:
            del self.status
            return
        taken = ["task_id", *OF_NEW_TASK]
        for name in OF_TASK:
            if order.task is None or getattr(order, f"own_{name}"):
                taken.append(name)
        for name in taken:
            del self[name]

    def prefill(self, given: Mapping[str, str]) -> None:
        """Of a task that an address names, the work order takes title and details."""
        super().prefill(given)
        task = self.task_id.chosen
        if task:
            self.subject.process(None, task.subject)
            self.description.process(None, task.description)
            for name in (*OF_NEW_TASK, "priority", "scheduled_date"):
                del self[name]
        elif self.unit_id.chosen:
            self.property_id.process(None, self.unit_id.chosen.property_id)

    def checks(self) -> Iterator[tuple[str, str]]:
        total = self.lines.total() or Decimal(0)
        if abs(total) > LARGEST:
            yield "lines", "The items add up to more than a work order can hold."
        if self.record is not None:
            return
        if self.task_id.chosen:
            yield from self.contradictions(self.task_id.chosen)
        elif not self.task_id.errors:
            yield from self.task_problems()

    def contradictions(self, task: Task) -> Iterator[tuple[str, str]]:
        """Something was entered for a new task, and an existing one was chosen."""
        due = day_of(task.scheduled_date) if task.scheduled_date else None
        for name, its in ((name, getattr(task, name)) for name in OF_NEW_TASK):
            if self[name].data not in (None, its):
                yield name, ITS_OWN
        if self.priority.data not in ("Normal", task.priority):
            yield "priority", ITS_OWN
        if self.scheduled_date.data not in (None, due):
            yield "scheduled_date", ITS_OWN

    def task_problems(self) -> Iterator[tuple[str, str]]:
        """What the to-do would lack (MAPPING §4.13)."""
        if not self.subject.data and not self.subject.errors:
            yield "subject", "Enter the title, or choose a task."
        yield from self.place_problems()
        chosen = self.assigned_to_user_id.data
        self.assignee = self.settled_assignee()
        if chosen and not is_active_staff(chosen):
            yield "assigned_to_user_id", "Choose somebody who works here: Buildium refuses the others."
        elif self.assignee is None and self.knows_staff():
            yield "assigned_to_user_id", "Choose who sees to it. Buildium takes no to-do without."

    def place_problems(self) -> Iterator[tuple[str, str]]:
        """The unit is one of the property, and the property is active (MAPPING §10.29)."""
        unit = self.unit_id.chosen
        if unit and self.property_id.data is None:
            self.property_id.process(None, unit.property_id)
        house = self.property_id.chosen
        if unit and house and unit.property_id != house.id:
            yield "unit_id", f"This unit belongs to {unit.property}, not to {house}."
        if house and not house.is_active:
            yield "property_id", f"{house} is inactive, and Buildium takes tasks of active properties only."

    def settled_assignee(self) -> int | None:
        chosen: int | None = self.assigned_to_user_id.data
        house = self.property_id.chosen
        manager: int | None = house.property_manager_buildium_user_id if house else None
        if chosen or (manager and is_active_staff(manager)):
            return chosen or manager
        return proposed_assignee()

    def knows_staff(self) -> bool:
        """Before the first import there is nobody to choose: the work order is saved all the same, and waits."""
        return len(list(self.assigned_to_user_id.iter_choices())) > 1

    def fill(self, record: WorkOrder) -> None:
        for field in self.values():
            if field.short_name not in ("task_id", *OF_NEW_TASK, *OF_TASK):
                field.populate_obj(record, field.short_name)
        if self.record is None:
            record.task = self.task_id.chosen or self.new_task()
        else:
            self.change_task(record)
        if record.task and not record.subject:
            record.subject = record.task.subject[:127]
        record.sum_up()

    def new_task(self) -> Task:
        task = Task(
            task_type="Todo",
            subject=self.subject.data,
            description=self.description.data,
            property_id=self.property_id.data,
            unit_id=self.unit_id.data,
            assigned_to_user_id=self.assignee,
            priority=self.priority.data,
            scheduled_date=self.scheduled_date.moment(),
        )
        task.begin(writer(), now())
        return task

    def change_task(self, record: WorkOrder) -> None:
        """Only what this person changed: the rest may have been changed by others, on the task itself."""
        if "status" in self and self.changed("status"):
            record.move(self.status.data, writer(), now())
        if "priority" in self and self.changed("priority"):
            record.prioritize(self.priority.data)
        if "scheduled_date" in self and self.changed("scheduled_date"):
            record.plan(self.scheduled_date.moment())

    def changed(self, name: str) -> bool:
        return hashes(self.seen.data).get(name) != short_hash(self[name])
