"""A conflict as a person decides it: per field what both sides had, ours and Buildium's, who changed it, and what each
choice does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import select

from portal.extensions import db
from portal.operations.records.readable import Side, names_in, side_of
from portal.sync.authors import changed_by
from portal.sync.bodies import ours, secret_remotes, theirs
from portal.sync.conflicts import digest, renewed
from portal.sync.current import current_sync
from portal.sync.decision_models import SyncDecision
from portal.sync.decisions import OURS, THEIRS
from portal.sync.identities import Identities
from portal.sync.merge import equal
from portal.sync.models import SyncStatus
from portal.sync.resource import Field, Resource
from portal.sync.similar import SAME_FIELDS, Example, number_similar
from portal.sync.states import State
from portal.sync.undoing import undo_until, why_not
from portal.vault import SealedError, masked
from portal.web.access import Permission, may
from portal.web.formats import moment

LATEST = 10


@dataclass(frozen=True)
class Disputed:
    """One field that both sides changed. `who` says who changed ours and when; `seen` when Buildium's change was seen,
    `seen_url` what told of it. `keeping` and `taking` say what the two choices do."""

    place: str
    label: str
    base: Side
    ours: Side
    theirs: Side
    who: str
    seen: str
    seen_url: str | None
    keeping: str
    taking: str
    is_settled: bool  # both sides say the same by now


@dataclass(frozen=True)
class Conflict:
    """`seen` names it as it is shown; `is_outdated` tells that ours was saved again since it was written down."""

    fields: tuple[Disputed, ...]
    seen: str
    is_outdated: bool
    similar: int  # other records with an open conflict about the same fields


def of(row: SyncStatus) -> Conflict | None:
    """The open conflict of a row, with our values as they are now; None where there is none."""
    resource = current_sync().resources.by_name.get(row.entity_type)
    record = db.session.get(resource.model, row.entity_id) if resource else None
    if row.sync_status != State.CONFLICT or not row.conflict or resource is None:
        return None
    known: Mapping[str, Mapping[str, Any]] = row.conflict
    fresh, authors = known, dict[str, dict[str, Any]]()
    try:
        if record is not None:
            mine = ours(resource, record, Identities())
            fresh = renewed(resource, known, mine, theirs(resource, row.remote_snapshot or {}))
            authors = changed_by(resource, record, known)
    except SealedError:
        record = None
    described = describe(resource, record, fresh, authors)
    outdated = any(not equal(fresh[place]["ours"], known[place]["ours"]) for place in known)
    like_it = number_similar(Example(row.entity_type, row.id, known), SAME_FIELDS)
    return Conflict(tuple(described), digest(fresh), outdated, like_it)


def describe(
    resource: Resource, record: Any, conflict: Mapping[str, Mapping[str, Any]], authors: Mapping[str, Mapping[str, Any]]
) -> list[Disputed]:
    items = {item.remote: item for item in resource.fields}
    hidden = secret_remotes(resource)
    names = names_in([(items.get(place), each[side]) for place, each in conflict.items() for side in SIDES])
    return [
        disputed(place, {**each, **authors.get(place, {})}, items.get(place), record, place in hidden, names)
        for place, each in conflict.items()
    ]


SIDES = ("base", OURS, THEIRS)


def disputed(
    place: str, each: Mapping[str, Any], item: Field | None, record: Any, hidden: bool, names: Mapping[Any, str]
) -> Disputed:
    base, mine, yours = (side_of(item, each[side], names, each["base"]) for side in SIDES)
    if hidden:
        mine = secret_of(record, each.get("field"), mine)
    seen, seen_url = seen_words(each)
    return Disputed(
        place, each["label"], base, mine, yours, who_words(each), seen, seen_url,
        *effects(mine, yours, hidden), is_settled=equal(each[OURS], each[THEIRS]),
    )  # fmt: skip


def secret_of(record: Any, field: str | None, side: Side) -> Side:
    """Its last characters, for those who may see hidden values; nobody sees Buildium's, which isn't kept here."""
    if record is None or not field or not side.words or not may(Permission.REVEAL_SENSITIVE):
        return side
    return Side(masked(getattr(record, field)) or side.words)


def effects(mine: Side, yours: Side, hidden: bool) -> tuple[str, str]:
    """What keeping ours does, and what taking Buildium's does."""
    if hidden or mine.parts or yours.parts:
        return "Ours stays here and replaces Buildium’s there.", "Buildium’s replaces ours here."
    our_value, their_value = quoted(mine), quoted(yours)
    return f"{our_value} stays here and replaces {their_value} there.", f"{their_value} replaces {our_value} here."


