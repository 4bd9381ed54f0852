"""One item in the form of a work order: what the vendor charges for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from wtforms.validators import NumberRange, Optional

from portal.entities.work_orders.queries import accounts
from portal.web.fields import CodeField, NumberField, line, readable
from portal.web.rows import Row

MOST = 99_999_999


class ExactField(NumberField):
    """A number that keeps all its decimals: Buildium's are floating point numbers here, and stay as they are."""

    def __init__(self, label: str, least: int, cents: bool = False, **options: Any) -> None:
        limits = NumberRange(least, MOST, f"Enter a number from {least:,} to {MOST:,}.")
        super().__init__(label, [Optional(), readable, limits], places=None, **options)
        self.cents = cents
        self.unit_before = "$" if cents else ""

    def _value(self) -> str:
        if self.raw_data or self.data is None:
            return str(super()._value())  # type: ignore[misc]
        plain = format(Decimal(self.data).normalize(), "f")
        whole, _, decimals = plain.partition(".")
        return f"{whole}.{decimals:0<2}" if self.cents else plain


class ItemRow(Row):
    gl_account_id = CodeField("Account", accounts, kind=UUID, blank="None")
    memo = line("What for", 1000)
    quantity = ExactField("Quantity", 0, default=Decimal(1))
    unit_price = ExactField("Price of one", -MOST, cents=True)

    def checks(self) -> Iterator[tuple[str, str]]:
        for name, words in (("quantity", "Enter how many."), ("unit_price", "Enter the price of one.")):
            if self[name].data is None and not self[name].errors:
                yield name, words
