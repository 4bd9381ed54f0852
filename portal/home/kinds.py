"""What a search shows of each kind of record: what it is called and a few facts, as SQL, because one statement finds
records of all kinds. The kinds stand in the order in which people look for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Text, case, cast, func, select

from portal.web.formats import day, money
from portal.words import BANK_ACCOUNT_TYPES, GL_TYPES, LEASE_STATUSES, TASK_STATUSES

BETWEEN = " – "

Read = Callable[[Any], ColumnElement[Any]]
Write = Callable[[str], str]


@dataclass(frozen=True)
class Fact:
    """`read` gives the value as SQL for a model, `write` the words for its text."""

    read: Read
    write: Write = str


@dataclass(frozen=True)
class Kind:
    title: Read
    facts: tuple[Fact, ...] = ()


def own(name: str, write: Write = str) -> Fact:
    """A column of the record itself."""
    return Fact(lambda model: getattr(model, name), write)


def of(relation: str, write: Write = str, name: str = "name") -> Fact:
    """A column of the record that the relationship `relation` leads to."""
    return Fact(lambda model: linked(model, relation, name), write)


def linked(model: Any, relation: str, name: str) -> ColumnElement[Any]:
    ((mine, theirs),) = getattr(model, relation).property.local_remote_pairs
    found: ColumnElement[Any] = select(theirs.table.c[name]).where(theirs == mine).scalar_subquery()
    return found


def coded(words: Mapping[str, str]) -> Write:
    return lambda code: words.get(code, code)


def amount(text: str) -> str:
    return money(Decimal(text))


def on(prefix: str) -> Write:
    """A day, or the midnight of one."""
    return lambda text: f"{prefix} {day(date.fromisoformat(text[:10]))}".strip()


def person(model: Any) -> ColumnElement[Any]:
    return func.concat_ws(" ", model.first_name, model.last_name)


def owner(model: Any) -> ColumnElement[Any]:
    """As Owner says it: the company, or the person; whichever there is."""
    names = (model.company_name, func.nullif(person(model), ""))
    return case((model.is_company, func.coalesce(*names)), else_=func.coalesce(*reversed(names)))


def place(model: Any) -> ColumnElement[Any]:
    return func.concat_ws(BETWEEN, linked(model, "property", "name"), linked(model, "unit", "unit_number"))


def tenants(model: Any) -> ColumnElement[Any]:
    part = model.tenants.property.mapper.class_
    tenant = part.tenant.property.mapper.class_
    names = select(func.string_agg(person(tenant), ", ")).join_from(part, tenant, part.tenant_id == tenant.id)
    return names.where(part.lease_id == model.id).scalar_subquery()


def payee(model: Any) -> ColumnElement[Any]:
    bill = model.bill.property.mapper.class_
    return select(linked(bill, "vendor", "name")).where(bill.id == model.bill_id).scalar_subquery()


def dated(words: str) -> Read:
    """The reference number, else what the record is and of which day."""
    return lambda model: func.coalesce(model.reference_number, func.concat(words, cast(model.date, Text)))


KINDS: Mapping[str, Kind] = {
    "properties": Kind(lambda it: it.name, (own("address_line1"), own("city"))),
    "units": Kind(
        lambda it: func.concat_ws(BETWEEN, linked(it, "property", "name"), it.unit_number),
        (own("address_line1"), own("market_rent", amount)),
    ),
    "tenants": Kind(person, (own("email"), own("phone_mobile"))),
    "owners": Kind(owner, (own("email"), own("phone_mobile"))),
    "leases": Kind(
        place, (Fact(tenants), own("start_date", on("from")), own("end_date", on("until")),
                own("status", coded(LEASE_STATUSES)))
    ),
    "vendors": Kind(lambda it: it.name, (of("category"), own("email"), own("phone_number"))),
    "bills": Kind(
        dated("Bill of "), (of("vendor"), of("property"), own("due_date", on("due")), own("amount", amount))
    ),
    "bill_payments": Kind(dated("Payment of "), (Fact(payee), own("date", on("")), own("amount", amount))),
    "tasks": Kind(lambda it: it.subject, (own("status", coded(TASK_STATUSES)), of("property"))),
    "work_orders": Kind(
        lambda it: it.subject, (own("status", coded(TASK_STATUSES)), of("vendor"), of("property"))
    ),
    "bank_accounts": Kind(lambda it: it.name, (own("bank_account_type", coded(BANK_ACCOUNT_TYPES)),)),
    "gl_accounts": Kind(
        lambda it: func.concat_ws(" ", it.account_number, it.name), (own("type", coded(GL_TYPES)),)
    ),
    "bill_categories": Kind(lambda it: it.name, (of("gl_account"),)),
    "vendor_categories": Kind(lambda it: it.name),
    "task_categories": Kind(lambda it: it.name),
}  # fmt: skip
