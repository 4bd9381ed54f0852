from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select, update

from portal.audit import AuditEntry
from portal.database import now
from portal.entities.owners.model import Owner
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from portal.extensions import db
from portal.sync import breaker, imports, runs
from portal.sync.current import current_sync
from portal.sync.models import BuildiumConnection, SyncRun
from portal.webhooks.models import WebhookEvent
from tests.live import Live
from tests.records import synced_property
from tests.webhooks.test_inbox import deliver, event, kept


def imported(live: Live, size: int = 24) -> None:
    live.http.post("/_control/reset", json={"to": "sample", "size": size}).raise_for_status()
    live.forget_requests()
    imports.begin_import("test")
    live.work()


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_an_import_brings_everything_with_one_call_per_page(live: Live) -> None:
    imported(live)
    there = live.http.get("/_control/records").json()
    assert (count(Property), count(Unit), count(Owner)) == (
        there["rentals"],
        there["units"],
        there["owners"],
    )
    found = db.session.scalars(select(SyncRun)).all()
    assert {run.state for run in found} == {"done"}
    assert {run.entity_type: run.calls for run in found} == {run.entity_type: least_calls(run) for run in found}
    assert {row.sync_status for row in live.rows()} == {"synced"}


def least_calls(run: SyncRun) -> int | None:
    """One for each listing that there is: of a kind of task, or inside a parent."""
    resource = current_sync().resource(run.entity_type)
    if resource.nested:
        return run.total
    return len(resource.kinds.paths) if resource.kinds else 1


def test_a_second_import_changes_nothing_and_writes_nothing(live: Live) -> None:
    imported(live)
    before = (count(AuditEntry), max(row.updated_at for row in live.rows()))
    imports.begin_import("test")
    live.work()
    assert (count(AuditEntry), max(row.updated_at for row in live.rows())) == before


def test_events_are_handled_between_the_pages_of_a_run(live: Live) -> None:
    house = synced_property(live)
    live.edit_there("rentals", house.buildium_property_id or 0, Name="Renamed there")
    breaker.meet()
    account = db.session.scalar(select(BuildiumConnection.account_id))
    assert deliver(live, {**event(PropertyId=house.buildium_property_id), "AccountId": account}) == 202
    db.session.execute(update(WebhookEvent).values(created_at=now() - timedelta(seconds=5)))
    db.session.commit()
    runs.begin(runs.Kind.FULL, ["gl_account", "bank_account"], "test")
    runs.run_all()
    (row,), (first, *_) = kept(), db.session.scalars(select(SyncRun).order_by(SyncRun.created_at)).all()
    assert (row.state, house.name) == ("processed", "Renamed there")
    assert row.processed_at is not None
    assert first.finished_at is not None
    assert row.processed_at < first.finished_at
    assert {call.run_id for call in live.call_log() if call.webhook_event_id == row.id} == {None}


def test_a_run_whose_worker_died_goes_on_at_its_checkpoint(live: Live) -> None:
    imported(live)
    run = db.session.scalars(select(SyncRun).where(SyncRun.entity_type == "unit")).one()
    run.state, run.heartbeat_at, run.seen = "running", run.created_at - timedelta(minutes=1), 0
    db.session.commit()
    taken = runs.take()
    assert taken is not None
    assert taken.id == run.id
    runs.perform(taken)
    db.session.refresh(run)
    assert (run.state, run.missing) == ("done", 0)


def test_only_a_complete_listing_says_that_a_record_is_missing(live: Live) -> None:
    imported(live)
    house = db.session.scalars(select(Property).order_by(Property.buildium_property_id)).first()
    assert house
    live.switch(webhook_sending=False)
    live.delete_there("rentals", house.buildium_property_id or 0)
    runs.begin(runs.Kind.INCREMENTAL, ["property"], "test")
    live.work()
    assert live.state(house) == "synced"
    runs.begin(runs.Kind.FULL, ["property"], "test")
    live.work()
    assert live.state(house) == "missing"


def test_a_suspiciously_empty_listing_is_reported_and_not_believed(live: Live) -> None:
    imported(live, 400)
    live.http.post("/_control/reset", json={"to": "empty"}).raise_for_status()
    runs.begin(runs.Kind.FULL, ["unit"], "test")
    live.work()
    assert {row.sync_status for row in live.rows()} == {"synced"}
    run = db.session.scalars(select(SyncRun).where(SyncRun.kind == "full")).one()
    assert "too many to believe" in (run.error_message or "")


def test_an_owner_edited_in_buildium_is_found_by_the_poll(live: Live) -> None:
    from portal.sync.schedule import poll_unannounced
    from tests.records import owner_of

    house = synced_property(live)
    owner = owner_of(house)
    live.save(owner)
    live.work()
    runs.begin(runs.Kind.OWNERS, ["owner"], "test")
    live.work()
    live.edit_there("owners", owner.buildium_owner_id or 0, Email="new@example.com")
    poll_unannounced()
    live.work()
    assert owner.email == "new@example.com"


def test_an_import_can_be_stopped_and_says_so(live: Live) -> None:
    live.http.post("/_control/reset", json={"to": "sample", "size": 24}).raise_for_status()
    imports.begin_import("test")
    for run in db.session.scalars(select(SyncRun)):
        run.stop_requested = True
    db.session.commit()
    live.work()
    assert imports.is_over()
    assert all(line.split(": ")[1].startswith(("done", "stopped")) for line in imports.progress())
