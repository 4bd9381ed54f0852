"""The lists of conflicts, the side-by-side view, and one decision for many."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from portal.acting import Actor, Role
from portal.database import now
from portal.entities.properties.model import Property
from portal.extensions import db
from portal.sync.conflicts import digest
from portal.sync.decision_models import DecisionBatch, SyncDecision
from portal.sync.models import SyncStatus
from portal.sync.states import State
from tests.operations import rows
from tests.operations.pages import receipt, row_count, tabs
from tests.people import sign_in, speaking_as

if TYPE_CHECKING:
    from flask.testing import FlaskClient

PAT = Actor.person(UUID(int=5), "Pat Morgan", Role.STAFF)


def plain(html: str) -> str:
    """What a page says."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def name_conflict(ours: str = "Elm Court", theirs: str = "Their name", **facts: Any) -> dict[str, Any]:
    return {"Name": {"label": "Name", "field": "name", "base": "Old", "ours": ours, "theirs": theirs, **facts}}


def about_name(**facts: Any) -> SyncStatus:
    """A property in conflict about its name only."""
    return rows.status_of_property(
        State.CONFLICT, conflict=name_conflict(**facts), remote_snapshot={"Name": facts.get("theirs", "Their name")}
    )


def decide(staff: FlaskClient, row: SyncStatus, side: str = "theirs") -> UUID:
    receipt(staff, f"/sync/records/{row.id}/decision", {"all": side, "seen": digest(row.conflict)})
    with speaking_as(rows.MACHINE):
        return db.session.scalars(select(SyncDecision.id).where(SyncDecision.status_id == row.id)).one()


def proposed(staff: FlaskClient, decision: UUID, scope: str = "fields") -> str:
    answer = staff.post(f"/sync/decisions/{decision}/similar", data={"scope": scope})
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def name_of(row: SyncStatus) -> str:
    with speaking_as(rows.MACHINE):
        record = db.session.get_one(Property, row.entity_id)
        db.session.refresh(record)
        return record.name


def test_the_page_shows_who_changed_ours_and_what_told_of_buildiums(staff: FlaskClient) -> None:
    event = uuid4()
    seen = {"seen_at": "2026-11-01T10:00:00+00:00", "seen_through": {"webhook": str(event)}}
    row = about_name(**seen)
    with speaking_as(PAT):
        db.session.get_one(Property, row.entity_id).name = "Elm Court II"
        db.session.commit()
    answer = staff.get(f"/sync/records/{row.id}").text
    words = plain(answer)
    assert "Changed here by Pat Morgan" in words
    assert "Told by a webhook, Nov 1, 2026, 10:00" in words
    assert f"/sync/webhooks/{event}" in answer
    assert "“Elm Court II” stays here and replaces “Their name” there." in words
    assert "“Their name” replaces “Elm Court II” here." in words
    assert "was saved here again" in words


def test_what_is_shown_is_what_is_decided_also_after_a_further_save(staff: FlaskClient) -> None:
    row = about_name()
    old = digest(row.conflict)
    with speaking_as(PAT):
        db.session.get_one(Property, row.entity_id).name = "Elm Court II"
        db.session.commit()
    refused = receipt(staff, f"/sync/records/{row.id}/decision", {"all": "ours", "seen": old})
    assert "Pat Morgan has saved the record here" in refused
    assert rows.again(row).sync_status == "conflict"
    page = staff.get(f"/sync/records/{row.id}").text
    found = re.search(r'name="seen"\s+value="(\w+)"', page)
    assert found
    assert "kept ours for 1" in receipt(staff, f"/sync/records/{row.id}/decision", {"all": "ours", "seen": found[1]})
    assert name_of(row) == "Elm Court II"


def test_a_decision_about_buildiums_older_value_is_refused(staff: FlaskClient) -> None:
    row = about_name()
    old = digest(name_conflict(theirs="Older"))
    assert "Buildium says something else now" in receipt(
        staff, f"/sync/records/{row.id}/decision", {"all": "theirs", "seen": old}
    )
    assert name_of(row) == "Elm Court"


def test_who_decided_first_is_told_to_who_comes_second(staff: FlaskClient) -> None:
    row = about_name()
    decide(staff, row)
    said = receipt(staff, f"/sync/records/{row.id}/decision", {"all": "ours"})
    assert re.search(r"The conflict has changed meanwhile: Staff \d+ has decided it", said)


def test_a_secret_in_conflict_is_hidden_but_for_those_who_may_see_its_end(client: FlaskClient) -> None:
    row = rows.status_of_owner("987-65-4321")
    secret = {"label": "Tax id", "field": "tax_payer_id", "base": None, "ours": "sealed:a", "theirs": "sealed:b"}
    with speaking_as(rows.MACHINE):
        change = {"sync_status": "conflict", "conflict": {"TaxInformation.TaxPayerId": secret}, "remote_snapshot": {}}
        db.session.execute(update(SyncStatus).where(SyncStatus.id == row.id).values(change))
        db.session.commit()
    sign_in(client, "staff")
    answer = client.get(f"/sync/records/{row.id}").text
    assert "•••" in answer
    assert "4321" not in answer
    assert "sealed:" not in answer
    sign_in(client, "manager")
    answer = client.get(f"/sync/records/{row.id}").text
    assert "987" not in answer


