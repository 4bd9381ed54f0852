"""Taking a decision back: before and after it has reached Buildium, and when it can't be any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from portal.audit import AuditEntry
from portal.buildium.limiter import Lane
from portal.entities.properties.mapping import PROPERTY
from portal.extensions import db
from portal.sync.decision_models import SyncDecision
from portal.sync.decisions import decide
from portal.sync.outbox import wake
from portal.sync.page import Outcome
from portal.sync.pull import pull_one
from portal.sync.states import TransitionError
from portal.sync.undoing import undo
from tests.live import Live
from tests.sync.disputes import both, decided, disputed
from tests.sync.test_decisions import in_conflict

BACK = {"ours": "Theirs", "theirs": "Ours"}


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_undone_before_it_was_sent_the_replaced_value_stays_on_both_sides(live: Live, side: str) -> None:
    house = disputed(live)
    undo(decided(live, house, side))
    live.work()
    assert both(live, house) == (BACK[side], BACK[side])
    assert live.state(house) == "synced"


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_undone_after_it_was_sent_the_replaced_value_is_sent_back(live: Live, side: str) -> None:
    house = disputed(live)
    decision = decided(live, house, side)
    live.work()
    kept = {"ours": "Ours", "theirs": "Theirs"}[side]
    assert both(live, house) == (kept, kept)
    undo(decision)
    live.work()
    assert both(live, house) == (BACK[side], BACK[side])
    assert live.state(house) == "synced"


def test_undone_after_an_update_whose_answer_was_lost_the_replaced_value_comes_back(live: Live) -> None:
    """Nobody knows whether Buildium has the decision: here it does."""
    house = disputed(live)
    decision = decided(live, house, "ours")
    live.fault("commit_then_drop", method="PUT", path="/v1/rentals/*")
    live.work()
    live.clear_faults()
    undo(decision)
    live.work_later()
    assert both(live, house) == ("Theirs", "Theirs")


def test_what_buildium_changed_after_the_decision_is_not_overwritten_unseen(live: Live) -> None:
    house = disputed(live)
    decision = decided(live, house, "theirs")
    live.work()
    live.edit_there("rentals", house.buildium_property_id or 0, Name="Third")
    undo(decision)
    live.work()
    assert live.state(house) == "conflict"
    assert both(live, house) == ("Ours", "Third")


def test_what_buildium_changed_and_told_refuses_the_undoing(live: Live) -> None:
    house = disputed(live)
    decision = decided(live, house, "theirs")
    live.work()
    live.edit_there("rentals", house.buildium_property_id or 0, Name="Third")
    assert pull_one(PROPERTY, house.buildium_property_id or 0) is Outcome.UPDATED
    with pytest.raises(TransitionError, match="Buildium has changed “Name” since"):
        undo(decision)


def test_a_later_edit_refuses_the_undoing_and_says_who_made_it(live: Live) -> None:
    house = disputed(live)
    decision = decided(live, house, "theirs")
    db.session.refresh(house)
    house.year_built = 1950
    live.save(house)
    with pytest.raises(TransitionError, match="Pat Manager has saved the record since"):
        undo(decision)
    db.session.rollback()
    live.work()
    assert both(live, house) == ("Theirs", "Theirs")


def test_a_later_decision_refuses_the_undoing_of_an_earlier_one(live: Live) -> None:
    house = disputed(live)
    first = decided(live, house, "theirs")
    live.work()
    db.session.refresh(house)
    decided(live, disputed(live, "Ours 2", "Theirs 2", house), "ours")
    with pytest.raises(TransitionError, match="a later conflict"):
        undo(first)


def test_a_decision_is_undone_once(live: Live) -> None:
    decision = decided(live, disputed(live), "theirs")
    undo(decision)
    with pytest.raises(TransitionError, match="undone it already"):
        undo(decision)


def test_after_its_time_a_decision_stays(live: Live) -> None:
    decision = decided(live, disputed(live), "theirs")
    old = update(SyncDecision).values(decided_at=func.now() - timedelta(hours=25))
    db.session.execute(old)
    db.session.commit()
    with pytest.raises(TransitionError, match="more than 24 hours ago"):
        undo(decision)


def test_our_secret_comes_back_and_is_kept_sealed_meanwhile(live: Live) -> None:
    record = in_conflict(live)
    decision = decide(live.row(record), {"AccountNumber": "theirs"})
    live.work()
    db.session.refresh(record)
    assert record.account_number == "THEIRS"
    stored = str(db.session.execute(select(SyncDecision.__table__)).all())
    assert "OURS" not in stored
    assert "THEIRS" not in stored
    undo(decision)
    live.work()
    db.session.refresh(record)
    assert record.account_number == "OURS"
    assert live.get(f"/v1/vendors/{record.buildium_vendor_id}")["AccountNumber"] == "OURS"


def test_our_secret_comes_back_before_it_has_gone(live: Live) -> None:
    record = in_conflict(live)
    undo(decide(live.row(record), {"AccountNumber": "theirs"}))
    live.work()
    assert live.get(f"/v1/vendors/{record.buildium_vendor_id}")["AccountNumber"] == "OURS"


def test_buildiums_secret_that_gave_way_cannot_come_back_and_that_is_said(live: Live) -> None:
    decision = decide(live.row(record := in_conflict(live)), {"AccountNumber": "ours"})
    with pytest.raises(TransitionError, match="isn’t kept here"):
        undo(decision)
    db.session.rollback()
    live.work()
    assert live.get(f"/v1/vendors/{record.buildium_vendor_id}")["AccountNumber"] == "OURS"


def test_the_audit_trail_names_who_decided_and_who_undid(live: Live) -> None:
    decision = decided(live, disputed(live), "ours")
    undo(decision)
    mine = select(AuditEntry).where(AuditEntry.table_name == "sync_decisions", AuditEntry.row_id == str(decision.id))
    made, taken_back = db.session.scalars(mine.order_by(AuditEntry.id)).all()
    assert made.actor_name == taken_back.actor_name == "Pat Manager"
    assert taken_back.changes["undone_by"] == [None, "Pat Manager"]


def test_nothing_is_sent_for_a_decision_that_was_taken_back_before_a_worker_came(live: Live) -> None:
    house = disputed(live)
    undo(decided(live, house, "ours"))
    live.forget_requests()
    wake("property", str(house.id), Lane.PEOPLE)
    live.work()
    assert live.asked("PUT", "/v1/rentals/*") == 0
