"""What both sides changed differently, in a form that can be stored and shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from portal.sync.bodies import disguised, secret_remotes
from portal.sync.merge import Merge
from portal.sync.resource import Body, Resource

Conflict = Mapping[str, Mapping[str, Any]]


def describe(resource: Resource, merge: Merge) -> dict[str, dict[str, Any]]:
    """Place → label, field, and the three values. Secrets arrive here as fingerprints and are shown as hidden."""
    fields = {item.remote: item for item in resource.fields}
    return {
        remote: {
            "label": fields[remote].words,
            "field": fields[remote].name,
            "base": shown(difference.base),
            "ours": shown(difference.ours),
            "theirs": shown(difference.theirs),
        }
        for remote, difference in sorted(merge.conflicts.items())
    }


def renewed(resource: Resource, conflict: Conflict, mine: Body, answer: Body) -> Conflict:
    """An open conflict with both sides as they are now; its base stays what they last agreed on."""
    secret = secret_remotes(resource)

    def now(place: str, value: Any) -> Any:
        return shown(disguised(value) if place in secret else value)

    return {
        place: {**each, "ours": now(place, mine.get(place)), "theirs": now(place, answer.get(place))}
        for place, each in conflict.items()
    }


def digest(conflict: Conflict | None) -> str:
    """Names a conflict as it was shown to somebody who is about to decide it."""
    return hashlib.sha256(json.dumps(conflict or {}, sort_keys=True).encode()).hexdigest()[:16]


def shown(value: Any) -> Any:
    return "•••" if isinstance(value, str) and value.startswith("sealed:") else value
