"""What the API does wrong: rules of the simulated Buildium, in force for a moment."""

from __future__ import annotations

import time
from typing import Any

from tests.chaos.company import Company
from tests.chaos.kinds import Body

WRITES = {"path": "/v1/*", "times": 2}
LONGER_THAN_WE_WAIT = 16.0  # the portal gives an answer 15 seconds


def status(number: int, **more: Any) -> Body:
    return {"fault": "status", "status": number, "path": "/v1/*", "times": 3, **more}


def after_commit(fault: str, **more: Any) -> Body:
    return {"fault": fault, "method": "POST", "path": "/v1/*", "times": 2, **more}


ANSWERS: dict[str, Body] = {
    **{f"answer {number}": status(number) for number in (400, 401, 403, 409, 415, 422, 500, 502, 503, 504)},
    "answer 404": status(404, method="PUT", times=1),
    "answer 429, seconds": status(429, retry_after=1),
    "answer 429, date": status(429, retry_after="date"),
    "answer 429, neither": status(429),
    "dropped before commit": {"fault": "drop", "how": "reset", **WRITES},
    "create dropped after commit": after_commit("commit_then_drop"),
    "change dropped after commit": {"fault": "commit_then_drop", "method": "PUT", **WRITES},
    "create answered 500 after commit": after_commit("commit_then_status", status=500),
    "timeout before commit": {"fault": "hang", "seconds": LONGER_THAN_WE_WAIT, "path": "/v1/*", "times": 1},
    "timeout after commit": after_commit("commit_then_hang", seconds=LONGER_THAN_WE_WAIT, times=1),
    "create runs after its timeout": after_commit("delay", seconds=LONGER_THAN_WE_WAIT, times=1),
    "body cut": {"fault": "truncate", **WRITES},
    "chunk cut": {"fault": "chunk_trunc", **WRITES},
    "malformed": {"fault": "garbage", **WRITES},
    "html": {"fault": "html", **WRITES},
    "empty": {"fault": "empty", **WRITES},
    "huge": {"fault": "huge", "size": 30_000_000, "path": "/v1/*", "times": 1},
    "slow": {"fault": "slow", "seconds": 2, **WRITES},
    "unknown fields": {"fault": "unknown_fields", "path": "/v1/*", "times": 5},
    "unknown enums": {"fault": "unknown_enums", "path": "/v1/*", "times": 3},
}
PATIENCE = 10.0
PATIENCE_FOR_A_WRITE = 45.0  # few calls are creates or changes


def answer_fault(company: Company, rule: Body, seconds: float) -> Body:
    """In force until it was met as often as it says, for a while at most; how often it was met."""
    with company.control as control:
        number = control.post("/faults", json=rule).raise_for_status().json()["id"]
        patience = PATIENCE_FOR_A_WRITE if "method" in rule else PATIENCE
        end, hits = time.monotonic() + seconds + patience, 0
        while time.monotonic() < end and hits < rule["times"]:
            time.sleep(0.1)
            hits = next(each["hits"] for each in control.get("/faults").json() if each["id"] == number)
        control.delete(f"/faults/{number}")
    return {"met": hits} if hits else {"missed": "no call came"}
