"""The same decision for many records: shown, confirmed, done one by one, and taken back as a whole."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from portal.acting import acting_as
from portal.audit import AuditEntry
from portal.entities.properties.mapping import PROPERTY
from portal.entities.properties.model import Property
from portal.extensions import db
from portal.sync import batches
from portal.sync.decision_models import BatchRow, DecisionBatch, SyncDecision
from portal.sync.decisions import decide
from portal.sync.pull import pull_one
from portal.sync.similar import SAME_FIELDS, SAME_VALUES, number_similar, propose, propose_undo
from tests.live import Live
from tests.sync.disputes import both, decided, disputed, more_disputed


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch of two is large enough for a worker."""
    monkeypatch.setattr(batches, "AT_ONCE", 1)


def left(batch: DecisionBatch) -> dict[str, str]:
    """Record → what became of it."""
    rows = db.session.scalars(select(BatchRow).where(BatchRow.batch_id == batch.id))
    return {row.record_name or "": row.reason or row.outcome for row in rows}


def look_after() -> None:
    """As the clock does."""
    db.session.rollback()
    with acting_as(batches.MACHINE):
        batches.look_after()


def renamed_there(live: Live, house: Property, name: str) -> None:
    live.edit_there("rentals", house.buildium_property_id or 0, Name=name)
    pull_one(PROPERTY, house.buildium_property_id or 0)


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_a_decision_is_made_for_similar_records_too(live: Live, side: str) -> None:
    first = disputed(live)
    others = more_disputed(live, first, 2)
    batch = propose(decided(live, first, side), SAME_FIELDS)
    assert batch.total == 2
    assert [live.state(each) for each in others] == ["conflict", "conflict"]
    assert batches.begin(batch)
    live.work()
    kept = {"ours": "Ours", "theirs": "Theirs"}[side]
    assert [both(live, each) for each in others] == [(kept, kept)] * 2
    assert batches.outcomes(batch) == {"done": 2}


def test_similar_are_conflicts_about_exactly_the_same_fields(live: Live) -> None:
    first = disputed(live)
    alike, other = more_disputed(live, first, 2)
    other.year_built = 1910
    live.save(other)
    live.edit_there("rentals", other.buildium_property_id or 0, YearBuilt=1920)
    pull_one(PROPERTY, other.buildium_property_id or 0)
    assert set(live.row(other).conflict or {}) == {"Name", "YearBuilt"}
    batch = propose(decided(live, first, "ours"), SAME_FIELDS)
    assert list(left(batch)) == [alike.name]


def test_similar_can_mean_the_same_values(live: Live) -> None:
    first = disputed(live)
    more_disputed(live, first, 1)
    more_disputed(live, first, 1, theirs="Another")
    decision = decided(live, first, "ours")
    assert number_similar(decision, SAME_FIELDS) == 2
    assert number_similar(decision, SAME_VALUES) == 1
    assert propose(decision, SAME_VALUES).total == 1


def test_what_changed_between_the_preview_and_the_confirmation_is_skipped_and_why(live: Live) -> None:
    first = disputed(live)
    saved, moved, settled, same = more_disputed(live, first, 4)
    batch = propose(decided(live, first, "theirs"), SAME_FIELDS)
    saved.name = "Ours again"
    live.save(saved)
    renamed_there(live, moved, "Theirs again")
    decide(live.row(settled), {"Name": "ours"})
    batches.begin(batch)
    rows = select(BatchRow.status_id, BatchRow.reason).where(BatchRow.batch_id == batch.id)
    why = {status_id: reason for status_id, reason in db.session.execute(rows)}
    assert why[live.row(saved).id] == "It was saved here meanwhile."
    assert why[live.row(moved).id] == "It was changed in Buildium meanwhile."
    assert why[live.row(settled).id] == "It was decided meanwhile."
    assert why[live.row(same).id] is None
    assert batches.outcomes(batch) == {"done": 1, "skipped": 3}
    assert batches.reasons(batch)["It was saved here meanwhile."] == 1
    assert (live.state(saved), live.state(moved)) == ("conflict", "conflict")
    db.session.refresh(saved)
    assert saved.name == "Ours again"


