"""Thousands of events at once, while somebody works."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import httpx
import pytest

from portal.buildium.signatures import sign
from portal.start import secrets
from portal.start.home import Home
from tests.faults.site import SYNCED, Site
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

# `PORTAL_STORM=10000` for the whole row of the matrix.
EVENTS = int(os.environ.get("PORTAL_STORM", "1500"))
SENDERS = 4


@pytest.mark.fault(23)
def test_a_storm_of_events_is_taken_whole_costs_few_fetches_and_nobody_waits(site: Site) -> None:
    known = secrets.load(Home(site.portal.home).secrets)["BUILDIUM_WEBHOOK_SECRETS"].split()[0].strip(",")
    number = site.query("select buildium_property_id from properties where id::text = %s", site.house[12:])[0][0]
    account = site.query("select account_id from buildium_connection")[0][0]
    numbers, pages = count(), list[int]()
    site.query("truncate buildium_webhook_events cascade")

    def send(share: int) -> list[int]:
        with httpx.Client(base_url=site.portal.address, timeout=60) as http:
            return [
                http.send(signed(http, known, next(numbers), AccountId=account, PropertyId=number)).status_code
                for _ in range(share)
            ]

    with ThreadPoolExecutor(SENDERS) as senders:
        shares = [senders.submit(send, EVENTS // SENDERS) for _ in range(SENDERS)]
        while not all(each.done() for each in shares):
            pages.append(site.person.http.get(site.house).status_code)
        answers = [status for each in shares for status in each.result()]
    assert set(answers) == {202}
    assert set(pages) == {200}
    wait_until(lambda: not site.query(OPEN), 90, "every event to be handled")
    (kept,) = site.query("select count(*) from buildium_webhook_events")
    assert kept[0] >= len(answers)
    fetches = len(site.requests("GET", f"/v1/rentals/{number}"))
    assert 1 <= fetches < len(answers) / 10
    page = site.says("/sync/webhooks")
    assert "Done with a later one" in page
    site.wait_for(site.house, SYNCED)
    assert site.requests("PUT") == []


OPEN = "select 1 from buildium_webhook_events where state in ('received', 'failed') limit 1"


def signed(http: httpx.Client, secret: str, place: int, **ids: int) -> httpx.Request:
    event = {"EventName": "Rental.Updated", "EventDateTime": f"2026-11-21T10:00:00.{place:07d}Z"}
    body, now = json.dumps({**event, **ids}).encode(), str(int(time.time()))
    headers = {"buildium-webhook-timestamp": now, "buildium-webhook-signature": sign(secret, now, body)}
    return http.build_request("POST", "/webhooks/buildium", content=body, headers=headers)
