"""What is kept of a secret: enough to see that it has changed, and never the secret itself."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.registry import RESOURCES
from portal.sync.bodies import disguised, merged, snapshot_of
from portal.sync.conflicts import describe
from portal.sync.merge import equal
from portal.sync.paths import put
from portal.sync.resource import Body, Direction, Field, Resource
from tests.properties.depth import examples
from tests.properties.texts import texts

CANARY = "987-65-4321"
SECRETS = [
    pytest.param(resource, item, id=f"{resource.name} {item.remote}")
    for resource in RESOURCES.ordered
    for item in resource.fields
    if item.remote.split(".")[-1] in resource.secrets and item.direction is Direction.BOTH
]


@pytest.fixture(autouse=True)
def keys(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@examples(100)
@given(one=texts(30), other=texts(30))
def test_fingerprints_are_equal_where_the_values_are(one: str, other: str) -> None:
    assert (disguised(one) == disguised(other)) == equal(one, other)
    assert disguised(disguised(one)) == disguised(one)


@pytest.mark.parametrize(("resource", "item"), SECRETS)
@pytest.mark.parametrize("end", ["", " ", "\r\n"])
def test_a_secret_that_nobody_changed_is_no_change_however_buildium_spells_it(
    resource: Resource, item: Field, end: str
) -> None:
    answer = body_with(item, CANARY + end)
    merge = merged(resource, snapshot_of(resource, answer), {**nothing_of(resource), item.remote: CANARY}, answer)
    assert item.remote not in merge.outgoing | merge.incoming | merge.conflicts.keys()
    assert merge.values[item.remote] == CANARY + end, "sent back as Buildium has it"


@pytest.mark.parametrize(("resource", "item"), SECRETS)
@examples(10)
@given(data=st.data())
def test_a_conflict_shows_no_secret(resource: Resource, item: Field, data: st.DataObject) -> None:
    before, ours, theirs = (f"{CANARY}{data.draw(texts(5))}" for _ in "abc")
    assume(not equal(before, ours) and not equal(before, theirs) and not equal(ours, theirs))
    agreed = snapshot_of(resource, body_with(item, before))
    merge = merged(resource, agreed, {**nothing_of(resource), item.remote: ours}, body_with(item, theirs))
    assert item.remote in merge.conflicts
    kept = json.dumps([describe(resource, merge), agreed], default=str)
    assert CANARY not in kept


def body_with(item: Field, value: str) -> Body:
    body: Body = {"Id": 1}
    put(body, item.read if isinstance(item.read, str) else item.remote, value)
    return body


def nothing_of(resource: Resource) -> Body:
    return dict.fromkeys(item.remote for item in resource.fields if item.name)
