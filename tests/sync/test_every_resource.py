"""What must hold for every kind of record that goes to Buildium: a new one is tested by being registered."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.registry import RESOURCES
from portal.sync import imports
from portal.sync.page import Outcome
from portal.sync.pull import pull_one
from portal.sync.resource import Direction, Field, Resource, same
from tests.live import Live

# Without a text that could be edited here and there; their own tests say the same of their dates.
NO_TEXT = {"lease", "bill_payment"}
WITH_TEXT = [each for each in RESOURCES.ordered if each.pushed and each.name not in NO_TEXT]
every = pytest.mark.parametrize("resource", WITH_TEXT, ids=lambda it: it.name)

# What the sandbox calls the kind.
KINDS = {
    "gl_account": "gl_accounts",
    "bank_account": "bank_accounts",
    "property": "rentals",
    "unit": "units",
    "owner": "owners",
    "vendor": "vendors",
    "vendor_category": "vendor_categories",
    "task_category": "task_categories",
    "bill": "bills",
    "bill_payment": "bill_payments",
    "task": "tasks",
    "work_order": "work_orders",
    "tenant": "tenants",
}
# Of a person or of a company: Buildium drops that of the other.
NAMES = {"FirstName", "LastName", "CompanyName"}
# What a person has said of the record before it may be sent: no answer of Buildium tells it.
SAID: dict[str, dict[str, Any]] = {"gl_account": {"is_cash_asset": False}, "bill": {"status": "pending"}}


def plain_text(resource: Resource) -> Field:
    """A field that takes any short text, and stands at the same place in requests and answers."""
    return next(
        item
        for item in resource.fields
        if item.name and item.direction is Direction.BOTH and item.to_remote is same
        and (item.longest or item.name == "name")  # the name of a category may be of any length
        and not (item.choices or item.shortest or item.read or "." in item.remote)
        and item.remote not in NAMES
    )  # fmt: skip


def first(live: Live, resource: Resource) -> Any:
    live.http.post("/_control/reset", json={"to": "sample", "size": 12}).raise_for_status()
    imports.begin_import("test")
    live.work()
    records = select(resource.model).order_by(getattr(resource.model, resource.id_column))
    if hasattr(resource.model, "is_system"):
        records = records.where(resource.model.is_system.is_(False))  # Buildium lets nobody edit its own
    found = list(db.session.scalars(records))
    record = next((each for each in found if loses_nothing(live, resource, each)), found[0])
    for name, value in (dict.fromkeys(resource.consents, True) | SAID.get(resource.name, {})).items():
        setattr(record, name, value)
    db.session.commit()
    return record


def loses_nothing(live: Live, resource: Resource, record: Any) -> bool:
    """Whether an update needs no person's consent that a part of the record is erased in Buildium."""
    return not resource.consents or not resource.check(record, live.row(record).remote_snapshot or {})


@every
def test_an_edit_here_arrives_there_and_nothing_else_changes(live: Live, resource: Resource) -> None:
    record, item = first(live, resource), plain_text(resource)
    address = f"{resource.path}/{resource.buildium_id(record)}"
    before = said(live, address)
    setattr(record, item.name or "", "Edited here")
    live.save(record)
    live.work_later()
    assert live.state(record) == "synced", live.row(record).error_message
    assert said(live, address) == {**before, item.remote: "Edited here"}


def said(live: Live, address: str) -> dict[str, Any]:
    """What Buildium answers, but for the time of the last change."""
    return {key: value for key, value in live.get(address).items() if key != "LastUpdatedDateTime"}


@every
def test_an_edit_there_arrives_here(live: Live, resource: Resource) -> None:
    record, item = first(live, resource), plain_text(resource)
    live.work_later()
    live.edit_there(KINDS[resource.name], resource.buildium_id(record) or 0, **{item.remote: "Edited there"})
    assert pull_one(resource, resource.buildium_id(record) or 0) is Outcome.UPDATED
    assert getattr(record, item.name or "") == "Edited there"
