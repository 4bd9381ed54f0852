"""What both sides changed differently, in a form that can be stored and shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from portal.database import now
from portal.sync.authors import changed_by, seen_through
from portal.sync.bodies import disguised, is_fingerprint, secret_remotes
from portal.sync.merge import Merge, equal
from portal.sync.resource import Body, Resource

Conflict = Mapping[str, Mapping[str, Any]]
VALUES = ("base", "ours", "theirs")


def describe(resource: Resource, merge: Merge) -> dict[str, dict[str, Any]]:
    """Place → label, field, and the three values. Secrets arrive here as fingerprints, and are stored as such."""
    fields = {item.remote: item for item in resource.fields}
    return {
        remote: {
            "label": fields[remote].words,
            "field": fields[remote].name,
            "base": difference.base,
            "ours": difference.ours,
            "theirs": difference.theirs,
        }
        for remote, difference in sorted(merge.conflicts.items())
    }


def renewed(resource: Resource, conflict: Conflict, mine: Body, answer: Body) -> Conflict:
    """An open conflict with both sides as they are now; its base stays what they last agreed on."""
    secret = secret_remotes(resource)

    def current(place: str, value: Any) -> Any:
        return disguised(value) if place in secret else value

    return {
        place: {**each, "ours": current(place, mine.get(place)), "theirs": current(place, answer.get(place))}
        for place, each in conflict.items()
    }


def attributed(resource: Resource, record: Any, conflict: Conflict, before: Conflict | None) -> Conflict:
    """The conflict with, per field, who changed ours and when, and when and how Buildium's change was seen; `before` is
    the conflict as it was known, whose facts stay where Buildium's value did."""
    authors = changed_by(resource, record, list(conflict))
    return {
        place: {**each, **authors.get(place, {}), **seen(each, (before or {}).get(place))}
        for place, each in conflict.items()
    }


def seen(each: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    if before and "seen_at" in before and equal(before["theirs"], each["theirs"]):
        return {name: before[name] for name in ("seen_at", "seen_through") if name in before}
    return {"seen_at": now().isoformat(), "seen_through": seen_through()}


def conflict_words(conflict: Conflict) -> str:
    return "Changed here and in Buildium: " + ", ".join(each["label"] for each in conflict.values()) + "."


def digest(conflict: Conflict | None) -> str:
    """Names a conflict as it was shown to somebody who is about to decide it: its values, not who was seen to change
    them."""
    values = {place: [each.get(name) for name in VALUES] for place, each in (conflict or {}).items()}
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def shown(value: Any) -> Any:
    """A value as pages may have it: a secret's fingerprint tells nothing to people."""
    return "•••" if is_fingerprint(value) else value
