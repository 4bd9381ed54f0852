"""What a push would do, in words: each value that it changes, what it empties, and the requests beside the update."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.extensions import db
from portal.sync.bodies import secret_remotes
from portal.sync.current import current_sync
from portal.sync.errands import Errand, Upload
from portal.sync.identities import Identities
from portal.sync.merge import Merge, equal
from portal.sync.resource import Body, Direction, Field, Resource
from portal.vault import Sealed

HIDDEN = "•••"
TOLD = 3  # changes that a sentence names


@dataclass(frozen=True)
class Change:
    """One value as Buildium has it and as it would be told; “” is none."""

    label: str
    before: str
    after: str
    erases: bool = False


def changes_of(resource: Resource, seen: Body, merge: Merge) -> list[Change]:
    """What an update would change in Buildium, where it says `seen` now. What it would empty is among it, also where
    nobody asked for that."""
    asked = [item for item in resource.fields if item.remote in merge.outgoing]
    lost = [item for item in resource.fields if item not in asked and is_emptied(item, seen, merge)]
    hidden = hidden_places(resource)
    return [change_of(item, seen, merge, item.remote in hidden) for item in [*asked, *lost]]


def is_emptied(item: Field, seen: Body, merge: Merge) -> bool:
    in_place = item.in_update and item.readable and item.remote in merge.values
    return in_place and not equal(item.extract(seen), None) and equal(merge.values[item.remote], None)


def change_of(item: Field, seen: Body, merge: Merge, is_hidden: bool) -> Change:
    before, after = item.extract(seen) if item.readable else None, merge.values.get(item.remote)
    erases = not equal(before, None) and equal(after, None)
    if is_hidden or item.direction is Direction.WRITE:
        return Change(item.words, HIDDEN if before else "", "" if equal(after, None) else HIDDEN, erases)
    grouped = any(isinstance(each, float | Decimal) for each in (before, after))
    return Change(item.words, text_of(item, before, grouped), text_of(item, after, grouped), erases)


def hidden_places(resource: Resource) -> set[str]:
    """The places whose value is never written down here: Buildium's secrets, and what we keep encrypted."""
    sealed = {
        item.remote
        for item in resource.fields
        if item.name and isinstance(inspect.getattr_static(resource.model, item.name, None), Sealed)
    }
    return secret_remotes(resource) | sealed


def text_of(item: Field, value: Any, grouped: bool) -> str:
    if equal(value, None):
        return ""
    if isinstance(value, list):
        return f"{len(value)} of them" if item.items else ", ".join(text_of(item, each, False) for each in value)
    if item.refers_to and isinstance(value, int):
        return name_of(item.refers_to, value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if grouped and isinstance(value, int | float | Decimal):
        return f"{float(value):,.2f}".removesuffix(".00")
    return str(value)


def name_of(kind: str, buildium_id: int) -> str:
    """What we call Buildium's record; its number where we don't have it."""
    local = Identities().local(kind, buildium_id)
    record = None if local is None else db.session.get(current_sync().resource(kind).model, local)
    return f"number {buildium_id}" if record is None else f"“{record}”"


def said_of_create(kind: str, name: str, along: int) -> str:
    taken = f", together with {along} of its own" if along else ""
    return f"Would create the {kind.replace('_', ' ')} “{name}”{taken}."


def said_of_changes(changes: Sequence[Change], besides: Sequence[str] = (), linked: int | None = None) -> str:
    """“Would change rent from 1,200 to 1,250. Would erase nothing.”"""
    parts = [] if linked is None else [f"Would be linked to Buildium's record {linked}, which is there already."]
    told = [said_of(each) for each in changes if not each.erases]
    more = f" and {len(told) - TOLD} more" if len(told) > TOLD else ""
    parts += [f"Would change {', '.join(told[:TOLD])}{more}."] if told else []
    parts += [f"Would {each}." for each in besides]
    erased = [f"{lowered(each.label)} ({each.before})" for each in changes if each.erases]
    return " ".join([*parts, f"Would erase {', '.join(erased) or 'nothing'}."])


def said_of(change: Change) -> str:
    before = change.before if len(change.before) < 60 else "another text"
    after = change.after if len(change.after) < 60 else "a longer text"
    start = f"from {before} " if change.before else ""
    return f"{lowered(change.label)} {start}to {after}"


def lowered(label: str) -> str:
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def said_of_errands(errands: Iterable[Errand | Upload], told: Collection[str] = ()) -> list[str]:
    """What goes beside the update, once for each."""
    return [each for each in map(said_of_errand, errands) if each not in told]


def said_of_errand(errand: Errand | Upload) -> str:
    if isinstance(errand, Upload):
        return f"upload “{errand.file_name}”"
    if errand.path.endswith("inactivationrequest"):
        return "make it inactive in Buildium"
    if errand.path.endswith("reactivationrequest"):
        return "make it active in Buildium"
    if errand.whole:
        return "send it together with a message for its history"
    verb = {"DELETE": "take away", "PUT": "update"}.get(errand.method, "add")
    return f"{verb} an entry under {errand.path.partition('/')[0] or 'the record'}"
