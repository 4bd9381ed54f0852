"""What must hold for every kind of record that goes to Buildium: a new one is tested by being registered."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.registry import RESOURCES
from portal.sync import imports
from portal.sync.pull import Outcome, pull_one
from portal.sync.resource import Direction, Field, Resource, same
from tests.live import Live

every = pytest.mark.parametrize("resource", [each for each in RESOURCES.ordered if each.pushed], ids=lambda it: it.name)


def plain_text(resource: Resource) -> Field:
    """A field that takes any short text, and stands at the same place in requests and answers."""
    return next(
        item
        for item in resource.fields
        if item.name and item.direction is Direction.BOTH and item.to_remote is same and item.longest
        and not (item.choices or item.shortest or item.read or "." in item.remote)
    )  # fmt: skip


def first(live: Live, resource: Resource) -> Any:
    live.http.post("/_control/reset", json={"to": "sample", "size": 12}).raise_for_status()
    imports.begin_import("test")
    live.work()
    record = db.session.scalars(select(resource.model).order_by(getattr(resource.model, resource.id_column))).first()
    for name in resource.consents:
        setattr(record, name, True)
    db.session.commit()
    return record


@every
def test_an_edit_here_arrives_there_and_nothing_else_changes(live: Live, resource: Resource) -> None:
    record, item = first(live, resource), plain_text(resource)
    address = f"{resource.path}/{resource.buildium_id(record)}"
    before = live.get(address)
    setattr(record, item.name or "", "Edited here")
    live.save(record)
    live.work_later()
    assert live.state(record) == "synced", live.row(record).error_message
    assert live.get(address) == {**before, item.remote: "Edited here"}


@every
def test_an_edit_there_arrives_here(live: Live, resource: Resource) -> None:
    record, item = first(live, resource), plain_text(resource)
    live.work_later()
    kind = {"property": "rentals", "unit": "units", "owner": "owners"}[resource.name]
    live.edit_there(kind, resource.buildium_id(record) or 0, **{item.remote: "Edited there"})
    assert pull_one(resource, resource.buildium_id(record) or 0) is Outcome.UPDATED
    assert getattr(record, item.name or "") == "Edited there"
