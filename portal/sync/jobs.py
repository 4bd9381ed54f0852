"""What RQ calls. A job names rows and delegates; it holds no rule of its own."""

from __future__ import annotations

from rq import get_current_job

from portal.sync import runs
from portal.sync.push import push_now


def push(entity_type: str, entity_id: str) -> None:
    job = get_current_job()
    push_now(entity_type, entity_id, job.id if job else None)


def run_all() -> None:
    runs.run_all()
