"""What happens to webhooks, and what comes that never was one."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import httpx

from portal.sandbox.webhooks.signing import headers
from portal.start import secrets
from portal.start.home import Home
from tests.chaos.company import Company
from tests.chaos.kinds import Body

MINUTE = 60.0


def rule(fault: str, times: int = 4, **more: Any) -> Callable[[Company, random.Random], Body]:
    def act(company: Company, _: random.Random) -> Body:
        with company.control as control:
            number = control.post("/webhooks/faults", json={"fault": fault, "times": times, **more}).json()["id"]
        return {"rule": number}

    return act


def unknown(company: Company, dice: random.Random) -> Body:
    name = dice.choice(("Rental.Sold", "Applicant.Updated", "Unheard.Of", "RentalUnit.Updated"))
    with company.control as control:
        control.post("/webhooks/send", json={"event": name, "ids": {"PropertyId": "no number"}})
    return {"event": name}


def poison(company: Company, dice: random.Random) -> Body:
    raw = dice.choice(('{"EventName": "Rental.Upd', "[1, 2]", '{"EventName": 7, "PropertyId": {}}', "\\u0000"))
    with company.control as control:
        control.post("/webhooks/send", json={"raw": raw})
    return {"raw": raw}


def replayed(minutes: float, expected: HTTPStatus) -> Callable[[Company, random.Random], Body]:
    """An event signed with the right secret by a clock that is off."""

    def act(company: Company, dice: random.Random) -> Body:
        known = secrets.load(Home(company.home).secrets)["BUILDIUM_WEBHOOK_SECRETS"].split()[0].strip(",")
        ids = {"PropertyId": company.slot("property 1").remote, "EventName": "Rental.Updated", "Nonce": dice.random()}
        body = json.dumps(ids).encode()
        age = dice.choice((-1, 1)) * minutes * MINUTE
        address = f"{company.portal.address}/webhooks/buildium"
        try:
            answer = httpx.post(
                address, content=body, headers=headers(known, body, unit="seconds", age_s=age), timeout=30
            )
        except httpx.TransportError:
            return {"missed": "nobody answered"}
        fine = answer.status_code in (expected, HTTPStatus.SERVICE_UNAVAILABLE)
        return {"status": answer.status_code} if fine else {"broken": f"answered {answer.status_code}"}

    return act


EVENTS: dict[str, Callable[[Company, random.Random], Body]] = {
    "webhooks duplicated": rule("duplicate", copies=3),
    "webhooks reordered": rule("reorder", seconds=0.5),
    "webhooks late": rule("delay", seconds=20),
    "webhooks forged": rule("forge"),
    "webhooks stale": rule("stale", seconds=3600),
    "webhooks lost": rule("lose", times=8),
    "unknown event": unknown,
    "poisoned event": poison,
    "clock 4 minutes off": replayed(4, HTTPStatus.ACCEPTED),
    "clock 10 minutes off": replayed(10, HTTPStatus.UNAUTHORIZED),
}
