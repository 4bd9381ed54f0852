"""An import whose worker is killed in the middle."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from portal.config import Settings
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from portal.extensions import db
from portal.sync import runs
from portal.sync.models import SyncRun
from portal.sync.sweep import wake_waiting_runs
from tests.faults.desk import Desk
from tests.holding import held
from tests.live import Live

pytestmark = pytest.mark.slow


@contextmanager
def worker(live: Live, lane: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in a process of its own, killed with -9 at the end of the block."""
    settings: Settings = live.app.extensions["settings"]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "BUILDIUM_"))},
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": settings.secret_key,
        "PORTAL_ENCRYPTION_KEYS": " ".join(settings.encryption_keys),
        "BUILDIUM_BASE_URL": settings.buildium_base_url,
        "BUILDIUM_CLIENT_ID": settings.buildium_client_id,
        "BUILDIUM_CLIENT_SECRET": settings.buildium_client_secret,
        "BUILDIUM_CALLS_PER_SECOND": "1000",
        "PORTAL_HOME": str(settings.files_folder),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    command = [sys.executable, "-m", "portal.cli", "worker", "--lane", lane]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.fault(29)
def test_an_import_killed_at_its_second_page_goes_on_there_and_takes_nothing_for_gone(live: Live, desk: Desk) -> None:
    live.http.post("/_control/reset", json={"to": "sample", "size": 1200}).raise_for_status()
    live.forget_requests()
    live.fault("hold", method="GET", path="/v1/rentals/units", skip=1)
    with worker(live, "bulk"):
        runs.begin(runs.Kind.FULL, ["property", "unit"], "test")
        held(live)
    live.clear_faults()
    total = live.http.get("/_control/records").json()["units"]
    assert f"1,000 of {total:,}" in desk.read("/sync/runs")
    assert "Running" in desk.read("/sync/runs")
    assert units() == 1000
    db.session.execute(update(SyncRun).values(heartbeat_at=datetime.now(UTC) - timedelta(minutes=1)))
    db.session.commit()
    wake_waiting_runs()
    live.work()
    assert units() == total
    found = {run.entity_type: run for run in db.session.scalars(select(SyncRun))}
    assert {run.state for run in found.values()} == {"done"}
    assert (found["unit"].missing, found["unit"].seen) == (0, total)
    asked = live.http.get("/_control/requests", params={"path": "/v1/rentals/units", "limit": 5000}).json()["items"]
    assert sum("offset=0" in each["query"] for each in asked) == 1
    assert f"{total:,} of {total:,}" in desk.read("/sync/runs")
    assert {row.sync_status for row in live.rows()} == {"synced"}
    assert db.session.scalar(select(func.count(Property.id))) == live.http.get("/_control/records").json()["rentals"]


def units() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Unit.id))) or 0
