"""Ours → the request → what Buildium answers → ours, for every resource and any value its declaration allows."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.registry import RESOURCES
from portal.sync.bodies import assign, create_body, merged, ours, request_body, snapshot_of, update_body
from portal.sync.merge import equal
from portal.sync.preflight import value_problems
from portal.sync.resource import Body, Direction, Field, Resource, at
from portal.sync.resource import same as as_it_is
from tests.properties.answering import answered
from tests.properties.depth import examples
from tests.properties.generated import StandIn, identities, records
from tests.sandbox.referee import Referee, message_of

PUSHED = [
    each.of_kind(kind).inside(5)
    for each in RESOURCES.ordered
    if each.pushed
    for kind in (each.kinds.paths if each.kinds else [None])
]
UPDATED = [each for each in PUSHED if any(item.in_update for item in each.fields)]
TWO_WAY = (Direction.BOTH, Direction.UPDATE)


def name_of(resource: Resource) -> str:
    return " ".join([resource.name, *map(str, resource.tag.values())])


# By name, because a failing test prints what it was given.
BY_NAME = {name_of(each): each for each in PUSHED}
every = pytest.mark.parametrize("name", BY_NAME)
every_updated = pytest.mark.parametrize("name", [name_of(each) for each in UPDATED])


@pytest.fixture(autouse=True)
def keys_and_zone(app: Flask) -> Iterator[None]:
    """Secrets are fingerprinted with the app's keys, and days are days where the portal is."""
    with app.app_context():
        yield


def pulled(resource: Resource, answer: Body) -> StandIn:
    """A record that came from Buildium as this answer."""
    record = StandIn(**{item.name: [] for item in resource.fields if item.name and (item.items or item.many)})
    plain = replace(resource, derive=None, follows=None)
    assign(plain, record, answer, {each.remote: each.extract(answer) for each in sent_and_answered(resource)}, IDS)
    return record


IDS = identities()


def sent_and_answered(resource: Resource) -> list[Field]:
    return [item for item in resource.fields if item.readable and item.name and item.direction is not Direction.PULL]


@every
@examples(8)
@given(data=st.data())
def test_what_is_created_comes_back_as_it_was_saved(name: str, data: st.DataObject) -> None:
    resource = BY_NAME[name]
    record = data.draw(records(resource))
    answer = answered(resource, create_body(resource, ours(resource, record, IDS)))
    back = pulled(resource, answer)
    for item in sent_and_answered(resource):
        if item.in_create:
            assert local(item, back) == local(item, record), item.name


def local(item: Field, record: Any) -> Any:
    """Our value; of a list of parts, what each part says, without the id that Buildium gave it."""
    value = item.of(record)
    if item.items is None:
        return value or None if value != 0 else value
    inner = [each for each in item.items.fields if each.name and each.in_create and each.name != item.items.key]
    return [{each.name: getattr(part, each.name or "") for each in inner} for part in value]


@every
@examples(8)
@given(data=st.data())
def test_a_save_without_a_change_sends_nothing(name: str, data: st.DataObject) -> None:
    resource = BY_NAME[name]
    answer = answered(resource, data.draw(bodies(resource)))
    record = pulled(resource, answer)
    merge = merged(resource, snapshot_of(resource, answer), ours(resource, record, IDS), answer)
    written = {item.remote for item in resource.fields if item.direction is Direction.WRITE}
    skipped = {item.remote for item in resource.fields if item.direction is Direction.SWITCH or item.instead}
    assert not merge.conflicts
    assert merge.outgoing <= written | skipped


@st.composite
def bodies(draw: st.DrawFn, resource: Resource) -> Body:
    """A record as other programs may have written it to Buildium: blanks and line ends are theirs."""
    record = draw(records(resource))
    for item in resource.fields:
        value = getattr(record, item.name or "")
        if is_free_text(item) and isinstance(value, str) and draw(st.booleans()):
            setattr(record, item.name or "", value.replace("\n", "\r\n") + draw(st.sampled_from(["", " ", "\r\n"])))
    sent = [item for item in resource.fields if item.name and (item.in_update or item.in_create)]
    return carried_bodies(draw, resource, request_body(sent, ours(resource, record, IDS)))


def carried_bodies(draw: st.DrawFn, resource: Resource, body: Body) -> Body:
    """What no page of ours shows, and a PUT must bring again."""
    if resource.name == "bank_account":
        body["CheckPrintingInfo"] = draw(
            st.fixed_dictionaries(
                {"EnableRemoteCheckPrinting": st.booleans(), "EnableLocalCheckPrinting": st.booleans()},
                optional={"SignatureHeading": TEXT, "BankInformationLine1": TEXT, "CompanyInformationLine5": TEXT},
            )
        ) | {"CheckLayoutType": "Voucher2StubTopMemo"}
    if resource.name == "vendor" and at(body, "TaxInformation.TaxPayerId"):
        body["TaxInformation"] |= draw(
            st.fixed_dictionaries({"IncludeIn1099": st.booleans()}, optional={"TaxPayerName1": TEXT, "Address": WHOLE})
        )
    return body