def test_the_tab_counts_the_rows_behind_it(staff: FlaskClient) -> None:
    for _ in range(53):
        rows.status(State.CONFLICT)
    rows.status(State.FAILED)
    number, address = tabs(staff, "/sync/conflicts")["Open"]
    assert number == row_count(staff, address) == 53


def test_conflicts_are_narrowed_by_kind_field_and_person(staff: FlaskClient) -> None:
    pat, ann = str(uuid4()), str(uuid4())
    mine = rows.status(State.CONFLICT, conflict=name_conflict(changed_by_id=pat, changed_by="Pat"))
    other = rows.status(State.CONFLICT, conflict={
        "YearBuilt": {"label": "Year built", "field": "year_built", "base": 1, "ours": 2, "theirs": 3,
                      "changed_by_id": ann, "changed_by": "Ann"}})  # fmt: skip
    lease = rows.status(State.CONFLICT, entity_type="lease", conflict=name_conflict())

    def listed(query: str) -> set[SyncStatus]:
        answer = staff.get(f"/sync/conflicts?{query}").text
        return {row for row in (mine, other, lease) if str(row.id) in answer}

    assert listed("") == {mine, other, lease}
    assert listed("field=Name") == {mine, lease}
    assert listed("field=Name&entity_type=property") == {mine}
    assert listed(f"who={ann}") == {other}
    assert tabs(staff, f"/sync/conflicts?who={ann}")["Open"][0] == 1
    assert "knows no “Nobody”" in staff.get("/sync/conflicts?who=Nobody").text


def test_the_newest_conflict_is_first(staff: FlaskClient) -> None:
    older = rows.status(State.CONFLICT, updated_at=now() - timedelta(hours=1))
    newer = rows.status(State.CONFLICT, updated_at=now())
    answer = staff.get("/sync/conflicts").text
    assert answer.index(str(newer.id)) < answer.index(str(older.id))


def test_a_long_list_of_conflicts_takes_no_more_queries_than_a_short_one(staff: FlaskClient) -> None:
    staff.most_queries = 10  # type: ignore[attr-defined]
    for _ in range(30):
        rows.status(State.CONFLICT)
    assert staff.get("/sync/conflicts").status_code == 200


def test_a_decision_is_listed_and_told_with_its_values(staff: FlaskClient) -> None:
    row = about_name()
    decision = decide(staff, row, "theirs")
    assert str(decision) in staff.get("/sync/decisions").text
    assert str(decision) not in staff.get("/sync/decisions?undone=yes").text
    page = plain(staff.get(f"/sync/decisions/{decision}").text)
    assert "Took Buildium’s for Name." in page
    assert "Name is ours again, “Elm Court”, here and in Buildium." in page
    assert "Can be undone until" in plain(staff.get(f"/sync/records/{row.id}").text)


def test_undoing_puts_our_value_back_and_says_so(staff: FlaskClient) -> None:
    row = about_name()
    decision = decide(staff, row, "theirs")
    assert name_of(row) == "Their name"
    before = rows.again(row).local_version
    said = receipt(staff, f"/sync/decisions/{decision}/undo")
    assert "the decision is undone. Name is ours again. It is sent now." in said
    assert name_of(row) == "Elm Court"
    after = rows.again(row)
    assert (after.sync_status, after.local_version) == ("pending", before + 1)
    page = plain(staff.get(f"/sync/records/{row.id}").text)
    assert "Undone by" in page
    assert str(decision) in staff.get("/sync/decisions?undone=yes").text


def test_the_records_own_timeline_tells_of_the_decision_and_its_undoing(staff: FlaskClient) -> None:
    row = about_name()
    decision = decide(staff, row, "theirs")
    receipt(staff, f"/sync/decisions/{decision}/undo")
    page = plain(staff.get(f"/properties/{row.entity_id}").text)
    assert "Conflict decided" in page
    assert "Took Buildium’s for Name." in page
    assert "Decision undone" in page


def test_undoing_takes_buildiums_value_where_ours_was_kept(staff: FlaskClient) -> None:
    row = about_name()
    decision = decide(staff, row, "ours")
    assert "Name is Buildium’s again" in receipt(staff, f"/sync/decisions/{decision}/undo")
    assert name_of(row) == "Their name"


def test_undoing_after_a_later_edit_is_refused_with_the_reason(staff: FlaskClient) -> None:
    row = about_name()
    decision = decide(staff, row)
    with speaking_as(PAT):
        db.session.get_one(Property, row.entity_id).year_built = 1977
        db.session.commit()
    said = receipt(staff, f"/sync/decisions/{decision}/undo")
    assert "Pat Morgan has saved the record since. Edit the record instead." in said
    assert "It can’t be undone: Pat Morgan has saved" in plain(staff.get(f"/sync/decisions/{decision}").text)
    assert name_of(row) == "Their name"


