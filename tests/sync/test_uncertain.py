"""A create whose answer was lost: looked for before it is ever sent again."""

from __future__ import annotations

import pytest

from portal.extensions import db
from portal.sync import breaker
from portal.sync.leases import claim, note
from portal.sync.resolve import create_anew, link_to
from portal.sync.sweep import free_expired_leases
from tests.faults.desk import Desk
from tests.live import Live
from tests.records import THERE, bank_account, owner_of, property_of, synced_property

LOST = [
    ("commit_then_drop", {}),
    ("commit_then_drop", {"how": "reset"}),
    ("commit_then_status", {"status": 500}),
    ("commit_then_status", {"status": 502}),
    ("commit_then_status", {"status": 503}),
    ("truncate", {}),
    ("chunk_trunc", {}),
    ("garbage", {}),
    ("html", {}),
    ("empty", {}),
]


@pytest.mark.fault(14)
@pytest.mark.parametrize(("fault", "rule"), LOST, ids=lambda value: str(value))
def test_a_create_with_a_lost_answer_is_adopted_and_never_repeated(
    live: Live, fault: str, rule: dict[str, int]
) -> None:
    house = property_of(bank_account(live))
    live.fault(fault, method="POST", path="/v1/rentals", **rule)
    live.save(house)
    live.work()
    assert live.state(house) == "uncertain"
    assert "Outcome unknown: looking in Buildium" in Desk(live.app).record(house)
    live.work_later()
    live.work_later()
    assert live.state(house) == "synced", live.row(house).error_message
    assert [each["Id"] for each in live.get("/v1/rentals")] == [house.buildium_property_id]
    assert live.asked("POST", "/v1/rentals") == 1


def test_an_edit_while_the_outcome_is_unknown_reaches_the_adopted_record(live: Live) -> None:
    house = property_of(bank_account(live))
    live.fault("commit_then_drop", method="POST", path="/v1/rentals")
    live.save(house)
    live.work()
    house.year_built = 1999
    live.save(house)
    assert live.state(house) == "uncertain"
    live.work_later()
    live.work_later()
    (there,) = live.get("/v1/rentals")
    assert (there["Id"], there["YearBuilt"]) == (house.buildium_property_id, 1999)


def test_a_create_that_never_arrived_is_sent_again_after_the_look_ups(live: Live) -> None:
    house = property_of(bank_account(live))
    live.fault("drop", method="POST", path="/v1/rentals")
    live.save(house)
    live.work()
    for _ in range(4):
        live.work_later()
    assert live.state(house) == "synced"
    assert len(live.get("/v1/rentals")) == 1


def test_a_person_can_link_one_of_the_candidates(live: Live) -> None:
    first = synced_property(live, name="Twin")
    account = first.operating_bank_account
    assert account
    body = {"Name": "Harbor View", "RentalSubType": "MultiFamily", "Address": THERE}
    ids = []
    for _ in range(2):
        sent = {**body, "OperatingBankAccountId": account.buildium_bank_id}
        ids.append(live.http.post("/v1/rentals", json=sent).raise_for_status().json()["Id"])
    house = property_of(account)
    live.fault("drop", method="POST", path="/v1/rentals")
    live.save(house)
    live.work()
    live.work_later()
    row = live.row(house)
    assert (row.sync_status, sorted(each["Id"] for each in row.candidates or [])) == ("uncertain", sorted(ids))
    link_to(row, ids[1])
    live.work()
    assert (live.state(house), house.buildium_property_id) == ("synced", ids[1])


def test_a_person_can_say_that_none_of_the_candidates_is_it(live: Live) -> None:
    first = synced_property(live)
    twin = property_of(first.operating_bank_account, name="Other")
    live.fault("drop", method="POST", path="/v1/rentals")
    live.save(twin)
    live.work()
    row = live.row(twin)
    row.candidates = [{"Id": 1}, {"Id": 2}]
    db.session.commit()
    create_anew(live.row(twin))
    live.work()
    assert live.state(twin) == "synced"


def test_a_worker_killed_after_noting_the_attempt_leaves_an_uncertain_create(live: Live) -> None:
    from sqlalchemy import func

    house = property_of(bank_account(live))
    live.save(house)
    lease = claim("property", str(house.id))
    assert lease
    note(lease, last_post_attempt_at=func.clock_timestamp(), last_post_fingerprint="x")
    db.session.commit()
    row = live.row(house)
    row.leased_until = row.created_at
    db.session.commit()
    free_expired_leases()
    assert live.state(house) == "uncertain"


def test_an_owner_with_a_lost_answer_is_found_by_name_and_property(live: Live) -> None:
    house = synced_property(live)
    owner = owner_of(
        house, is_company=False, company_name=None, first_name="Zoë", last_name="O'Neil", email="zoe@example.com"
    )
    live.fault("commit_then_drop", method="POST", path="/v1/rentals/owners")
    live.save(owner)
    live.work()
    live.work_later()
    live.work_later()
    assert live.state(owner) == "synced", live.row(owner).error_message
    assert len(live.get("/v1/rentals/owners")) == 1


@pytest.mark.parametrize("status", [429, 401])
def test_a_create_that_was_never_executed_is_simply_sent_again(live: Live, status: int) -> None:
    house = property_of(bank_account(live))
    live.fault("status", method="POST", path="/v1/rentals", status=status)
    live.save(house)
    live.work()
    assert (live.state(house), live.row(house).last_post_attempt_at) == ("pending", None)
    breaker.close(None, None)
    live.redis.delete("buildium:pause")
    live.work_later()
    assert live.state(house) == "synced", live.row(house).error_message
    assert len(live.get("/v1/rentals")) == 1