TEXT = st.sampled_from(["Oak", "عربي", " two ", "👩"])
WHOLE = st.just({"AddressLine1": "1 Oak St", "PostalCode": "04101", "Country": "UnitedStates"})


def is_free_text(item: Field) -> bool:
    bounded = item.choices or item.shortest or item.refers_to or item.longest
    return bool(item.name) and item.to_remote is as_it_is and not bounded


@every_updated
@examples(12)
@given(data=st.data())
def test_a_put_erases_and_changes_nothing_that_nobody_changed(name: str, data: st.DataObject) -> None:
    """Whatever Buildium says now, and whatever was edited here: what isn't edited goes back as Buildium says it."""
    resource = BY_NAME[name]
    agreed = answered(resource, data.draw(bodies(resource)))
    mine, other = pulled(resource, agreed), data.draw(records(resource))
    editable = [item for item in resource.fields if item.name and item.in_update and not item.items]
    edited = data.draw(st.sets(st.sampled_from(editable), max_size=3))
    for item in edited:
        setattr(mine, item.name or "", getattr(other, item.name or ""))
    now = changed_there(resource, agreed, data.draw(bodies(resource)), {item.remote for item in edited}, data)
    merge = merged(resource, snapshot_of(resource, agreed), ours(resource, mine, IDS), now)
    assert not merge.conflicts
    sent = update_body(resource, merge.values)
    for item in resource.fields:
        if item.in_update and item.direction in TWO_WAY:
            wanted = item.extract(now)
            if item in edited and not equal(ours(resource, mine, IDS)[item.remote], wanted):
                wanted = ours(resource, mine, IDS)[item.remote]
            elif item.instead and wanted is None:
                continue
            assert equal(at(sent, item.remote), wanted) if item.items else at(sent, item.remote) == wanted, item.remote


def changed_there(resource: Resource, agreed: Body, other: Body, edited: set[str], data: st.DataObject) -> Body:
    """Buildium's record now: some top-level values are another record's; not those where ours was edited."""
    taken = {each.partition(".")[0] for each in edited}
    keys = [key for key in other if key in agreed and key not in taken and isinstance(other[key], type(agreed[key]))]
    swapped = data.draw(st.sets(st.sampled_from(keys), max_size=2)) if keys else set()
    return {**deepcopy(agreed), **{key: other[key] for key in swapped if not isinstance(other[key], dict | list)}}


@every
@examples(8)
@given(data=st.data())
def test_what_is_sent_is_what_buildiums_document_allows(
    name: str, whole_referee: Referee | None, data: st.DataObject
) -> None:
    resource = BY_NAME[name]
    if whole_referee is None:
        pytest.skip("Buildium's document isn't at hand")
    record = data.draw(records(resource))
    values = ours(resource, record, IDS)
    if resource.name != "bill_payment":  # its lines are those of bills, see tests/sync/test_payments.py
        body = {"tenant": {"LeaseId": 5}}.get(resource.name, {}) | create_body(resource, values)
        _, body = resource.request(record, resource.path, body, IDS) if resource.name == "lease" else ("", body)
        judge(whole_referee, "POST", resource.path, body)
    if resource in UPDATED:
        answer = answered(resource, data.draw(bodies(resource)))
        # Without a tax id, what belongs to it couldn't be sent; `check` refuses that.
        edited = {key: value for key, value in values.items() if not key.startswith("TaxInformation")}
        mine = ours(resource, pulled(resource, answer), IDS) | edited
        values = merged(resource, snapshot_of(resource, answer), mine, answer).values
        judge(whole_referee, "PUT", f"{resource.path}/7", update_body(resource, values))


def judge(referee: Referee, method: str, path: str, body: Body) -> None:
    found = referee.operation(method, path)
    assert found, f"{method} {path}"
    validator = referee._validator({"$ref": message_of(found[2])})
    assert not [f"{each.json_path}: {each.message}" for each in validator.iter_errors(body)]


@every
@examples(4)
@given(data=st.data())
def test_what_preflight_lets_pass_has_buildiums_lengths_and_words(name: str, data: st.DataObject) -> None:
    """The records generated here are those that may be sent: nothing of them is refused before the call."""
    resource = BY_NAME[name]
    record = data.draw(records(resource))
    values = ours(resource, record, IDS)
    sent = create_body(resource, values)
    for item in resource.fields:
        if item.name and item.in_create and not item.items:
            assert not list(value_problems(item, values[item.remote], sent, record)), item.name
