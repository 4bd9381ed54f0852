"""What goes to Buildium beside a lease: move-outs and the note; and what may happen in between."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from portal.entities.leases.mapping import LEASE
from portal.entities.leases.model import Lease, LeaseTenant
from portal.entities.tenants.model import Tenant
from portal.extensions import db
from portal.sync import push
from portal.sync.pull import pull_one
from tests.leases import days, lease_of, let_unit, sent, synced_lease, tenant_of, there
from tests.live import Live


def person(lease: Lease, first: str = "Jane") -> LeaseTenant:
    return next(each for each in lease.tenants if each.tenant.first_name == first)


def outs(live: Live, lease: Lease) -> dict[int, tuple[Any, Any]]:
    found = live.get(f"/v1/leases/{lease.buildium_lease_id}/moveouts")
    return {each["TenantId"]: (each["MoveOutDate"], each["NoticeGivenDate"]) for each in found}


def notes(live: Live, lease: Lease) -> list[tuple[int, str]]:
    return [(each["Id"], each["Note"]) for each in live.get(f"/v1/leases/{lease.buildium_lease_id}/notes")]


def write(live: Live, lease: Lease, text: str) -> None:
    lease.notes = text
    live.save(lease)
    live.work()


def note_path(lease: Lease) -> str:
    return f"/v1/leases/{lease.buildium_lease_id}/notes/{lease.buildium_note_id}"


def test_a_move_out_goes_and_is_taken_back(live: Live) -> None:
    lease = synced_lease(live, tenant_of(), tenant_of("John"))
    jane = person(lease)
    jane.move_out(days(-1), days(-20))
    live.save(lease)
    live.work()
    known = jane.tenant.buildium_tenant_id or 0
    assert outs(live, lease) == {known: (str(days(-1)), str(days(-20)))}
    assert (live.state(lease), person(lease).status) == ("synced", "MovedOut")
    person(lease).stay()
    live.save(lease)
    live.work()
    assert outs(live, lease) == {}
    assert (live.state(lease), person(lease).status) == ("synced", "Current")
    assert live.asked("PUT", f"/v1/leases/{lease.buildium_lease_id}") == 0


def test_everybody_moving_out_ends_the_lease(live: Live) -> None:
    lease = synced_lease(live, tenant_of(), tenant_of("John"))
    lease.move_out(lease.staying(), days(-1))
    live.save(lease)
    live.work()
    assert (lease.status, len(outs(live, lease))) == ("Past", 2)


def test_another_move_out_date_replaces_the_first(live: Live) -> None:
    lease = synced_lease(live)
    for day in (days(10), days(20)):
        person(lease).move_out(day)
        live.save(lease)
        live.work()
    assert list(outs(live, lease).values()) == [(str(days(20)), None)]
    assert live.state(lease) == "synced"


def test_a_move_out_with_a_lost_answer_is_not_entered_twice(live: Live) -> None:
    lease = synced_lease(live)
    live.fault("commit_then_drop", method="POST", path="/v1/leases/*/moveouts")
    person(lease).move_out(days(10))
    live.save(lease)
    live.work()
    live.work_later()
    assert (live.state(lease), len(outs(live, lease))) == ("synced", 1)
    assert live.asked("POST", f"/v1/leases/{lease.buildium_lease_id}/moveouts") == 1


def test_a_new_lease_can_come_with_a_move_out(live: Live) -> None:
    lease = lease_of(let_unit(live), tenant_of())
    lease.tenants[0].move_out(days(30))
    live.save(lease)
    live.work()
    assert (live.state(lease), len(outs(live, lease))) == ("synced", 1)


def test_a_move_out_entered_in_buildium_meanwhile_is_not_taken_back_by_one_from_here(live: Live) -> None:
    lease = synced_lease(live, tenant_of(), tenant_of("John"))
    john = person(lease, "John").tenant.buildium_tenant_id
    body = {"TenantId": john, "MoveOutDate": str(days(40))}
    live.http.post(f"/v1/leases/{lease.buildium_lease_id}/moveouts", json=body).raise_for_status()
    person(lease).move_out(days(10))
    live.save(lease)
    live.work()
    jane = person(lease).tenant.buildium_tenant_id
    assert outs(live, lease) == {john: (str(days(40)), None), jane: (str(days(10)), None)}
    assert (live.state(lease), person(lease, "John").move_out_date) == ("synced", days(40))


def test_a_move_out_that_differs_on_both_sides_is_for_a_person(live: Live) -> None:
    lease = synced_lease(live)
    body = {"TenantId": person(lease).tenant.buildium_tenant_id, "MoveOutDate": str(days(40))}
    live.http.post(f"/v1/leases/{lease.buildium_lease_id}/moveouts", json=body).raise_for_status()
    person(lease).move_out(days(10))
    live.save(lease)
    live.work()
    assert live.state(lease) == "conflict"
    assert len(outs(live, lease)) == 1


def test_a_note_is_made_once_and_then_edited(live: Live) -> None:
    lease = synced_lease(live)
    write(live, lease, "Spare key\nfor the bike room.")
    ((number, text),) = notes(live, lease)
    assert (text, number) == ("Spare key\nfor the bike room.", lease.buildium_note_id)
    write(live, lease, "Gave the key back.")
    assert notes(live, lease) == [(number, "Gave the key back.")]
    assert live.state(lease) == "synced"


def test_a_note_comes_with_a_new_lease(live: Live) -> None:
    lease = synced_lease(live, notes="Two cats.")
    assert [text for _, text in notes(live, lease)] == ["Two cats."]
    assert lease.notes == "Two cats."


def test_a_note_with_a_lost_answer_is_not_made_twice(live: Live) -> None:
    lease = synced_lease(live)
    live.fault("commit_then_drop", method="POST", path="/v1/leases/*/notes")
    write(live, lease, "Two cats.")
    live.work_later()
    assert (live.state(lease), len(notes(live, lease))) == ("synced", 1)
    assert lease.buildium_note_id == notes(live, lease)[0][0]


def test_a_note_edited_in_buildium_arrives_and_other_notes_do_not(live: Live) -> None:
    lease = synced_lease(live, notes="Two cats.")
    live.http.put(note_path(lease), json={"Note": "Three cats."}).raise_for_status()
    live.http.post(f"/v1/leases/{lease.buildium_lease_id}/notes", json={"Note": "Another one."}).raise_for_status()
    pull_one(LEASE, lease.buildium_lease_id or 0)
    assert (lease.notes, live.state(lease)) == ("Three cats.", "synced")


def test_a_note_changed_on_both_sides_is_a_conflict(live: Live) -> None:
    lease = synced_lease(live, notes="Two cats.")
    live.http.put(note_path(lease), json={"Note": "Three cats."}).raise_for_status()
    write(live, lease, "No cats.")
    row = live.row(lease)
    assert (row.sync_status, row.error_message) == ("conflict", "Changed here and in Buildium: Notes.")
    assert notes(live, lease)[0][1] == "Three cats."


def test_a_note_can_not_be_emptied(live: Live) -> None:
    lease = synced_lease(live, notes="Two cats.")
    lease.notes = None
    live.save(lease)
    live.work()
    assert live.row(lease).error_message == (
        "Buildium keeps every note. Write what should stand there instead of emptying it."
    )


def test_a_note_that_was_deleted_in_buildium_takes_nothing_else_along(live: Live) -> None:
    lease = synced_lease(live, notes="Two cats.")
    live.delete_there("lease_notes", lease.buildium_note_id or 0)
    lease.end_date = days(100)
    live.save(lease)
    live.work()
    assert (live.state(lease), there(live, lease)["LeaseToDate"]) == ("synced", str(days(100)))
    assert (lease.notes, lease.buildium_note_id) == (None, None)
    write(live, lease, "Three cats.")
    assert [text for _, text in notes(live, lease)] == ["Three cats."]


def test_a_tenant_added_in_buildium_comes_with_the_next_push_of_the_lease(live: Live) -> None:
    lease = synced_lease(live)
    body = {"LeaseId": lease.buildium_lease_id, "FirstName": "Ken", "LastName": "Known", "Address": there_address()}
    live.http.post("/v1/leases/tenants", json=body).raise_for_status()
    lease.end_date = days(100)
    live.save(lease)
    live.work()
    assert (live.state(lease), {each.tenant.first_name for each in lease.tenants}) == ("synced", {"Jane", "Ken"})


@pytest.mark.parametrize("step", ["link_children", "release"])
def test_a_worker_that_dies_before_its_tenants_are_linked_makes_nobody_twice(
    live: Live, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """What the lease's create brought along is found again by the tenants' own pushes."""
    from portal.sync import arrival

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    live.switch(tenant_twice="allow")
    lease = lease_of(let_unit(live), tenant_of(), tenant_of("John", email="john@example.com"))
    live.save(lease)
    with monkeypatch.context() as patch:
        patch.setattr(arrival, step, die)
        with pytest.raises(KeyboardInterrupt):
            push.push_now("lease", str(lease.id))
    db.session.rollback()
    live.work()
    release_blocked(live)
    for _ in range(4):
        live.work_later()
    assert {row.sync_status for row in live.rows() if row.entity_type in ("lease", "tenant")} == {"synced"}
    assert len(live.get("/v1/leases/tenants")) == 2 == len(db.session.scalars(select(Tenant)).all())
    assert [set(each) >= {"UnitId"} for each in sent(live, "POST", "/v1/leases")] == [True]


def test_a_tenant_whose_turn_comes_between_the_lease_and_its_linking_is_not_sent_again(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.sync import arrival

    live.switch(tenant_twice="allow")
    lease = lease_of(let_unit(live), tenant_of())
    live.save(lease)
    tenant_id = str(lease.tenants[0].tenant.id)
    link = arrival.link_children

    def meanwhile(*given: Any) -> None:
        push.push_now("tenant", tenant_id)
        link(*given)

    monkeypatch.setattr(arrival, "link_children", meanwhile)
    push.push_now("lease", str(lease.id))
    live.work()
    live.work_later()
    assert len(live.get("/v1/leases/tenants")) == 1
    assert {row.sync_status for row in live.rows() if row.entity_type in ("lease", "tenant")} == {"synced"}


def there_address() -> dict[str, str]:
    return {"AddressLine1": "12 Harbor Street", "PostalCode": "04101", "Country": "UnitedStates"}


def release_blocked(live: Live) -> None:
    """What the clock does every few minutes."""
    from sqlalchemy import update

    from portal.sync.models import SyncStatus

    blocked = update(SyncStatus).where(SyncStatus.sync_status == "blocked")
    db.session.execute(blocked.values(sync_status="pending"))
    db.session.commit()