def test_a_batch_begins_once(live: Live) -> None:
    first = disputed(live)
    more_disputed(live, first, 1)
    batch = propose(decided(live, first, "ours"), SAME_FIELDS)
    assert batches.begin(batch)
    assert not batches.begin(batch)


def test_a_large_batch_is_a_workers_and_still_the_persons(live: Live, many: None) -> None:
    first = disputed(live)
    others = more_disputed(live, first, 2)
    batch = propose(decided(live, first, "theirs"), SAME_FIELDS)
    batches.begin(batch)
    assert batches.outcomes(batch) == {"waiting": 2}
    live.work()
    db.session.refresh(batch)
    assert (batch.state, batches.outcomes(batch)) == ("done", {"done": 2})
    trail = select(AuditEntry.actor_name).where(
        AuditEntry.table_name == "properties", AuditEntry.row_id == str(others[0].id)
    )
    assert db.session.scalar(trail.order_by(AuditEntry.id.desc()).limit(1)) == "Pat Manager"
    made = select(SyncDecision.decided_by).where(SyncDecision.batch_id == batch.id)
    assert set(db.session.scalars(made)) == {"Pat Manager"}


def test_a_batch_whose_job_was_lost_is_found(live: Live, many: None) -> None:
    first = disputed(live)
    more_disputed(live, first, 2)
    batch = propose(decided(live, first, "ours"), SAME_FIELDS)
    live.work()
    batches.begin(batch)
    live.redis.flushdb()
    db.session.execute(update(DecisionBatch).values(created_at=func.now() - timedelta(minutes=1)))
    db.session.commit()
    look_after()
    live.work()
    assert batches.outcomes(batch) == {"done": 2}


def test_a_batch_whose_worker_died_goes_on_where_it_stopped(live: Live, many: None) -> None:
    first = disputed(live)
    more_disputed(live, first, 2)
    batch = propose(decided(live, first, "ours"), SAME_FIELDS)
    batches.begin(batch)
    live.redis.flushdb()
    batches.step(batch.id)
    old = {"state": "running", "heartbeat_at": func.now() - timedelta(minutes=1)}
    db.session.execute(update(DecisionBatch).values(old))
    db.session.commit()
    look_after()
    live.work()
    assert batches.outcomes(batch) == {"done": 2}
    assert db.session.scalar(select(func.count()).where(SyncDecision.batch_id == batch.id)) == 2


def test_a_preview_that_nobody_confirms_is_forgotten(live: Live) -> None:
    first = disputed(live)
    more_disputed(live, first, 1)
    kept, old = (propose(decision, SAME_FIELDS) for decision in [decided(live, first, "ours")] * 2)
    aged = update(DecisionBatch).where(DecisionBatch.id == old.id).values(created_at=func.now() - timedelta(days=2))
    db.session.execute(aged)
    db.session.commit()
    look_after()
    assert db.session.scalars(select(DecisionBatch.id)).all() == [kept.id]
    assert set(db.session.scalars(select(BatchRow.batch_id))) == {kept.id}


@pytest.mark.parametrize("sent", [True, False])
def test_a_batch_is_undone_as_a_whole_but_for_what_was_edited_since(live: Live, sent: bool) -> None:
    first = disputed(live)
    others = more_disputed(live, first, 3)
    batch = propose(decided(live, first, "theirs"), SAME_FIELDS)
    batches.begin(batch)
    if sent:
        live.work()
    db.session.refresh(others[2])
    others[2].year_built = 1999
    live.save(others[2])
    back = propose_undo(batch)
    assert back.total == 3
    batches.begin(back)
    live.work()
    assert [both(live, each) for each in others] == [("Ours", "Ours"), ("Ours", "Ours"), ("Theirs", "Theirs")]
    assert batches.outcomes(back) == {"done": 2, "skipped": 1}
    (why,) = batches.reasons(back)
    assert why.startswith("Pat Manager has saved the record since.")
