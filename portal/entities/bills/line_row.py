"""One line in the form of a bill."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from wtforms.validators import NumberRange, Optional

from portal.entities.bills.queries import accounts, categories, category_accounts
from portal.web.fields import LARGEST_MONEY, CodeField, MoneyField, NumberField, decimals, line, readable
from portal.web.record_field import RecordField
from portal.web.rows import Row

MARKUPS = {"Percent": "Percent of the amount", "Amount": "Dollars"}
LEAST = -99_999_999


class BillLineRow(Row):
    category_id = CodeField("Category", categories, kind=UUID, blank="None", hint="Fills the account.")
    gl_account_id = CodeField("Account", accounts, kind=UUID, blank="Choose …")
    property_id = RecordField("Property", "properties", hint="Empty: the company itself.")
    unit_id = RecordField("Unit", "units")
    amount = MoneyField("Amount", smallest=LEAST)
    memo = line("Memo", 240)
    markup_type = CodeField("Markup", MARKUPS, blank="None")
    markup_amount = NumberField(
        "Markup amount",
        [Optional(), readable, NumberRange(0, LARGEST_MONEY, "Enter a number of 0 or more."), decimals(2)],
        places=2,
        description="Added when somebody else is charged.",
    )

    def checks(self) -> Iterator[tuple[str, str]]:
        self.book_to_category()
        if self["gl_account_id"].data is None:
            yield "gl_account_id", "Choose the account, or a category."
        if not self["amount"].errors and not self["amount"].data:
            yield "amount", "Enter the amount."
        yield from self.place_problems()
        yield from self.markup_problems()

    def book_to_category(self) -> None:
        """A category stands for an account (MAPPING §4.11): chosen, it decides."""
        chosen = category_accounts().get(str(self["category_id"].data))
        if chosen:
            self["gl_account_id"].process(None, chosen[1])
            self["category_id"].process(None, None)

    def place_problems(self) -> Iterator[tuple[str, str]]:
        """The unit is one of the property (MAPPING §4.10); alone, it brings its property."""
        fields: Any = self
        unit, house = fields["unit_id"].chosen, fields["property_id"].chosen
        if unit is None:
            return
        if house is None:
            self["property_id"].process(None, unit.property_id)
        elif unit.property_id != house.id:
            yield "unit_id", f"This unit belongs to {unit.property}, not to {house}."

    def markup_problems(self) -> Iterator[tuple[str, str]]:
        kind, amount = self["markup_type"].data, self["markup_amount"].data
        if kind and amount is None and not self["markup_amount"].errors:
            yield "markup_amount", "Enter the markup amount, or choose no markup."
        elif amount is not None and not kind:
            yield "markup_type", "Choose what the markup is: a percentage or dollars."
        elif kind == "Percent" and amount is not None and amount > Decimal(100):
            yield "markup_amount", "A markup is 100 percent at most."

    def fill(self, child: Any) -> None:
        """The category only helped to find the account; a line without a property is the company's own."""
        for field in self.values():
            if field.short_name != "category_id":
                field.populate_obj(child, field.short_name)
        if child.property_id:
            child.accounting_entity_type = "Rental"
        elif child.accounting_entity_type != "Association":
            child.accounting_entity_type = "Company"
