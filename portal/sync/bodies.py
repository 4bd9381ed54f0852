"""Our record and Buildium's body in one form: a value per field, keyed by the field's place in a request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from portal.extensions import db
from portal.sync.identities import Identities
from portal.sync.items import Items
from portal.sync.merge import Merge, canonical, equal, three_way
from portal.sync.outbox import from_buildium
from portal.sync.paths import filled
from portal.sync.resource import SENT, Body, Direction, Field, Resource, at
from portal.vault import vault

Values = dict[str, Any]


def ours(resource: Resource, record: Any, ids: Identities) -> Values:
    """What our record says, in Buildium's spelling; parents without a Buildium id are left out."""
    return {
        item.remote: outgoing(item, item.of(record), ids)
        for item in resource.fields
        if item.name and item.direction is not Direction.PULL
    }


def outgoing(item: Field, value: Any, ids: Identities) -> Any:
    if item.items:
        return [part_of(item.items, part, ids) for part in value or ()]
    if item.many:
        found = [ids.remote(item.refers_to, each) for each in value or ()]
        return sorted(each for each in found if each is not None)
    if item.refers_to:
        return None if value is None else ids.remote(item.refers_to, value)
    return None if value is None or value == "" else item.to_remote(value)


def part_of(items: Items, part: Any, ids: Identities) -> Body:
    """One part of a list, in Buildium's spelling."""
    return filled({item.remote: outgoing(item, item.of(part), ids) for item in items.fields if item.name})


def theirs(resource: Resource, body: Body) -> Values:
    """What Buildium's answer says, for every field that answers contain."""
    return {item.remote: item.extract(body) for item in resource.fields if item.readable}


def request_body(fields: Iterable[Field], values: Mapping[str, Any]) -> Body:
    """A request with the values that are set; what is left out becomes empty at Buildium."""
    return filled({item.remote: values.get(item.remote) for item in fields})


def create_body(resource: Resource, values: Values) -> Body:
    return request_body([item for item in resource.fields if item.in_create], values)


def update_body(resource: Resource, values: Values) -> Body:
    return request_body([item for item in resource.fields if item.in_update], values)


def merged(resource: Resource, snapshot: Body | None, our_values: Values, body: Body) -> Merge:
    """Merge our two-way fields with Buildium's. Secrets are compared by fingerprint, as snapshots hold no more;
    a write-only value has moved where it is not the one we sent last."""
    secret = secret_remotes(resource)
    their_values = theirs(resource, body)
    base = theirs(resource, snapshot or {})
    two_way = (Direction.BOTH, Direction.UPDATE, Direction.SWITCH)
    both = {item.remote for item in resource.fields if item.name and item.direction in two_way}
    carried = {item.remote for item in resource.fields if item.name is None}
    mine = {key: our_values[key] for key in both}
    merge = three_way(
        base,
        {key: disguised(value) if key in secret else value for key, value in mine.items()},
        {key: disguised(value) if key in secret else value for key, value in their_values.items()},
        frozenset(item.remote for item in resource.fields if item.many),
        {item.remote: item.items.merging() for item in resource.fields if item.items and item.items.key},
    )
    for key in secret & both:
        merge.values[key] = mine[key] if key in merge.outgoing | merge.conflicts.keys() else their_values[key]
    merge.values.update({key: their_values[key] for key in carried})
    for item in resource.fields:
        if item.direction is Direction.WRITE:
            value = merge.values[item.remote] = our_values[item.remote]
            if disguised(value) != (snapshot or {}).get(SENT, {}).get(item.remote):
                merge.outgoing.add(item.remote)
    return merge


def still_ours(resource: Resource, record: Any, agreed: Body, body: Body) -> set[str]:
    """The places where our record says something else than Buildium's answer, as far as it may."""
    return merged(resource, agreed, ours(resource, record, Identities()), body).outgoing


def moved_there(resource: Resource, agreed: Body | None, body: Body) -> set[str]:
    """The places where Buildium says something else than when both sides last agreed."""
    before, after = theirs(resource, agreed or body), theirs(resource, body)
    return {place for place in after if not equal(before[place], after[place])}


def secret_remotes(resource: Resource) -> set[str]:
    return {item.remote for item in resource.fields if item.remote.split(".")[-1] in resource.secrets}


def disguised(value: Any) -> Any:
    """A fingerprint in place of a secret: the same for two spellings of it, as for any other value. Nothing stays
    nothing, and a fingerprint stays what it is."""
    plain = canonical(value) if isinstance(value, str) else value
    if plain is None or is_fingerprint(plain):
        return plain
    return "sealed:" + vault.fingerprint(str(plain))


