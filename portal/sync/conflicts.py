"""What both sides changed differently, in a form that can be stored and shown."""

from __future__ import annotations

from typing import Any

from portal.sync.merge import Merge
from portal.sync.resource import Resource


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


def shown(value: Any) -> Any:
    return "•••" if isinstance(value, str) and value.startswith("sealed:") else value
