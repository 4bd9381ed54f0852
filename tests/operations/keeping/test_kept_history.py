"""What goes with the history, and what stays because somebody or something still needs it."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from portal.database import now
from portal.extensions import db
from portal.operations.issues.models import Issue, Retry, RetryItem
from portal.operations.issues.states import standing
from portal.operations.keeping import forgetting
from portal.operations.models import Act
from portal.sync.decision_models import BatchRow, DecisionBatch, SyncDecision
from portal.sync.drift_models import Drift
from portal.sync.models import SyncRun
from portal.sync.states import State
from tests.operations import rows
from tests.operations.pages import page, text
from tests.people import speaking_as

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

OLD, YOUNG = 366, 364

pytestmark = pytest.mark.usefixtures("session")


def days(many: float) -> Any:
    return now() - timedelta(days=many)


def tidy() -> None:
    with speaking_as(rows.MACHINE):
        assert not forgetting.forget_until(time.monotonic() + 60)


def left(model: Any) -> set[Any]:
    with speaking_as(rows.MACHINE):
        return set(db.session.scalars(select(model.id)))


def number(model: Any) -> int:
    with speaking_as(rows.MACHINE):
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def act(age: float, **values: Any) -> Act:
    row = Act(
        kind="retry", words="Sent some again", actor_name="Pat", at=days(age), **{"finished_at": days(age)} | values
    )
    rows.write(row)
    return row


def sent_again(age: float, items: int = 3, **values: Any) -> Retry:
    """A retry that was begun so many days ago, and its act."""
    mine = act(age, finished_at=values.get("finished_at", days(age)))
    facts = {"act_id": mine.id, "words": "w", "requested_by": "Pat", "asked": items, "state": "done"}
    retry = Retry(created_at=days(age), **facts | {"finished_at": days(age)} | values)
    rows.write(retry)
    kind = {"row_kind": "record", "state": "succeeded"}
    rows.write(*(RetryItem(retry_id=retry.id, place=place, row_id=uuid4(), **kind) for place in range(items)))
    return retry


def decision(age: float, **values: Any) -> SyncDecision:
    facts = {"status_id": uuid4(), "entity_type": "property", "entity_id": str(uuid4()), "local_version": 1}
    row = SyncDecision(**facts | {"fields": {}, "decided_by": "Pat", "decided_at": days(age)} | values)
    rows.write(row)
    return row


def batch(age: float, **values: Any) -> DecisionBatch:
    facts = {"act": "decide", "state": "done", "entity_type": "property", "found": 2, "total": 2, "requested_by": "Pat"}
    row = DecisionBatch(**facts | {"created_at": days(age), "finished_at": days(age)} | values)
    rows.write(row)
    rows.write(*(BatchRow(batch_id=row.id, status_id=uuid4(), local_version=1) for _ in range(2)))
    return row


def issue(**values: Any) -> Issue:
    row = Issue(id=uuid4(), direction="out", entity_type="property", cause="refused 422", error="e", **values)
    rows.write(row)
    return row


def test_a_retry_goes_with_its_items_and_its_act() -> None:
    sent_again(OLD)
    young = sent_again(YOUNG)
    tidy()
    assert (left(Retry), left(Act), number(RetryItem)) == ({young.id}, {young.act_id}, 3)


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_retry_under_way_stays_with_all_that_belongs_to_it(state: str) -> None:
    going = sent_again(OLD, state=state, finished_at=None)
    tidy()
    assert (left(Retry), left(Act), number(RetryItem)) == ({going.id}, {going.act_id}, 3)


def test_an_act_stays_as_long_as_the_page_of_its_retry(staff: FlaskClient) -> None:
    retry = sent_again(YOUNG)
    with speaking_as(rows.MACHINE):
        db.session.execute(update(Act).values(at=days(OLD)))
        db.session.commit()
    tidy()
    assert staff.get(f"/sync/retries/{retry.id}").status_code == 200


def test_an_act_under_way_stays() -> None:
    going = act(OLD, finished_at=None)
    cancelled = act(OLD, finished_at=None, cancelled_at=days(OLD))
    tidy()
    assert left(Act) == {going.id}, cancelled.id


def test_decisions_go_and_so_do_those_for_many() -> None:
    decision(OLD, batch_id=batch(OLD).id)
    young = decision(YOUNG, batch_id=batch(YOUNG).id)
    tidy()
    assert left(SyncDecision) == {young.id}
    assert (left(DecisionBatch), number(BatchRow)) == ({young.batch_id}, 2)


def test_a_decision_that_can_be_undone_stays_however_short_the_history_is(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    short = replace(app.extensions["settings"], history_days=1, undo_hours=49)
    monkeypatch.setitem(app.extensions, "settings", short)
    undoable, over = decision(2), decision(3.1)
    tidy()
    assert left(SyncDecision) == {undoable.id}, over.id


def test_a_decision_stays_as_long_as_a_batch_names_it() -> None:
    example = decision(OLD)
    member = decision(OLD, batch_id=batch(YOUNG, decision_id=example.id).id)
    tidy()
    assert left(SyncDecision) == {example.id, member.id}


def test_a_batch_stays_as_long_as_the_one_that_undoes_it() -> None:
    undone = batch(OLD)
    decision(OLD, batch_id=undone.id)
    batch(YOUNG, act="undo", undoes_id=undone.id)
    tidy()
    assert (undone.id in left(DecisionBatch), number(SyncDecision)) == (True, 1)


@pytest.mark.parametrize("state", ["proposed", "queued", "running"])
def test_a_batch_that_is_not_over_stays(state: str) -> None:
    going = batch(OLD, state=state, finished_at=None)
    tidy()
    assert (left(DecisionBatch), number(BatchRow)) == ({going.id}, 2)


def test_a_run_goes_with_what_it_found() -> None:
    for age in (OLD, YOUNG):
        run = rows.run("done", created_at=days(age), finished_at=days(age))
        rows.write(Drift(run_id=run.id, entity_type="property", finding="changed", buildium_id=7, created_at=days(age)))
    tidy()
    assert (left(SyncRun), number(Drift)) == ({run.id}, 1)


def test_of_imports_the_first_and_the_last_stay() -> None:
    made = [rows.run("done", kind="import", created_at=days(age), finished_at=days(age)) for age in (900, 800, 700)]
    other = rows.run("done", kind="import", entity_type="unit", created_at=days(850), finished_at=days(850))
    tidy()
    assert left(SyncRun) == {made[0].id, made[2].id, other.id}


def test_a_run_that_failed_and_was_not_repeated_stays_with_its_issue() -> None:
    failed = rows.run("failed", error_message="No answer", created_at=days(OLD), finished_at=days(OLD))
    tidy()
    assert left(SyncRun) == {failed.id}
    assert failed.issue_id in left(Issue)


def test_a_resolved_issue_goes_when_it_was_resolved_for_long_enough() -> None:
    issue(resolved_at=days(OLD))
    young = issue(resolved_at=days(YOUNG), last_seen_at=days(OLD))
    tidy()
    assert left(Issue) == {young.id}


def test_the_time_begins_when_nothing_is_behind_the_issue_any_more() -> None:
    row = rows.status(State.FAILED, failed_at=days(OLD))
    with speaking_as(rows.MACHINE):
        db.session.execute(update(Issue).values(last_seen_at=days(OLD), first_seen_at=days(OLD)))
        db.session.commit()
    tidy()
    assert resolved_at(row.issue_id) is None
    become(row, State.SYNCED)
    tidy()
    assert resolved_at(row.issue_id) is not None, "it stays a year from now on"
    with speaking_as(rows.MACHINE):
        db.session.execute(update(Issue).values(last_seen_at=now()))
        db.session.commit()
    become(row, State.FAILED, error_message=row.error_message)
    assert resolved_at(row.issue_id) is None


def become(row: Any, state: str, **values: Any) -> None:
    with speaking_as(rows.MACHINE):
        found = db.session.get_one(type(row), row.id)
        found.sync_status, found.cause = state, "refused 422" if state == State.FAILED else None
        for name, value in values.items():
            setattr(found, name, value)
        db.session.commit()


def resolved_at(issue_id: UUID | None) -> Any:
    with speaking_as(rows.MACHINE):
        return db.session.execute(select(Issue.resolved_at).where(Issue.id == issue_id)).one()[0]


@pytest.mark.parametrize("state", ["open", "acknowledged", "resolved", "ignored"])
def test_an_issue_with_something_behind_it_stays_whatever_was_said_of_it(state: str) -> None:
    row = rows.status(State.FAILED, failed_at=days(OLD))
    with speaking_as(rows.MACHINE):
        values = {"state": state, "settled_at": now(), "ignored_over": 9, "resolved_at": days(OLD)}
        db.session.execute(update(Issue).values(values))
        db.session.commit()
    tidy()
    assert left(Issue) == {row.issue_id}


@pytest.mark.parametrize(
    ("terms", "stays"),
    [
        ({"ignored_until": timedelta(days=1)}, True),
        ({"ignored_until": timedelta(days=1), "ignored_over": 5}, True),
        ({"ignored_over": 5}, True),
        ({"ignored_until": -timedelta(days=1)}, False),
        ({"ignored_until": -timedelta(days=1), "ignored_over": 5}, False),
    ],
)
def test_an_ignored_issue_stays_until_that_is_over(terms: dict[str, Any], stays: bool) -> None:
    until = terms.get("ignored_until")
    issue(state="ignored", resolved_at=days(OLD), **terms | {"ignored_until": now() + until if until else None})
    tidy()
    assert number(Issue) == stays


def test_an_issue_stays_as_long_as_a_retry_of_it_is_shown(staff: FlaskClient) -> None:
    kept = issue(resolved_at=days(OLD))
    retry = sent_again(YOUNG, issue_id=kept.id)
    tidy()
    assert left(Issue) == {kept.id}
    assert staff.get(f"/sync/issues/{kept.id}").status_code == 200
    assert f"/sync/issues/{kept.id}" in staff.get(f"/sync/retries/{retry.id}").text


def test_many_parts_go_a_batch_at_a_time_before_what_they_belong_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    sent_again(OLD, items=5)
    seen = []
    for _ in range(5):
        with speaking_as(rows.MACHINE):
            forgetting.forget_until(time.monotonic() - 1)
        seen.append((number(RetryItem), number(Retry), number(Act)))
    assert seen == [(3, 1, 1), (1, 1, 1), (0, 1, 1), (0, 0, 0), (0, 0, 0)]


def test_an_issue_that_was_removed_comes_back_with_the_next_failure() -> None:
    row = rows.status(State.FAILED)
    become(row, State.SYNCED)
    with speaking_as(rows.MACHINE):
        db.session.execute(update(Issue).values(resolved_at=days(OLD)))
        db.session.commit()
    tidy()
    assert number(Issue) == 0
    become(row, State.FAILED, error_message=row.error_message)
    with speaking_as(rows.MACHINE):
        found = standing(row.issue_id) if row.issue_id else None
        assert found is not None
        assert (found.state, found.number) == ("open", 1)


def test_the_page_names_every_rule(staff: FlaskClient) -> None:
    decision(40)
    lines = [text(line) for line in page(staff, "/sync/kept").findall(".//tbody/tr")]
    for words in ("Resolved issues", "What was sent again", "Decided conflicts", "Decisions that were made for many"):
        assert any(words in line and "365 days" in line for line in lines), lines
    assert any("Decided conflicts" in line and "month ago" in line for line in lines), lines
