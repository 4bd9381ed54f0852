"""Records with any values that a mapping's declaration allows: types, choices, lengths, what is required, conversions.

They are stand-ins without a database. Where a record of ours refers to another, its Buildium id is part of the local
one, so that nobody has to be asked: see `KnownIdentities`.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, cast

from hypothesis import strategies as st
from sqlalchemy import Numeric, inspect
from sqlalchemy.orm import ColumnProperty

from portal.entities.days import day_in, day_out
from portal.sync.conversions import BATHROOMS, BEDROOMS, bathrooms_out, bedrooms_out, date_out, money_out
from portal.sync.identities import Identities
from portal.sync.resource import Direction, Field, Resource
from tests.properties.texts import as_a_form_sends_it, texts

IDS = st.integers(1, 2**31 - 1)
DAYS = st.dates(date(1753, 1, 1), date(9999, 12, 31))
CENTS = st.integers(-(10**15) + 1, 10**15 - 1).map(lambda cents: Decimal(cents) / 100)
NEEDED_OF_AN_ADDRESS = ("address_line1", "postal_code", "country")


class StandIn:
    """In place of a record: it has what it was given, and None for everything else."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return None


class KnownIdentities(Identities):
    """“unit 7” here is 7 there."""

    def remote(self, resource: str, local_id: Any) -> int | None:
        name, _, number = str(local_id).rpartition(" ")
        assert name == resource
        return int(number)

    def local(self, resource: str, remote_id: int) -> Any:
        return f"{resource} {remote_id}"


def identities() -> Identities:
    return cast(Identities, KnownIdentities())


@st.composite
def records(draw: st.DrawFn, resource: Resource) -> StandIn:
    """A record of the resource (of one of its kinds, where it has kinds) as a form would leave it, so that it could be
    created."""
    values = {}
    for item in resource.fields:
        # Several fields for one attribute differ in their kinds; the one that is sent counts.
        if item.name and item.direction is not Direction.PULL and item.direction is not Direction.SWITCH:
            values[item.name] = draw(values_of(item, resource.model))
    return StandIn(**whole_addresses(draw, resource, together(resource, values)))


def values_of(item: Field, model: type[Any]) -> st.SearchStrategy[Any]:
    """Values of our attribute; None among them where nothing needs one."""
    if item.items:
        return st.lists(parts(item), min_size=int(item.required), max_size=3)
    if item.many:
        return st.sets(IDS, min_size=int(item.required), max_size=3).map(
            lambda ids: [f"{item.refers_to} {each}" for each in sorted(ids)]
        )
    some = some_values(item, model)
    return some if item.required or is_flag(item, model) else st.one_of(st.none(), some)


def is_flag(item: Field, model: type[Any]) -> bool:
    """A yes or no that is never neither."""
    column = column_of(model, item.name or "")
    return column is not None and column.type.python_type is bool and not column.nullable


def some_values(item: Field, model: type[Any]) -> st.SearchStrategy[Any]:
    if item.refers_to:
        return IDS.map(lambda number: f"{item.refers_to} {number}")
    if item.choices:
        return st.sampled_from(sorted(item.choices))
    converted: dict[Any, st.SearchStrategy[Any]] = {
        money_out: CENTS,
        date_out: DAYS,
        day_out: DAYS.map(str).map(day_in),
        bedrooms_out: st.sampled_from(sorted(BEDROOMS.values())),
        bathrooms_out: st.sampled_from(sorted(BATHROOMS.values())),
    }
    return converted[item.to_remote] if item.to_remote in converted else plain_values(item, model)


def plain_values(item: Field, model: type[Any]) -> st.SearchStrategy[Any]:
    found = column_of(model, item.name or "")
    column = None if found is None else found.type
    if isinstance(column, Numeric):
        most = 10 ** min(column.precision or 15, 15) - 1
        return st.integers(-most, most).map(lambda number: Decimal(number).scaleb(-(column.scale or 0)))
    if column is not None and column.python_type is bool:
        return st.booleans()
    if column is not None and column.python_type is int:
        return IDS if (item.name or "").endswith("_id") else st.integers(-(2**31), 2**31 - 1)
    if item.name == "contra":
        return st.just(True)  # a property that says yes, or nothing
    if item.name == "entry_contact_ids":
        return st.sets(IDS, min_size=1, max_size=3).map(sorted)
    shortest = item.shortest or 1
    kept = texts(item.longest, shortest).map(as_a_form_sends_it)
    return kept.filter(lambda text: text is not None and len(text) >= shortest)


def column_of(model: type[Any], name: str) -> Any:
    """The column behind an attribute; None for a relationship, a sealed value or a property."""
    found = getattr(inspect(model).all_orm_descriptors.get(name), "property", None)
    return found.columns[0] if isinstance(found, ColumnProperty) else None


@st.composite
def parts(draw: st.DrawFn, item: Field) -> Any:
    assert item.items
    values = {}
    for each in item.items.fields:
        if each.name and each.direction is not Direction.PULL and each.name != item.items.key:
            values[each.name] = draw(values_of(each, item.items.model))
    if "markup_amount" in values and None in (values["markup_amount"], values["markup_type"]):
        values["markup_amount"] = values["markup_type"] = None  # half of one is none
    if "accounting_entity_type" in values:
        values |= {
            "accounting_entity_type": "Rental",
            "property_id": draw(IDS.map(lambda number: f"property {number}")),
        }
    return item.items.model(**values)


def together(resource: Resource, values: dict[str, Any]) -> dict[str, Any]:
    """What only makes sense in one piece, and is refused before it is sent otherwise."""
    if resource.name == "gl_account":
        # Only a create needs one, so that the mapping's `check` says it and not its field.
        return {**values, "account_number": values["account_number"] or "1000"}
    if resource.name == "vendor" and None in (values["tax_id"], values["tax_payer_type"]):
        return {**values, "tax_id": None, "tax_payer_type": None, "include_in_1099": None}
    return values


def whole_addresses(draw: st.DrawFn, resource: Resource, values: dict[str, Any]) -> dict[str, Any]:
    """An address that isn't required is there with all that Buildium needs of one, or not at all (MAPPING §3.1)."""
    for name in [each for each in values if each.endswith("address_line1")]:
        prefix = name.removesuffix("address_line1")
        mine = [each for each in values if each.startswith(prefix) and each.removeprefix(prefix) in ADDRESS]
        if any(values[f"{prefix}{each}"] is None for each in NEEDED_OF_AN_ADDRESS):
            values |= dict.fromkeys(mine)
    return values


ADDRESS = {*NEEDED_OF_AN_ADDRESS, "address_line2", "address_line3", "city", "state"}
