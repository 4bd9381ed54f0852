"""A portal with real commits, real Redis queues and workers, and the simulated Buildium behind real HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import redis
from flask import Flask
from sqlalchemy import func, inspect, select, update

from portal.acting import Actor, Role
from portal.buildium.limiter import Lane
from portal.extensions import db, queues
from portal.sync.models import ApiCall, SyncStatus
from portal.sync.worker import LaneWorker
from portal.webhooks.waking import drain_soon
from tests.buildium import Sandbox
from tests.contract.traffic import Traffic

PERSON = Actor.person(UUID(int=1), "Pat Manager", Role.MANAGER)


class Burst(LaneWorker):
    """Works until its queue is empty, inside the process of the test."""

    def _install_signal_handlers(self) -> None:
        pass


@dataclass(frozen=True)
class Live:
    """One portal and its Buildium. Paths are those of the API, such as /v1/rentals."""

    app: Flask
    sandbox: Sandbox
    redis: redis.Redis
    http: httpx.Client
    traffic: Traffic | None = None  # what is said to Buildium, where it can be judged

    def work(self) -> None:
        """Let workers do what is queued now, and look into the inbox."""
        drain_soon(queues)
        for lane in Lane:
            Burst(self.app, lane.value, self.redis).work(burst=True, logging_level="ERROR")
        db.session.rollback()

    def work_later(self) -> None:
        """Skip the waits: what is to be tried later is tried now."""
        soon = update(SyncStatus).where(SyncStatus.next_attempt_at.is_not(None))
        db.session.execute(soon.values(next_attempt_at=func.clock_timestamp()))
        db.session.commit()
        for row in self.rows():
            if row.sync_status in ("pending", "uncertain"):
                job_id = f"due-{uuid4()}"
                queues.enqueue("people", "portal.sync.jobs.push", row.entity_type, row.entity_id, job_id=job_id)
        self.work()

    def rows(self) -> list[SyncStatus]:
        db.session.rollback()
        return list(db.session.scalars(select(SyncStatus).order_by(SyncStatus.created_at)))

    def row(self, record: Any) -> SyncStatus:
        """The outbox row of a record, as it is in the database now.

        It is read before the record, whose values are read when somebody asks for them: what was written together with
        the row is in them.
        """
        db.session.rollback()
        (record_id,) = inspect(record).identity
        return db.session.scalars(select(SyncStatus).where(SyncStatus.entity_id == str(record_id))).one()

    def state(self, record: Any) -> str:
        return self.row(record).sync_status

    def save(self, *records: Any) -> None:
        db.session.add_all(records)
        db.session.commit()

    def call_log(self) -> list[ApiCall]:
        db.session.rollback()
        return list(db.session.scalars(select(ApiCall).order_by(ApiCall.created_at)))

    def get(self, path: str) -> Any:
        """What Buildium's API answers."""
        return self.http.get(path, params={"limit": 1000} if path.count("/") == 2 else {}).raise_for_status().json()

    def fault(self, fault: str, **rule: Any) -> None:
        self.http.post("/_control/faults", json={"fault": fault, **rule}).raise_for_status()

    def clear_faults(self) -> None:
        self.http.delete("/_control/faults").raise_for_status()

    def switch(self, **switches: Any) -> None:
        self.http.patch("/_control/switches", json=switches).raise_for_status()

    def edit_there(self, kind: str, record_id: int, **values: Any) -> None:
        """Change a record as a person does in Buildium's own pages, without a webhook."""
        self.http.patch(f"/_control/records/{kind}/{record_id}?quiet=1", json=values).raise_for_status()

    def delete_there(self, kind: str, record_id: int) -> None:
        self.http.delete(f"/_control/records/{kind}/{record_id}").raise_for_status()

    def add_there(self, kind: str, **values: Any) -> int:
        """Make a record as a person does in Buildium's own pages."""
        answer = self.http.post(f"/_control/records/{kind}", json=values).raise_for_status().json()
        return int(answer["id"])

    def asked(self, method: str, path: str) -> int:
        """How often the API was asked so, by anybody but this test's own GETs."""
        found = self.http.get("/_control/requests", params={"method": method, "path": path, "limit": 5000}).json()
        return len(found["items"])

    def forget_requests(self) -> None:
        self.http.delete("/_control/requests").raise_for_status()
