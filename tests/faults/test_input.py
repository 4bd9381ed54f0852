"""Whatever comes in: forms, webhooks and Buildium's answers, and a tax id that must turn up nowhere."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from portal.acting import Role
from portal.entities.owners.model import Owner
from portal.entities.properties.mapping import PROPERTY
from portal.extensions import db
from portal.sync.pull import pull_bodies
from portal.sync.reading import asked_now
from portal.webhooks.process import drain
from tests.faults.desk import Desk, address_of, words_of
from tests.faults.owner import owning
from tests.live import Live
from tests.records import owner_of, synced_property
from tests.webhooks.test_inbox import deliver, event, kept

INPUT = 36  # the paragraph below the table
CANARY = "987-65-4321"
EXAMPLES = limits(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
TEXTS = {
    "right to left": "\u202eterceS \u05d1\u05d9\u05ea",
    "four bytes": "Haus 👩‍👩‍👧 𝔓ortland 𠮷",
    "combining": "Cafe\u0301 n\u0303 Z\u0351\u036bA\u0334\u031b",
    "markup": "<script>alert(1)</script> & \"quoted\" 'too' {{ 7*7 }}",
    "statement": "'; drop table properties; --",
    "path": "../../etc/passwd",
    "formula": "=cmd|' /C calc'!A0",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.fault(INPUT)
@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_any_text_arrives_in_buildium_and_on_the_page_as_it_was_typed(live: Live, desk: Desk, text: str) -> None:
    house = synced_property(live)
    assert desk.save(f"{address_of(house)}/edit", name=text).status_code == 303
    live.work()
    assert live.get(f"/v1/rentals/{house.buildium_property_id}")["Name"] == text
    page = desk.ask("GET", address_of(house)).text
    assert "<script>alert" not in page
    assert " ".join(text.split()) in words_of(page.replace("&lt;script&gt;", "<script>")) or "<" in text
    assert "Matches Buildium as of" in words_of(page)
    (row,) = (each for each in csv.reader(io.StringIO(desk.ask("GET", "/properties.csv").text)) if text in each[0])
    assert row[0] == (f"'{text}" if text.startswith("=") else text)


@pytest.mark.fault(INPUT)
@pytest.mark.parametrize(
    ("name", "value", "status", "said"),
    [
        ("name", "nul \x00 inside", 422, "NUL character, which no text may hold"),
        ("name", "x" * 128, 422, "127"),
        ("name", "x" * 2_500_000, 413, "too much at once"),
        ("year_built", "two thousand", 422, "to correct"),
        ("reserve", "1e400", 422, "to correct"),
        ("operating_bank_account_id", "../../etc", 422, "to correct"),
        ("version", "99999999999999999999", 409, "changed while you were editing"),
    ],
)
def test_what_can_not_be_saved_is_refused_in_words_and_nothing_is_half_saved(
    live: Live, desk: Desk, name: str, value: str, status: int, said: str
) -> None:
    house = synced_property(live)
    answer = desk.save(f"{address_of(house)}/edit", **{name: value})
    assert (answer.status_code, said in words_of(answer.text)) == (status, True), words_of(answer.text)[:1500]
    assert "Harbor View" in desk.record(house)
    assert live.row(house).local_version == 1


@pytest.mark.fault(INPUT)
def test_no_form_of_a_property_breaks_the_portal(live: Live, desk: Desk) -> None:
    fields = desk.fields("/properties/new")
    names = st.sampled_from([*fields, "owners-0-owner_id", "unknown", "version"])

    @EXAMPLES
    @given(st.dictionaries(names, st.text(max_size=200) | st.integers().map(str), max_size=6))
    def check(typed: dict[str, str]) -> None:
        token = {"csrf_token": fields["csrf_token"]}
        answer = desk.send("/properties/new", {**fields, **typed, **token})
        assert answer.status_code in (200, 303, 400, 413, 422), answer.text[:500]

    check()


@pytest.mark.fault(INPUT)
def test_no_signed_body_breaks_the_inbox(live: Live, desk: Desk) -> None:
    house = synced_property(live)

    @EXAMPLES
    @given(JSON | st.binary(max_size=80))
    @example({"PropertyId": float("inf")})
    @example(b'{"EventName": "Rental.Updated", "PropertyId": 1e999}')
    def check(body: Any) -> None:
        if not isinstance(body, bytes):
            named = {"EventName": "Rental.Updated", "AccountId": 1, "PropertyId": body}
            body = json.dumps(body if not isinstance(body, int) else named).encode()
        assert deliver(live, body) == 202

    check()
    assert deliver(live, event(PropertyId=house.buildium_property_id)) == 202
    drain()
    assert {row.state for row in kept()} <= {"ignored", "echo", "processed", "coalesced", "failed"}
    assert "Webhook events" in desk.read("/sync/webhooks") or "Webhooks" in desk.read("/sync/webhooks")


@pytest.mark.fault(INPUT)
def test_no_answer_of_buildium_breaks_a_pull_or_takes_its_page_along(live: Live, desk: Desk) -> None:
    house = synced_property(live)
    true = live.get(f"/v1/rentals/{house.buildium_property_id}")
    keys = st.sampled_from(sorted(set(true) - {"Id"}))

    @EXAMPLES
    @given(st.dictionaries(keys, JSON, min_size=1, max_size=3), st.integers(1, 2**31 - 1))
    @example({"YearBuilt": [False]}, 1)
    @example({"YearBuilt": float("inf")}, 1)
    @example({"Odd": {"Ratio": float("nan")}}, 1)
    def check(odd: dict[str, Any], number: int) -> None:
        db.session.rollback()
        good = {**true, "Id": 700_001, "Name": f"Good {number}"}
        outcomes = pull_bodies(PROPERTY, [{**true, "Id": 600_000, **odd}, good], asked_now())
        assert outcomes[700_001].value in ("created", "updated", "unchanged")

    if live.traffic:
        live.traffic.judge()
    check()
    if live.traffic:
        live.traffic.answers.clear()  # what an odd answer makes us ask is in no document
    assert "Good" in desk.read("/properties")
    assert live.asked("PUT", "/v1/rentals") == 0


def pages_of(live: Live, desk: Desk, owner: Owner) -> list[TestResponse]:
    row = live.row(owner)
    calls = [f"/sync/api-log/{call.id}" for call in live.call_log()]
    events = [f"/sync/webhooks/{each.id}" for each in kept()]
    paths = [
        address_of(owner), f"{address_of(owner)}/edit", "/owners", "/owners.csv", "/search?q=Canary", "/sync",
        "/sync/records", f"/sync/records/{row.id}", "/sync/api-log", "/sync/webhooks", *calls, *events,
    ]  # fmt: skip
    return [desk.ask("GET", path) for path in paths]


@pytest.mark.fault(INPUT)
def test_a_tax_id_is_nowhere_in_the_clear(live: Live, capfd: pytest.CaptureFixture[str]) -> None:
    """Created, sent, refused, echoed by Buildium and by a webhook, exported, and looked at in every role."""
    desks = [Desk(live.app, role) for role in (Role.VIEWER, Role.STAFF, Role.MANAGER, Role.ADMINISTRATOR)]
    owner = owner_of(synced_property(live), company_name="Canary", tax_payer_id=CANARY, tax_payer_type="SSN")
    live.save(owner)
    live.fault("status", method="POST", path="/v1/rentals/owners", status=422)
    live.work()
    owner.comment = "again"
    live.save(owner)
    live.work()
    live.work_later()
    assert live.state(owner) == "synced", live.row(owner).error_message
    deliver(live, {**event(OwnerId=owner.buildium_owner_id), "TaxPayerId": CANARY})
    live.work()
    owner.tax_payer_id = "987-65-4322"
    live.save(owner)
    for desk in desks:
        for answer in pages_of(live, desk, owner):
            assert CANARY not in answer.text, answer.request.path
            assert answer.status_code in (200, 403, 404)
    broken = desks[2].save(f"{address_of(owner)}/edit", tax_payer_id=CANARY, email="no address")
    assert broken.status_code == 422
    error = desks[2].send(f"{address_of(owner)}/edit", {"tax_payer_id": CANARY + "\x00"})
    assert CANARY not in error.text
    assert in_tables(live) == []
    assert not [key for key in live.redis.scan_iter("*") if CANARY.encode() in (live.redis.dump(key) or b"")]
    captured = capfd.readouterr()
    assert CANARY not in captured.out + captured.err


def in_tables(live: Live) -> list[str]:
    """The tables in which any row holds the canary, in whatever column: but for the bytes that were signed."""
    with owning(live) as connection:
        names = [row[0] for row in connection.execute("select tablename from pg_tables where schemaname = 'public'")]
        rows = "select count(*) from \"{}\" as it where strpos((to_jsonb(it) - 'raw_body')::text, %s) > 0"
        return [name for name in names if connection.execute(rows.format(name).encode(), [CANARY]).fetchone() != (0,)]