def test_undoing_has_its_time(staff: FlaskClient) -> None:
    row = about_name()
    decision = decide(staff, row)
    with speaking_as(rows.MACHINE):
        db.session.execute(update(SyncDecision).values(decided_at=now() - timedelta(hours=25)))
        db.session.commit()
    assert "more than 24 hours ago" in receipt(staff, f"/sync/decisions/{decision}/undo")
    assert "Can’t be undone any more" in plain(staff.get(f"/sync/records/{row.id}").text)


def test_an_open_conflict_offers_the_similar_ones(staff: FlaskClient) -> None:
    row, _, _ = about_name(), about_name(), about_name(theirs="Another")
    assert "then look at 2 similar ones" in plain(staff.get(f"/sync/records/{row.id}").text)
    answer = staff.post(f"/sync/records/{row.id}/decision", data={"choice:Name": "ours", "then": "similar"})
    page = plain(staff.get(answer.headers["Location"]).text)
    assert "whatever the values: 2 records" in page
    assert "between the same values: 1 record" in page


def test_the_preview_lists_what_would_happen_and_changes_nothing(staff: FlaskClient) -> None:
    first, other = about_name(), about_name(theirs="Another")
    page = plain(staff.get(proposed(staff, decide(staff, first, "theirs"))).text)
    assert "Nothing has happened yet" in page
    assert "Name: “Another” replaces “Elm Court” here." in page
    assert (rows.again(other).sync_status, name_of(other)) == ("conflict", "Elm Court")


def test_the_preview_lists_fifty_and_counts_all(staff: FlaskClient) -> None:
    first = about_name()
    for _ in range(52):
        rows.status(State.CONFLICT, conflict=name_conflict())
    page = staff.get(proposed(staff, decide(staff, first))).text
    assert "The first 50 of 52." in plain(page)
    assert page.count('<th scope="row">') == 50


def test_confirming_does_it_and_gives_a_receipt(staff: FlaskClient) -> None:
    staff.most_queries = 50  # type: ignore[attr-defined]
    first, other, edited = about_name(), about_name(theirs="Another"), about_name()
    address = proposed(staff, decide(staff, first, "theirs"))
    with speaking_as(PAT):
        db.session.get_one(Property, edited.entity_id).name = "Elm Court II"
        db.session.commit()
    said = receipt(staff, f"{address}/start")
    assert "Decided 1, skipped 1: 1 × It was saved here meanwhile." in said
    assert (name_of(other), rows.again(other).sync_status) == ("Another", "pending")
    assert (name_of(edited), rows.again(edited).sync_status) == ("Elm Court II", "conflict")
    page = plain(staff.get(address).text)
    assert "1 record skipped: It was saved here meanwhile." in page
    assert "that was done already" in receipt(staff, f"{address}/start")


def test_a_batch_is_undone_from_its_receipt(staff: FlaskClient) -> None:
    staff.most_queries = 50  # type: ignore[attr-defined]
    first, other = about_name(), about_name(theirs="Another")
    address = proposed(staff, decide(staff, first, "theirs"))
    staff.post(f"{address}/start")
    back = staff.post(f"{address}/undo").headers["Location"]
    assert "Name is ours again." in plain(staff.get(back).text)
    assert name_of(other) == "Another"
    assert "Undone 1, skipped 0." in receipt(staff, f"{back}/start")
    assert name_of(other) == "Elm Court"


def test_a_large_batch_shows_its_progress(staff: FlaskClient) -> None:
    first = about_name()
    for _ in range(51):
        rows.status(State.CONFLICT, conflict=name_conflict())
    address = proposed(staff, decide(staff, first))
    assert "are worked on now" in receipt(staff, f"{address}/start")
    page = plain(staff.get(address).text)
    assert "Decided 0, skipped 0 of 52 so far." not in page
    assert "Decided 0, skipped 0 of 51 so far." in page
    assert "It waits for a worker." in page
    with speaking_as(rows.MACHINE):
        assert db.session.scalar(select(func.count()).where(DecisionBatch.state == "queued")) == 1


def test_nothing_is_proposed_without_a_scope(staff: FlaskClient) -> None:
    decision = decide(staff, about_name())
    assert "Nothing was prepared" in receipt(staff, f"/sync/decisions/{decision}/similar", {"scope": "all"})


@pytest.mark.parametrize("act", ["decisions/{}/undo", "decisions/{}/similar", "decision-batches/{}/start"])
def test_a_viewer_decides_nothing(client: FlaskClient, act: str) -> None:
    sign_in(client, "viewer")
    assert client.post(f"/sync/{act.format(uuid4())}").status_code == 403
    assert client.get("/sync/decisions").status_code == 403


def test_what_was_never_decided_is_not_found(staff: FlaskClient) -> None:
    for place in ("decisions", "decision-batches"):
        assert staff.get(f"/sync/{place}/{uuid4()}").status_code == 404
