"""The form of a bank account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from wtforms import Field, StringField, ValidationError
from wtforms.validators import DataRequired, Length, Optional

from portal.web.address import own_country
from portal.web.fields import LARGEST_MONEY, CodeField, MoneyField, SecretField, text
from portal.web.forms import Group, RecordForm
from portal.words import BANK_ACCOUNT_TYPES, COUNTRIES

NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z -]*")
WEIGHTS = (3, 7, 1) * 3


def whole_number(_: Any, field: Field) -> None:
    """A validator: what pages show of a stored number is no number."""
    if not NUMBER.fullmatch(field.data or ""):
        raise ValidationError("Enter the whole number, in digits and letters; no part of it may be masked.")


class BankAccountForm(RecordForm):
    groups = (
        Group("Account", ("name", "bank_account_type", "country", "description")),
        Group(
            "Numbers",
            ("routing_number", "account_number"),
            "Kept encrypted. Leave a field empty to keep what is stored.",
        ),
        Group("Balance", ("balance",), "Buildium’s balance comes from there and is shown beside it."),
    )

    name = StringField("Name", [DataRequired("Enter the account’s name."), Length(max=255)])
    bank_account_type = CodeField("Kind of account", BANK_ACCOUNT_TYPES, blank="Choose …")
    country = CodeField("Country", COUNTRIES, default=own_country)
    description = text("Description")
    routing_number = SecretField(
        "Routing number",
        [Optional(), Length(max=20)],
        description="US: the nine digits on a check. Canada: 0, the institution’s three digits, the transit’s five.",
    )
    account_number = SecretField("Account number", [Optional(), Length(max=34), whole_number])
    balance = MoneyField("Balance by your books", smallest=-int(LARGEST_MONEY))

    def checks(self) -> Iterator[tuple[str, str]]:
        problem = routing_problem(self.country.data or "", self.routing_number.data or "")
        if problem:
            yield "routing_number", problem

    def fill(self, record: Any) -> None:
        super().fill(record)
        record.balance = record.balance or Decimal(0)


def routing_problem(country: str, written: str) -> str:
    """Why no bank of the country has this routing number; empty where one may (MAPPING §4.6)."""
    if not written or country not in ("UnitedStates", "Canada"):
        return ""
    if not re.fullmatch("[0-9]{9}", written):
        return "Enter the nine digits of the routing number."
    if country == "Canada":
        return "" if written.startswith("0") else "In Canada it begins with 0: then three digits, then five."
    # The last digit of a US number makes up for the others.
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, written, strict=True))
    return "" if total % 10 == 0 else "No US bank has this number. Check it for a slip."
