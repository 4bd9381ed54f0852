"""Rows in a form: the lines of a bill, the items of a work order, the tenants of a new lease.

How to use it:

    class LineRow(Row):                                   # the fields of one row, in their order
        gl_account_id = RecordField("Account", "gl_accounts", required="Choose the account.")
        amount = MoneyField("Amount")

        def checks(self):                                 # rules over several fields of one row
            if not self["amount"].data:
                yield "amount", "Enter the amount."

    class BillForm(RecordForm):
        groups = (..., Group("Lines", ("lines",)))        # the field has the name of the relationship
        lines = RowsField("Lines", LineRow, BillLine, noun="line", required="Enter one line.", total=("amount",))

That is all: records/fields.html shows it, RecordForm.fill writes the relationship, RecordForm.validate and the summary
of errors say “Line 2: …”, and the conflict page compares and keeps the rows as one value.

- A row has a hidden `id`, that of its child record. Children are updated in place; a new row makes one of the model;
  one without its row any more leaves the relationship, so give that `cascade="all, delete-orphan"`. Where the model has
  a `position`, it is kept. An id that isn't one of this record's children is refused.
- “Add” and “Remove” are submit buttons `<name>-add` and `<name>-remove`: the view shows the form again with everything
  typed and saves nothing. A view of your own does the same with `if form.rearranged(): return` the form, with status
  200, before it validates. Removing a row takes effect when the form is saved.
- A row that is empty, or holds only what its fields begin with (their `default`), counts as not there.
- A form that doesn't send a single row field leaves the rows as they are.
- `total` names the fields whose product, summed over the rows, stands below: ("amount",) or ("quantity", "unit_price").
- `growing=False` takes the buttons away: the rows are those that are there. HiddenFields of a row stay hidden.
- Rows for a new record: `form.lines.process(None, [{"amount": Decimal(5)}, …])` (dicts or records).
- Loading: an edit reads the children and what they refer to; name both in the screen's `loads`, or each costs a query.
- In tests and elsewhere the inputs are `lines-0-amount`, `lines-0-id`, …; a RecordField's words `lines-0-x-sought`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import object_session
from sqlalchemy.orm.attributes import flag_modified
from wtforms import HiddenField
from wtforms.fields import FieldList, FormField
from wtforms.utils import unset_value

from portal.web.fields import Checked, Trimming

MOST = 100
CENT = Decimal("0.01")


class Row(Checked):
    """One row. `entry` of a RowsField has it as `entry.form`."""

    class Meta(Trimming):
        """As in the form around it."""

    id = HiddenField()

    def fill(self, child: Any) -> None:
        """Write the row to its child. Rows with fields that are no attribute of it override this."""
        for field in self.values():
            field.populate_obj(child, field.short_name)

    def values(self) -> Iterator[Any]:
        """The fields that hold something of the child."""
        return (field for field in self if field.short_name != "id")

    def shown(self) -> Iterator[Any]:
        return (field for field in self.values() if not isinstance(field, HiddenField))

    def hidden(self) -> Iterator[Any]:
        return (field for field in self if isinstance(field, HiddenField))

    def is_blank(self) -> bool:
        return all(is_untouched(field, begins=not self["id"].data) for field in self.shown())


class RowsField(FieldList):  # type: ignore[type-arg]
    """The children of a record as rows. `model` makes a new one, `noun` is what people call one."""

    if TYPE_CHECKING:
        # Of FieldList, and left out of its published types.
        _add_entry: Callable[..., Any]
        _compact_indices: Callable[[], None]
        _extract_indices: Callable[[str, Any], Iterator[int]]

    def __init__(
        self,
        label: str,
        row: type[Row],
        model: Callable[[], Any],
        noun: str = "line",
        required: str = "",
        most: int = MOST,
        total: Sequence[str] = (),
        growing: bool = True,
        hint: str = "",
        **options: Any,
    ) -> None:
        super().__init__(FormField(row), label, description=hint, **options)
        self.model, self.noun, self.missing, self.most = model, noun, required, most
        self.factors, self.growing = tuple(total), growing
        self.sent = self.pressed = self.too_many = False
        if required:
            self.flags.required = True

    # Reading

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        self.entries, self.last_index, self.errors = [], -1, []
        self.object_data = stored = [] if data in (unset_value, None) else list(data)
        indices = sorted(set(self._extract_indices(self.name, formdata))) if formdata else []
        self.sent = bool(indices)
        if indices:
            self.read(formdata, indices, {id_of(each): each for each in stored})
        else:
            for each in stored:
                self._add_entry(data=each)
        if not self.entries and self.growing:
            self._add_entry()

    def read(self, formdata: Any, indices: list[int], stored: dict[str, Any]) -> None:
        """Make the rows of what was sent, each with the child that it names, and do what a button asks for."""
        self.too_many = len(indices) > self.most
        for index in indices[: self.most]:
            named = formdata.get(f"{self.name}-{index}-id", "")
            self._add_entry(formdata, stored.get(named, unset_value), index)
        removed = formdata.get(f"{self.name}-remove", "") if self.growing else ""
        self.entries = [each for each in self.entries if str(each.index) != removed]
        self._compact_indices()
        adds = self.growing and f"{self.name}-add" in formdata
        if adds and len(self.entries) < self.most:
            self._add_entry()
        self.pressed = adds or bool(removed)

    # Asking

    def filled(self) -> list[tuple[int, Row]]:
        """(number as people count, row) of those that hold something."""
        return [(number, each.form) for number, each in enumerate(self.entries, 1) if not each.form.is_blank()]

    @property
    def data(self) -> Any:
        return [row.data for _, row in self.filled()]

    @property
    def title(self) -> str:
        return self.noun.capitalize()

    def total(self) -> Decimal | None:
        """The sum of what can be read so far; None where the rows have no total."""
        return sum((product(row, self.factors) for _, row in self.filled()), Decimal(0)) if self.factors else None

    def next_id(self) -> str:
        """The id that the first input of one more row will have."""
        first = next(each.short_name for each in self.entries[0].form.shown())
        return f"{self.id}-{len(self.entries)}-{first}"

    # Checking

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        filled = self.filled()
        self.errors = [*self.problems(filled)]
        # What is stored already was good, or is Buildium's.
        good = [row.validate() for _, row in filled if self.sent]
        return all(good) and not self.errors

    def problems(self, filled: list[tuple[int, Row]]) -> Iterator[str]:
        if self.too_many:
            yield f"Enter {self.most} {self.noun}s at most."
        if self.missing and not filled:
            yield self.missing
        own, seen = set(map(id_of, self.object_data)), set[str]()
        for number, row in filled:
            named = str(row["id"].data or "")
            if named and (named not in own or named in seen):
                yield f"{self.title} {number} is not one of these any more. Remove it, and add it again."
            seen.add(named)

    def all_errors(self) -> Iterator[tuple[str, str]]:
        """(id of the input, message) for the summary."""
        yield from ((self.id, message) for message in self.errors)
        for number, row in self.filled():
            for field in row.shown():
                yield from ((field.id, f"{self.title} {number}: {message}") for message in field.errors)

    # Writing

    def populate_obj(self, obj: Any, name: str) -> None:
        """Make the children those of the rows: update, add, and leave out."""
        before = list(getattr(obj, name))
        by_id = {str(child.id): child for child in before}
        after = [self.child(by_id, row, place) for place, (_, row) in enumerate(self.filled())]
        setattr(obj, name, after)
        session = object_session(obj)
        if session and (after != before or any(session.is_modified(child) for child in after)):
            # So that the version of the whole grows, too: who edits it meanwhile has to learn of the other rows.
            flag_modified(obj, "created_at")

    def child(self, by_id: dict[str, Any], row: Row, place: int) -> Any:
        child = by_id.get(str(row["id"].data or "")) or self.model()
        row.fill(child)
        if hasattr(self.model, "position"):
            child.position = place
        return child

    # Two people at once

    def forget_missing(self, theirs: Any) -> None:
        """Rows whose child somebody else has removed meanwhile become new ones."""
        there = set(map(id_of, theirs.object_data))
        for entry in self.entries:
            if str(entry.form["id"].data or "") not in there:
                entry.form["id"].data = ""

    def words(self, say: Any) -> str:
        """The rows on one line; `say` writes the value of a field."""
        return "; ".join(", ".join(filter(None, map(say, row.shown()))) for _, row in self.filled())


def id_of(child: Any) -> str:
    return str((child.get("id") if isinstance(child, dict) else child.id) or "")


def is_untouched(field: Any, begins: bool) -> bool:
    """Whether the field says nothing. Where it `begins`, what it was shown with is nothing, too."""
    if field.process_errors or getattr(field, "sought", ""):
        return False
    default = field.default() if callable(field.default) else field.default
    return field.data is None or field.data is False or field.data == "" or (begins and field.data == default)


def product(row: Row, factors: Iterable[str]) -> Decimal:
    amount = Decimal(1)
    for name in factors:
        value = row[name].data
        amount *= value if isinstance(value, Decimal | int) else 0
    return amount.quantize(CENT)
