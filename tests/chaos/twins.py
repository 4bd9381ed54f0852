"""A create that Buildium runs twice while its answer is lost: two look-alikes that only a person can tell apart."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Any

import httpx

from portal.sandbox.faults.door import UNTOUCHED
from portal.start import secrets
from portal.start.home import Home
from tests.chaos.api_faults import PATIENCE_FOR_A_WRITE
from tests.chaos.company import Company
from tests.chaos.kinds import Body

TRIES = 5
RULE = {"fault": "commit_then_drop", "method": "POST", "path": "/v1/*", "times": 1}


def made_twice(company: Company, seconds: float) -> Body:
    """The next create loses its answer, and before anybody looks for it, Buildium has it a second time."""
    with company.control as control:
        before = control.get("/requests", params={"limit": 1}).json()["total"]
        number = control.post("/faults", json=RULE).raise_for_status().json()["id"]
        lost = None
        end = time.monotonic() + seconds + PATIENCE_FOR_A_WRITE
        while lost is None and time.monotonic() < end:
            time.sleep(0.02)
            lost = lost_create(control, before)
        control.delete(f"/faults/{number}")
    return {"missed": "no create came"} if lost is None else once_more(company, lost["path"], lost["body"])


def lost_create(control: httpx.Client, before: int) -> dict[str, Any] | None:
    seen = control.get("/requests", params={"method": "POST", "since": before, "limit": 50}).json()["items"]
    return next((each for each in seen if each["fault"] == RULE["fault"]), None)


def once_more(company: Company, path: str, body: str) -> Body:
    """The very same request, which no fault may meet: `twin` is the id of what it made."""
    known = secrets.load(Home(company.home).secrets)
    headers = {
        "x-buildium-client-id": known["BUILDIUM_CLIENT_ID"],
        "x-buildium-client-secret": known["BUILDIUM_CLIENT_SECRET"],
        "content-type": "application/json",
        UNTOUCHED: "1",
    }
    for _ in range(TRIES):
        answer = httpx.post(f"{company.buildium}{path}", content=body, headers=headers, timeout=30)
        if answer.status_code == HTTPStatus.CREATED:
            return {"path": path, "twin": answer.json()["Id"]}
        if answer.status_code in (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY):
            break
        time.sleep(0.05)
    return {"missed": f"{path} takes no second one: {answer.status_code}"}
