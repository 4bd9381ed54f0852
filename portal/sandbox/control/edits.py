"""Changes "as if made in Buildium's own web pages": they skip the API's limits but send its webhooks."""

from __future__ import annotations

import json
from typing import Any

from portal.sandbox.api.bodies import validated
from portal.sandbox.catalog import BY_KIND
from portal.sandbox.collection import Record, Values
from portal.sandbox.errors import RefusedError
from portal.sandbox.resource import Resource
from portal.sandbox.simulation import Simulation


def resource_of(kind: str) -> Resource:
    if kind not in BY_KIND:
        raise RefusedError(404, message=f"There are no '{kind}', only {', '.join(BY_KIND)}.")
    return BY_KIND[kind]


def stored(record: Record) -> Values:
    """A record as it is kept: also what no answer shows, and when it was made and changed."""
    times = {"created": record.created.isoformat(), "updated": record.updated.isoformat()}
    return {"id": record.id, **times, "values": record.values}


def list_records(
    simulation: Simulation, kind: str, *, search: str = "", offset: int = 0, limit: int = 50
) -> tuple[list[Record], int]:
    """The records whose title or id contains the text, and how many there are on all pages."""
    resource = resource_of(kind)
    with simulation.change() as world:
        found = [
            record
            for record in world.all(kind)
            if not search or search.casefold() in f"{record.id} {resource.title(record)}".casefold()
        ]
    return found[offset : offset + limit], len(found)


def read(simulation: Simulation, kind: str, record_id: int) -> Record:
    resource_of(kind)
    with simulation.change() as world:
        record = world.get(kind, record_id)
    if record is None:
        raise RefusedError(404)
    return record


def add(simulation: Simulation, kind: str, body: bytes) -> Record:
    """Create a record from the message that a POST would take, or for a kind without POST from some of its values.
    The ids that a POST has in its path are further fields of the body."""
    resource = resource_of(kind)
    if resource.create is None:
        if resource.blank is None:
            raise RefusedError(405, message=f"Records of the kind '{kind}' come with others only.")
        with simulation.change() as world:
            return world.insert(kind, _filled(resource.blank, body))
    scope, message = _outer_ids(resource, body)
    with simulation.change(scope) as world:
        for field, parent in resource.parents.items():
            world.needed(parent, scope[field], field, missing=404)
        return resource.create.run(world, validated(message, resource.create.message, world.switches))


def _outer_ids(resource: Resource, body: bytes) -> tuple[dict[str, int], bytes]:
    """The ids of the parents, taken out of the body, and what is left of it."""
    if not resource.parents:
        return {}, body
    values = _json_object(body)
    scope = {field: values.pop(field, None) for field in resource.parents}
    missing = [(field, "Must be the id of a record.") for field, value in scope.items() if not isinstance(value, int)]
    if missing:
        raise RefusedError(400, missing)
    return scope, json.dumps(values).encode()


def _filled(blank: Values, body: bytes) -> Values:
    values = _json_object(body)
    _refuse_unknown(values, blank)
    return {**blank, **values}


def _json_object(body: bytes) -> Values:
    try:
        values = json.loads(body or b"{}")
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise RefusedError(400, message="The body must be a JSON object.")
    return values


def edit(simulation: Simulation, kind: str, record_id: int, values: Values, *, quiet: bool = False) -> Record:
    """Replace some stored values, without any rule; only names that the record has. `quiet` sends no webhook."""
    resource_of(kind)
    with simulation.change() as world:
        record = world.get(kind, record_id)
        if record is None:
            raise RefusedError(404)
        _refuse_unknown(values, record.values)
        return world.change(record, values, quiet=quiet)


def _refuse_unknown(values: Values, known: Values) -> None:
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise RefusedError(400, [(name, "The record has no such value.") for name in unknown])


def delete(simulation: Simulation, kind: str, record_id: int) -> None:
    """Delete a record and what depends on it; the API has no way to do this."""
    resource = resource_of(kind)
    with simulation.change() as world:
        record = world.get(kind, record_id)
        if record is None:
            raise RefusedError(404)
        resource.on_delete(world, record)
        world.remove(record)


def storm(simulation: Simulation, count: int, kind: str = "") -> int:
    """Send `count` Updated events for existing records, round and round; returns how many were queued."""
    with simulation.change() as world:
        kinds = [resource_of(kind).kind] if kind else list(BY_KIND)
        records = [record for each in kinds if BY_KIND[each].event for record in world.all(each)]
        for number in range(count if records else 0):
            world.announce(records[number % len(records)], "Updated")
        return len(world.happenings)


def overview(simulation: Simulation) -> dict[str, Any]:
    """Everything that can be counted."""
    courier = simulation.courier
    return {
        "records": simulation.store.counts(),
        "requests": simulation.requests.counters(),
        "faults": simulation.faults.listed(),
        "held": simulation.faults.held(),
        "webhooks": {
            "suspended": courier.suspended,
            "failures_in_a_row": courier.failures_in_a_row,
            "waiting": courier.waiting(),
            "faults": courier.faults.listed(),
            **courier.history.counters(),
        },
        "switches": simulation.switches.model_dump(exclude={"webhook_secret"}),
    }
