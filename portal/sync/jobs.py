"""What RQ calls. A job names rows and delegates; it holds no rule of its own."""

from __future__ import annotations

from uuid import UUID

from rq import get_current_job

from portal.sync import batches, runs
from portal.sync.push import push_now
from portal.sync.vanished import ask_again


def push(entity_type: str, entity_id: str) -> None:
    job = get_current_job()
    push_now(entity_type, entity_id, job.id if job else None)


def ask(entity_type: str, buildium_id: int) -> None:
    ask_again(entity_type, buildium_id)


def run_all() -> None:
    runs.run_all()


def decide_batch(batch_id: str) -> None:
    batches.work(UUID(batch_id))