def is_fingerprint(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("sealed:")


def snapshot_of(resource: Resource, body: Body, sent: Values | None = None, before: Body | None = None) -> Body:
    """What is kept of an answer: secrets as fingerprints, and fingerprints of what we sent that it doesn't repeat."""
    kept: Body = disguise_body(body, resource.secrets)
    written = [item.remote for item in resource.fields if item.direction is Direction.WRITE]
    if sent is not None and written:
        kept[SENT] = {key: disguised(sent.get(key)) for key in written}
    elif before and SENT in before:
        kept[SENT] = before[SENT]
    return kept


def disguise_body(value: Any, secrets: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {
            key: disguised(item)
            if key in secrets and not isinstance(item, dict | list)
            else disguise_body(item, secrets)
            for key, item in value.items()
        }
    return [disguise_body(item, secrets) for item in value] if isinstance(value, list) else value


def hash_of(resource: Resource, body: Body) -> str:
    """Equal for two answers that say the same about every field we know, so that values Buildium computes when it is
    asked (a unit's IsUnitListed) make no difference."""
    values = {key: canonical(value) for key, value in theirs(resource, disguise_body(body, resource.secrets)).items()}
    text = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint(body: Body) -> str:
    """Names one create request, so that a later look-up knows which attempt it looks for."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def assign(resource: Resource, record: Any, body: Body, values: Mapping[str, Any], ids: Identities) -> None:
    """Write Buildium's `values` (field place → value) onto our record, and what the whole answer lets us derive."""
    for item in resource.fields:
        if item.name and item.items and item.remote in values:
            assign_parts(item.items, record, item.name, values[item.remote] or [], ids)
        elif item.name and item.remote in values:
            value = incoming(item, values[item.remote], ids)
            if not item.many or set(value) != set(getattr(record, item.name)):
                set_if_new(record, item.name, value)
    for name, value in (resource.derive(body) if resource.derive else {}).items():
        # A kept answer holds a fingerprint in a secret's place: no value for a record.
        if not is_fingerprint(value):
            set_if_new(record, name, value)
    if resource.follows:
        resource.follows(record)


def assign_parts(items: Items, record: Any, name: str, bodies: list[Body], ids: Identities) -> None:
    """Make our list of parts say what Buildium's says, part by part, so that only what differs is written."""
    parts = list(getattr(record, name))
    kept = []
    for place, (found, body) in enumerate(zip(paired(items, parts, bodies, ids), bodies, strict=True)):
        part = items.model() if found is None else found
        for item in items.fields:
            if item.name:
                set_if_new(part, item.name, incoming(item, at(body, item.remote), ids))
        if items.position:
            set_if_new(part, items.position, place)
        kept.append(part)
    kept += [part for part in parts if part not in kept and items.unsent(part)]
    if kept != parts:
        setattr(record, name, kept)


def paired(items: Items, parts: list[Any], bodies: list[Body], ids: Identities) -> list[Any]:
    """For each of Buildium's parts ours, if any."""
    mine = [part_of(items, part, ids) for part in parts]
    key = items.identity
    wanted = [incoming(key, at(body, key.remote), ids) if key else None for body in bodies]

    def alike(part: Any, place: int) -> bool:
        unkeyed = {name: value for name, value in bodies[place].items() if key is None or name != key.remote}
        return equal(mine[parts.index(part)], unkeyed)

    return items.matched(parts, wanted, alike)


def name_parts(resource: Resource, record: Any, body: Body) -> None:
    """The first time that both sides know the record, parts that were edited meanwhile stay as they are here, and get
    the ids of those that they were sent as: else Buildium would take them for new ones, and drop its own."""
    answer, ids = theirs(resource, body), Identities()
    with from_buildium(db.session):
        for item in resource.fields:
            if not item.name or item.items is None or (key := item.items.identity) is None:
                continue
            bodies = answer.get(item.remote) or []
            for part, each in zip(
                paired(item.items, list(getattr(record, item.name)), bodies, ids), bodies, strict=True
            ):
                if part is not None:
                    set_if_new(part, item.items.key, incoming(key, at(each, key.remote), ids))


def set_if_new(record: Any, name: str, value: Any) -> None:
    # An equal value of another type (1 and Decimal("1.00")) would look like a change, and be written and audited.
    if getattr(record, name) != value:
        setattr(record, name, value)


def incoming(item: Field, value: Any, ids: Identities) -> Any:
    if item.many:
        return [found for each in value or () if (found := ids.local(item.refers_to, each)) is not None]
    if value is None:
        return None
    if isinstance(value, str):
        # As a form would send it back: otherwise opening and saving it would look like an edit.
        value = value.replace("\r\n", "\n").strip() or None
    return ids.local(item.refers_to, value) if item.refers_to else item.to_local(value)


def not_ours(resource: Resource) -> set[str]:
    """Places whose value is Buildium's to say once the record exists there."""
    return {item.remote for item in resource.fields if item.direction in (Direction.PULL, Direction.CREATE)}


def take_over(resource: Resource, record: Any, body: Body, sent: Values, keep: Collection[str] = ()) -> None:
    """After an exchange: Buildium's answer is our record, except for `keep` and for what was edited meanwhile."""
    with from_buildium(db.session):
        ids = Identities()
        now = ours(resource, record, ids)
        answer = theirs(resource, body)
        untouched = {key for key in answer if key not in now or equal(now[key], sent.get(key))}
        assign(resource, record, body, {key: answer[key] for key in untouched - set(keep)}, ids)
        set_if_new(record, resource.id_column, body["Id"])
