"""The form of a ledger account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from portal.entities.gl_accounts.model import TYPE_OF_SUB_TYPE, GlAccount
from portal.entities.gl_accounts.queries import namesake, parents
from portal.extensions import db
from portal.web.fields import CodeField, line
from portal.web.forms import Group, RecordForm
from portal.words import CASH_FLOWS, GL_SUB_TYPES, GL_TYPES

YES_OR_NO = {"True": "Yes", "False": "No"}
# What of an account that Buildium books to by itself can't be changed without changing its books.
OF_DEFAULT_ACCOUNTS = ("sub_type", "parent_id", "is_contra_account", "cash_flow_classification")


class GlAccountForm(RecordForm):
    groups = (
        Group("Account", ("account_number", "name", "sub_type", "parent_id", "description")),
        Group(
            "Cash",
            ("is_cash_asset", "is_contra_account", "cash_flow_classification"),
            "A cash asset is no contra account and has no cash flow classification.",
        ),
    )

    account_number = line("Account number", 12, hint="Only once in the chart of accounts, such as 5110.")
    name = StringField(
        "Name",
        [DataRequired("Enter the account’s name."), Length(max=50)],
        description="Only once in the chart of accounts.",
    )
    sub_type = CodeField(
        "Kind of account",
        GL_SUB_TYPES,
        blank="Choose …",
        validators=[DataRequired("Choose the kind of account.")],
        hint="Whether it is an asset, a liability, equity, income or an expense follows from it.",
    )
    parent_id = CodeField(
        "Sub account of", parents, kind=UUID, blank="None", hint="One of the same type. Sub accounts go one level deep."
    )
    description = TextAreaField("Description", [Optional(), Length(max=250)], render_kw={"rows": 3})
    is_cash_asset = CodeField(
        "Cash asset",
        YES_OR_NO,
        blank="Not said",
        kind=lambda code: code == "True",
        hint="Cash at hand or on the way to the bank. Only a current asset can be one. Buildium never shows it.",
    )
    is_contra_account = BooleanField("Contra account", description="It lessens what other accounts of its type hold.")
    cash_flow_classification = CodeField("Cash flow", CASH_FLOWS, hint="Where the cash flow statement has it.")

    def adapt(self) -> None:
        """What Buildium keeps itself isn't offered."""
        account = self.record
        if account is None:
            return
        if account.is_kept_by_buildium:
            for name in (name for group in self.groups for name in group.names):
                del self[name]
            return
        for name in OF_DEFAULT_ACCOUNTS if account.is_default_gl_account else ():
            del self[name]
        if "parent_id" in self and account.children:
            del self.parent_id
        elif "parent_id" in self:
            self.parent_id.choices = [(code, words) for code, words in self.offered() if code != str(account.id)]

    def offered(self) -> list[tuple[str, str]]:
        """The parents to choose from."""
        choices: Any = self.parent_id.choices
        return list(choices)

    def prefill(self, given: Mapping[str, str]) -> None:
        """A sub account is usually of the kind of its parent."""
        super().prefill(given)
        parent = parent_of(given.get("parent_id", ""))
        if parent and str(parent.id) in dict(self.offered()):
            self.parent_id.process(None, parent.id)
            self.sub_type.process(None, parent.sub_type)

    def checks(self) -> Iterator[tuple[str, str]]:
        if "name" not in self:
            return
        if not self.account_number.data and (self.record is None or self.record.account_number):
            yield "account_number", "Enter the account number."
        yield from self.taken()
        yield from self.family_problems()
        if "is_cash_asset" in self:
            yield from self.cash_problems()

    def taken(self) -> Iterator[tuple[str, str]]:
        for field, words in ((self.account_number, "number"), (self.name, "name")):
            own = self.record.id if self.record else None
            other = namesake(field.name, field.data, own) if field.data else None
            if other:
                yield field.name, f"“{other}” has this {words} already. Choose another {words}."

    def family_problems(self) -> Iterator[tuple[str, str]]:
        """Parents and sub accounts are of one type."""
        kind = TYPE_OF_SUB_TYPE.get(self.kind or "", "")
        parent = db.session.get(GlAccount, self.parent_id.data) if "parent_id" in self and self.parent_id.data else None
        if kind and parent and parent.type != kind:
            yield (
                "parent_id",
                f"“{parent}” is of another type ({GL_TYPES[parent.type].lower()}). Choose one of the same.",
            )
        children = self.record.children if self.record else ()
        if kind and any(child.type != kind for child in children):
            yield "sub_type", "Its sub accounts are of another type. Move them first."

    def cash_problems(self) -> Iterator[tuple[str, str]]:
        """Rules of Buildium (MAPPING §4.7). What it never shows must be said before an update can keep it."""
        cash, is_known_there = self.is_cash_asset.data, self.record and self.record.buildium_gl_account_id is not None
        if self.kind != "CurrentAsset":
            if cash:
                yield "is_cash_asset", "Only a current asset can be a cash asset."
        elif cash is None and is_known_there:
            yield (
                "is_cash_asset",
                "Say whether this is a cash asset: Buildium doesn’t show it, and an update from here would erase it.",
            )
        elif cash:
            yield from self.contradictions()

    def contradictions(self) -> Iterator[tuple[str, str]]:
        if self.value_of("is_contra_account"):
            yield self.beside("is_contra_account"), "A cash asset can’t be a contra account."
        if self.value_of("cash_flow_classification"):
            yield self.beside("cash_flow_classification"), "A cash asset has no cash flow classification."

    def beside(self, name: str) -> str:
        return name if name in self else "is_cash_asset"

    def value_of(self, name: str) -> Any:
        """As it will be: what the form says, or the record where the form doesn't ask."""
        return self[name].data if name in self else getattr(self.record, name)

    @property
    def kind(self) -> str | None:
        value: str | None = self.value_of("sub_type")
        return value

    def fill(self, record: Any) -> None:
        super().fill(record)
        if "name" not in self:
            return
        if record.sub_type != "CurrentAsset":
            record.is_cash_asset = None
        elif record.buildium_gl_account_id is None:
            # Empty means that only Buildium knows; of a new account it knows nothing.
            record.is_cash_asset = bool(record.is_cash_asset)
        if "parent_id" in self:
            parent = db.session.get(GlAccount, record.parent_id) if record.parent_id else None
            record.buildium_parent_gl_account_id = parent.buildium_gl_account_id if parent else None


def parent_of(text: str) -> GlAccount | None:
    try:
        return db.session.get(GlAccount, UUID(text))
    except ValueError:
        return None
