"""A save that crossed a push: somebody typed into a field while a push brought Buildium's own change of it here.

What was typed then was typed over the value from before, so neither side may take the other's place unasked.
"""

from __future__ import annotations

from typing import Any

from portal.sync.bodies import Values, disguised, ours, secret_remotes, theirs
from portal.sync.conflicts import attributed, conflict_words, describe
from portal.sync.identities import Identities
from portal.sync.merge import Difference, Merge, equal
from portal.sync.resource import Body, Resource
from portal.sync.states import Event


def crossed(resource: Resource, record: Any, sent: Values, merge: Merge, body: Body) -> Merge:
    """The conflicts between `body` and our record as it is now. `sent` is what our record said when the push began;
    `merge` what that push found, whose incoming fields had been left alone here until then."""
    if not merge.incoming:
        return Merge()
    # Lists of parts change by themselves when an answer brings ids of new parts.
    whole = {item.remote for item in resource.fields if not item.items}
    now, answer, secret = ours(resource, record, Identities()), theirs(resource, body), secret_remotes(resource)
    found = {
        place: Difference(sent.get(place), now[place], answer[place])
        for place in merge.incoming & now.keys() & answer.keys() & whole
        if not equal(now[place], sent.get(place)) and not equal(now[place], answer[place])
    }
    return Merge(conflicts={place: hidden(each) if place in secret else each for place, each in found.items()})


def ending(resource: Resource, record: Any, merge: Merge, due_in: float | None) -> dict[str, Any]:
    """How a row is settled after an exchange: for a person to decide where something has crossed it."""
    if not merge.conflicts:
        event = Event.AGREED if due_in is None else Event.LATER
        return {"event": event, "due_in": due_in, "error_message": None, "cause": None, "conflict": None}
    conflict = attributed(resource, record, describe(resource, merge), None)
    return {
        "event": Event.DIVERGED, "error_message": conflict_words(conflict), "cause": "conflict", "conflict": conflict,
    }  # fmt: skip


def hidden(values: Difference) -> Difference:
    return Difference(disguised(values.base), disguised(values.ours), disguised(values.theirs))
