"""Sending many again, for real: outbox, queue, workers and the simulated Buildium behind HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from portal.acting import Actor, Door, acting_as
from portal.database import now
from portal.extensions import db
from portal.operations.issues import retries, retrying
from portal.operations.issues.models import Issue, Retry, RetryItem
from portal.operations.issues.retry_plan import IN_ANOTHER, WORN_OUT, of_filter, of_issue, plan
from portal.operations.models import Act
from portal.sync import breaker
from portal.sync.models import BuildiumConnection, SyncStatus
from portal.sync.resolve import retry as send_again
from tests.records import bank_account, property_of, synced_property, unit_of

if TYPE_CHECKING:
    from portal.entities.properties.model import Property
    from tests.live import Live

MACHINE = Actor.machine(Door.COMMAND)
HOUSES = 4


@pytest.fixture
def refused(live: Live) -> list[Property]:
    """Properties that Buildium has, and whose change it refuses for one cause, from now on."""
    account = bank_account(live)
    houses = [property_of(account, name=f"Harbor View {number}") for number in range(HOUSES)]
    live.save(*houses, *(unit_of(house) for house in houses))
    live.work()
    refuse(live)
    for number, house in enumerate(houses):
        house.year_built = 1900 + number
        live.save(house)
    live.work()
    assert {live.state(house) for house in houses} == {"failed"}
    live.forget_requests()
    return houses


def refuse(live: Live, status: int = 422) -> None:
    live.fault("status", method="PUT", path="/v1/rentals/*", status=status, times=None)


def the_issue(live: Live, house: Property) -> Issue:
    found = db.session.get(Issue, live.row(house).issue_id)
    assert found
    return found


def begin(live: Live, house: Property, **more: Any) -> UUID:
    made = retries.begin(of_issue(the_issue(live, house), **more), "Sent it again", "Pat Manager")
    assert made
    return made.id


def now_of(retry_id: UUID) -> Retry:
    db.session.rollback()
    return db.session.get_one(Retry, retry_id)


def sent(live: Live) -> int:
    return live.asked("PUT", "/v1/rentals/*") or live.asked("PUT", "/v1/rentals")


def test_all_of_one_cause_is_one_issue(live: Live, refused: list[Property]) -> None:
    assert len({live.row(house).issue_id for house in refused}) == 1
    issue = the_issue(live, refused[0])
    assert (issue.direction, issue.entity_type, issue.cause, issue.status) == ("out", "property", "refused 422", 422)


def test_the_first_one_arrives_and_the_others_follow(live: Live, refused: list[Property]) -> None:
    live.clear_faults()
    retry_id = begin(live, refused[0])
    live.work()
    assert {live.state(house) for house in refused} == {"synced"}
    found = now_of(retry_id)
    assert (found.state, found.canary) == ("done", "passed")
    assert retries.numbers(retry_id) == {"succeeded": HOUSES}
    act = db.session.get_one(Act, found.act_id)
    assert (act.actor_name, act.asked, act.queued, act.skipped) == ("Pat Manager", HOUSES, HOUSES, 0)
    assert act.finished_at


def test_the_first_one_fails_and_nothing_else_is_sent(live: Live, refused: list[Property]) -> None:
    retry_id = begin(live, refused[0])
    live.work()
    found = now_of(retry_id)
    assert (found.state, found.canary) == ("stopped", "failed")
    assert "for the same cause" in (found.stopped_because or "")
    assert "The other 3 were not sent." in (found.stopped_because or "")
    assert retries.numbers(retry_id) == {"failed": 1, "left": HOUSES - 1}
    assert live.asked("PUT", "/v1/rentals") == 1


def test_a_first_one_that_fails_for_another_cause_stops_it_too_and_says_so(live: Live, refused: list[Property]) -> None:
    live.clear_faults()
    refuse(live, 400)
    retry_id = begin(live, refused[0])
    live.work()
    assert "for another cause" in (now_of(retry_id).stopped_because or "")
    assert live.asked("PUT", "/v1/rentals") == 1


def test_one_failure_after_the_first_does_not_stop_the_others(live: Live, refused: list[Property]) -> None:
    live.clear_faults()
    number = refused[2].buildium_property_id
    live.fault("status", method="PUT", path=f"/v1/rentals/{number}", status=422, times=None)
    retry_id = begin(live, refused[0])
    live.work()
    assert retries.numbers(retry_id) == {"succeeded": HOUSES - 1, "failed": 1}
    assert now_of(retry_id).state == "done"


def test_what_has_been_corrected_meanwhile_is_skipped_and_the_next_one_is_the_first(
    live: Live, refused: list[Property]
) -> None:
    retry_id = begin(live, refused[0])
    first = db.session.scalars(select(RetryItem).where(RetryItem.place == 1)).one()
    house = next(each for each in refused if live.row(each).id == first.row_id)
    live.clear_faults()
    house.year_built = 1999
    live.save(house)
    live.work()
    assert retries.numbers(retry_id) == {"skipped": 1, "succeeded": HOUSES - 1}


def test_a_cancelled_retry_sends_nothing_more(live: Live, refused: list[Property]) -> None:
    live.clear_faults()
    retry_id = begin(live, refused[0])
    with acting_as(MACHINE):
        item = retrying.take(retry_id)
        assert item
        retrying.handle(item)
    assert retries.cancel(retry_id) == HOUSES - 1
    live.work()
    assert retries.numbers(retry_id) == {"succeeded": 1, "left": HOUSES - 1}
    assert [live.state(house) for house in refused].count("failed") == HOUSES - 1
    found = now_of(retry_id)
    act = db.session.get_one(Act, found.act_id)
    assert (found.state, act.cancelled_by, act.finished_at) == ("cancelled", "Pat Manager", None)
    assert retries.cancel(retry_id) is None


@pytest.mark.parametrize("died", ["after taking", "while sending"])
def test_a_retry_goes_on_where_its_worker_died(live: Live, refused: list[Property], died: str) -> None:
    live.clear_faults()
    retry_id = begin(live, refused[0])
    with acting_as(MACHINE):
        first = retrying.take(retry_id)
        assert first
        retrying.handle(first)
        second = retrying.take(retry_id)
        assert second
        if died == "while sending":
            row_id = second.row_id
            lost = {"sync_status": "syncing", "leased_until": now() - timedelta(minutes=1)}
            db.session.execute(update(SyncStatus).where(SyncStatus.id == row_id).values(lost))
        # Half a minute later.
        ago = {"heartbeat_at": now() - timedelta(seconds=30)}
        db.session.execute(update(Retry).values(ago))
        db.session.execute(update(RetryItem).where(RetryItem.state == "sending").values(seen_at=now() - timedelta(30)))
        db.session.commit()
        from portal.sync.sweep import free_expired_leases

        free_expired_leases()
        live.redis.flushdb()
        live.redis.set("buildium:known", 1)
        retries.wake_open()
    live.work()
    assert {live.state(house) for house in refused} == {"synced"}
    assert (now_of(retry_id).state, retries.numbers(retry_id)) == ("done", {"succeeded": HOUSES})
    assert live.asked("PUT", "/v1/rentals") == HOUSES


def test_a_record_is_in_one_open_retry_only(live: Live, refused: list[Property]) -> None:
    begin(live, refused[0])
    again = of_issue(the_issue(live, refused[0]))
    assert plan(again).skipped == {IN_ANOTHER: HOUSES}
    assert retries.begin(again, "Sent it again", "Pat Manager") is None
    rows, _ = of_filter({"state": "failed"})
    assert plan(rows).going == 0


def test_the_plan_counts_what_is_skipped_and_why(live: Live, refused: list[Property]) -> None:
    db.session.execute(
        update(SyncStatus).where(SyncStatus.id == live.row(refused[0]).id).values(sync_status="conflict")
    )
    db.session.commit()
    rows, _ = of_filter({"entity_type": "property"})
    found = plan(rows)
    assert found.going == HOUSES - 1
    assert found.skipped == {"were changed on both sides: choose which values stay": 1}
    assert (found.asked, found.calls) == (HOUSES, 2 * (HOUSES - 1))


def test_a_filter_sends_what_its_list_shows(live: Live, refused: list[Property]) -> None:
    live.clear_faults()
    rows, _ = of_filter({"state": "failed", "q": "Harbor View 1"})
    made = retries.begin(rows, "Sent some again", "Pat Manager")
    assert made
    live.work()
    assert [live.state(house) for house in refused].count("synced") == 1
    act = db.session.get_one(Act, made.act_id)
    assert act.filter == {"state": "failed", "q": "Harbor View 1"}


def test_what_failed_three_times_for_one_cause_is_not_offered_again(live: Live, refused: list[Property]) -> None:
    for _ in range(3):
        send_again(live.row(refused[0]))
        live.work()
    issue = the_issue(live, refused[0])
    assert plan(of_issue(issue)).skipped == {WORN_OUT: 1}
    assert retries.worn_out(issue) == 1
    assert plan(of_issue(issue, stubborn=True)).going == HOUSES
    refused[0].year_built = 1777
    live.save(refused[0])
    live.work()
    assert plan(of_issue(the_issue(live, refused[0]))).skipped == {}


def test_an_issue_whose_first_one_failed_three_times_is_stuck(live: Live, refused: list[Property]) -> None:
    for _ in range(3):
        assert not retries.is_stuck(the_issue(live, refused[0]))
        begin(live, refused[0])
        live.work()
    assert retries.is_stuck(the_issue(live, refused[0]))


def test_while_buildium_refuses_the_account_a_retry_waits(live: Live, refused: list[Property]) -> None:
    live.clear_faults()
    live.switch(key_works=False)
    retry_id = begin(live, refused[0])
    live.work()
    assert breaker.is_open()
    assert now_of(retry_id).state == "running"
    assert retries.numbers(retry_id).get("failed") is None
    live.switch(key_works=True)
    with acting_as(MACHINE):
        db.session.execute(update(BuildiumConnection).values(state="closed", next_probe_at=None))
        db.session.execute(update(RetryItem).where(RetryItem.state == "sending").values(seen_at=now() - timedelta(30)))
        db.session.execute(
            update(SyncStatus).where(SyncStatus.next_attempt_at.is_not(None)).values(next_attempt_at=func.now())
        )
        db.session.commit()
        retries.wake(retry_id)
    live.work()
    assert {live.state(house) for house in refused} == {"synced"}
    assert now_of(retry_id).state == "done"


def test_an_event_that_was_given_up_is_handled_again_with_its_like(live: Live) -> None:
    from portal.webhooks.models import WebhookEvent

    house = synced_property(live)
    live.edit_there("rentals", house.buildium_property_id or 0, YearBuilt=1888)
    with acting_as(MACHINE):
        facts = {"EventName": "Rental.Updated", "PropertyId": house.buildium_property_id}
        for number in range(2):
            db.session.add(
                WebhookEvent(
                    event_id=f"{number:064x}", event_type="Rental.Updated", event_data=facts, state="dead",
                    entity_type="property", buildium_entity_id=house.buildium_property_id,
                    error_message=f"GET /v1/rentals/{number} was answered 500: Oops",
                )
            )  # fmt: skip
        db.session.commit()
    issue = db.session.scalars(select(Issue).where(Issue.direction == "in")).one()
    made = retries.begin(of_issue(issue), "Handled it again", "Pat Manager")
    assert made
    live.work()
    assert retries.numbers(made.id) == {"succeeded": 2}
    db.session.refresh(house)
    assert house.year_built == 1888
