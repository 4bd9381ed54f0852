"""The lists of open and of decided conflicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, render_template, request
from sqlalchemy import ColumnElement, Text, cast, func, literal, select, text
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.orm import load_only
from werkzeug.datastructures import MultiDict

from portal.extensions import db
from portal.operations.blueprint import operations
from portal.operations.lists import STATE, Asked, Listing, read_list
from portal.operations.records import conflict
from portal.operations.records.listing import sought
from portal.operations.words import kinds
from portal.sync.decision_models import SyncDecision
from portal.sync.models import SyncStatus
from portal.sync.states import State
from portal.web.access import Permission, requires
from portal.web.filters import Choice, Words

NEWEST = 2000
# What the filters offer: fields and people of the newest ones, so that it costs the same however many there are.
PRESENT = text(
    """
    select distinct each.key, each.value ->> 'label', each.value ->> 'changed_by_id', each.value ->> 'changed_by'
    from (select conflict from buildium_sync_status
          where sync_status = 'conflict' and jsonb_typeof(conflict) = 'object'
          order by updated_at desc, id desc limit :newest) as newest, jsonb_each(newest.conflict) as each
    """
)
DECIDERS = text(
    """
    select distinct decided_by_id, decided_by
    from (select decided_by_id, decided_by from sync_decisions
          order by decided_at desc, id desc limit :newest) as newest
    where decided_by_id is not null
    """
)


def present() -> list[Any]:
    """Asked of the database once per request."""
    if "conflict_facts" not in g:
        g.conflict_facts = db.session.execute(PRESENT, {"newest": NEWEST}).all()
    found: list[Any] = g.conflict_facts
    return found


def fields_present() -> Mapping[str, str]:
    return dict(sorted({place: label for place, label, _, _ in present()}.items(), key=lambda each: each[1].lower()))


def authors_present() -> Mapping[str, str]:
    found = {key: name or "Somebody" for _, _, key, name in present() if key}
    return dict(sorted(found.items(), key=lambda each: each[1].lower()))


def deciders() -> Mapping[str, str]:
    return {str(key): name for key, name in db.session.execute(DECIDERS, {"newest": NEWEST})}


def of_field(place: str) -> ColumnElement[bool]:
    return SyncStatus.conflict.op("?", is_comparison=True)(cast(place, Text))


def changed_by(key: str) -> ColumnElement[bool]:
    """`key` is one of those that are present."""
    path = cast(literal(f'$.*.changed_by_id ? (@ == "{key}")', Text), JSONPATH)
    return SyncStatus.conflict.op("@?", is_comparison=True)(path)


CONFLICTS = Listing(
    "operations.conflicts",
    SyncStatus,
    SyncStatus.updated_at,
    filters=(
        Choice(STATE, "State", {State.CONFLICT.value: "Open"}, lambda value: SyncStatus.sync_status == value),
        Words("q", "Name or id", sought),
        Choice("entity_type", "Kind", kinds, lambda value: SyncStatus.entity_type == value),
        Choice("field", "Field", fields_present, of_field),
        Choice("who", "Changed here by", authors_present, changed_by),
    ),
    loads=(
        load_only(
            SyncStatus.entity_type, SyncStatus.entity_id, SyncStatus.buildium_id, SyncStatus.record_name,
            SyncStatus.conflict, SyncStatus.updated_at,
        ),
    ),
)  # fmt: skip

DECISIONS = Listing(
    "operations.decisions",
    SyncDecision,
    SyncDecision.decided_at,
    filters=(
        Choice("entity_type", "Kind", kinds, lambda value: SyncDecision.entity_type == value),
        Choice("who", "Decided by", deciders, lambda value: SyncDecision.decided_by_id == value),
        Choice(
            "undone",
            "Undone",
            {"yes": "Yes", "no": "No"},
            lambda value: SyncDecision.undone_at.is_not(None) if value == "yes" else SyncDecision.undone_at.is_(None),
        ),
    ),
)


@operations.get("/conflicts")
@requires(Permission.VIEW_SYNC)
def conflicts() -> str:
    asked = read_list(CONFLICTS, request.args, state=State.CONFLICT.value)
    page = asked.page()
    numbers = {"open": number_of(asked), "decided": number_of(read_list(DECISIONS, MultiDict()))}
    return render_template("sync/conflicts.html", asked=asked, page=page, numbers=numbers, told=told(page.records))


@operations.get("/decisions")
@requires(Permission.VIEW_SYNC)
def decisions() -> str:
    asked = read_list(DECISIONS, request.args)
    still_open = read_list(CONFLICTS, MultiDict(), state=State.CONFLICT.value)
    numbers = {"open": number_of(still_open), "decided": number_of(asked)}
    return render_template(
        "sync/decisions.html", asked=asked, page=asked.page(), numbers=numbers, summary=conflict.summary
    )


def number_of(asked: Asked) -> int:
    """All rows behind a tab."""
    return db.session.scalar(select(func.count()).select_from(asked.listing.model).where(*asked.where())) or 0


def told(rows: Any) -> Mapping[Any, list[conflict.Disputed]]:
    """Row → its fields as the list shows them. A query per kind on the page at most."""
    found: dict[Any, list[conflict.Disputed]] = {}
    for entity_type in sorted({row.entity_type for row in rows}):
        mine = {row.id: row.conflict or {} for row in rows if row.entity_type == entity_type}
        found |= conflict.described(mine, entity_type)
    return found