def quoted(side: Side) -> str:
    return f"“{side.words}”" if side.words else "Nothing"


def who_words(each: Mapping[str, Any]) -> str:
    if not each.get("changed_at"):
        return ""
    return f"{each.get('changed_by') or 'Somebody'}, {moment(datetime.fromisoformat(each['changed_at']))}"


def seen_words(each: Mapping[str, Any]) -> tuple[str, str | None]:
    """When Buildium's change was seen, and the page of what told of it."""
    if not each.get("seen_at"):
        return "", None
    at, through = moment(datetime.fromisoformat(each["seen_at"])), each.get("seen_through") or {}
    if "webhook" in through:
        return f"Told by a webhook, {at}", url_for("operations.webhook", event_id=through["webhook"])
    if "run" in through:
        return f"Found by a comparison, {at}", url_for("operations.runs")
    return f"Found when ours was to be sent, {at}", None


@dataclass(frozen=True)
class Decided:
    """One decision about a record. `refused` says why it can't be undone, empty where it can until `until`."""

    decision: SyncDecision
    summary: str
    refused: str
    until: datetime


def decided(row: SyncStatus) -> list[Decided]:
    """The newest decisions about a record, newest first."""
    mine = select(SyncDecision).where(SyncDecision.status_id == row.id)
    newest = mine.order_by(SyncDecision.decided_at.desc(), SyncDecision.id.desc()).limit(LATEST)
    found = db.session.scalars(newest).all()
    # Only the last one can be undone: the others aren't asked about.
    return [
        Decided(each, summary(each), why_not(each, row) if not place else LATER, undo_until(each))
        for place, each in enumerate(found)
    ]


LATER = "A later conflict of this record was decided."


def summary(decision: Any) -> str:
    """“Kept ours for Name, took Buildium’s for Reserve.”"""
    kept = [each["label"] for each in decision.fields.values() if each["side"] == OURS]
    taken = [each["label"] for each in decision.fields.values() if each["side"] == THEIRS]
    words = [f"kept ours for {', '.join(kept)}"] if kept else []
    words += [f"took Buildium’s for {', '.join(taken)}"] if taken else []
    text = ", ".join(words)
    return f"{text[:1].upper()}{text[1:]}."


def described(conflicts: Mapping[Any, Mapping[str, Mapping[str, Any]]], entity_type: str) -> dict[Any, list[Disputed]]:
    """The fields of many stored conflicts of one kind. One query at most."""
    resource = current_sync().resources.by_name.get(entity_type)
    if resource is None:
        return {}
    items, hidden = {item.remote: item for item in resource.fields}, secret_remotes(resource)
    values = [
        (items.get(place), each[side]) for one in conflicts.values() for place, each in one.items() for side in SIDES
    ]
    names = names_in(values)
    return {
        key: [disputed(place, each, items.get(place), None, place in hidden, names) for place, each in one.items()]
        for key, one in conflicts.items()
    }


def fields_of(decision: SyncDecision) -> list[tuple[Disputed, str]]:
    """The fields of a decision with the three values of then, and the side that was chosen."""
    told = described({decision.id: decision.fields}, decision.entity_type).get(decision.id, [])
    return [(each, decision.fields[each.place]["side"]) for each in told]
