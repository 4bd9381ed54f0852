"""Webhooks: what is sent when, how it is signed, retried, suspended; and their faults."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from typing import Any

import pytest

from tests.sandbox import bodies
from tests.sandbox.running import Received, Served, Subscriber, wait_for


def names(events: list[dict[str, Any]]) -> list[str]:
    return sorted(event["EventName"] for event in events)


def signed_with(received: Received, secret: str) -> bool:
    timestamp = received.headers["buildium-webhook-timestamp"]
    signed = timestamp.encode() + b"." + received.body
    expected = base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(expected, received.headers["buildium-webhook-signature"])


def deliveries(server: Served) -> Any:
    return server.control("GET", "/webhooks/deliveries")


def sent_in_order(server: Served) -> list[str]:
    """The delivered events by the moment in which their sending began."""
    wait_for(lambda: all(item["attempts"] for item in deliveries(server)["items"]))
    items = deliveries(server)["items"]
    return [item["event"] for item in sorted(items, key=lambda item: str(item["attempts"][0]["at"]))]


def inactivate(server: Served, property_id: int) -> None:
    assert server.api.post(f"/v1/rentals/{property_id}/inactivationrequest").status_code == 204


def test_a_delivery_is_signed_minified_and_dated(subscribed: Served, subscriber: Subscriber, property_id: int) -> None:
    inactivate(subscribed, property_id)
    received = subscriber.next()
    account_id = subscribed.api.get("/v1/administration/account").json()["Id"]
    assert signed_with(received, "hook-secret")
    assert received.headers["content-type"] == "application/json"
    assert abs(int(received.headers["buildium-webhook-timestamp"]) - time.time()) < 60
    moment = received.event["EventDateTime"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", moment)
    assert received.body.decode() == (
        f'{{"EventName":"Rental.Updated","EventDateTime":"{moment}",'
        f'"AccountId":{account_id},"PropertyId":{property_id}}}'
    )


def test_the_timestamp_can_be_in_milliseconds(subscribed: Served, subscriber: Subscriber, property_id: int) -> None:
    subscribed.switch(webhook_timestamp="milliseconds")
    inactivate(subscribed, property_id)
    assert abs(int(subscriber.next().headers["buildium-webhook-timestamp"]) / 1000 - time.time()) < 60


def test_a_new_property_announces_itself_and_its_units(
    subscribed: Served, subscriber: Subscriber, bank_account_id: int
) -> None:
    made = subscribed.made("/v1/rentals", bodies.rental(bank_account_id, Units=[bodies.unit(), bodies.unit()]))
    events = subscriber.events(3)
    assert names(events) == ["Rental.Created", "RentalUnit.Created", "RentalUnit.Created"]
    assert [event["PropertyId"] for event in events if "PropertyId" in event] == [made["Id"]]


def test_a_new_bank_account_announces_its_ledger_account_too(subscribed: Served, subscriber: Subscriber) -> None:
    made = subscribed.made("/v1/bankaccounts", bodies.bank_account())
    events = {event["EventName"]: event for event in subscriber.events(2)}
    assert events["BankAccount.Created"]["BankAccountId"] == made["Id"]
    assert events["GLAccount.Created"]["GLAccountId"] == made["GLAccount"]["Id"]


def test_owners_have_no_webhooks(subscribed: Served, subscriber: Subscriber, property_id: int) -> None:
    made = subscribed.made("/v1/rentals/owners", bodies.owner([property_id]))
    subscribed.api.put(f"/v1/rentals/owners/{made['Id']}", json=bodies.owner([property_id]))
    subscribed.control("DELETE", f"/records/owners/{made['Id']}")
    inactivate(subscribed, property_id)
    assert names(subscriber.events(1)) == ["Rental.Updated"]
    assert deliveries(subscribed)["total"] == 1


def test_cascades_send_unit_events_only_when_told_so(
    subscribed: Served, subscriber: Subscriber, bank_account_id: int
) -> None:
    made = subscribed.made("/v1/rentals", bodies.rental(bank_account_id))["Id"]
    subscriber.events(2)
    inactivate(subscribed, made)
    assert names(subscriber.events(1)) == ["Rental.Updated"]
    subscribed.switch(unit_events_on_cascade=True)
    subscribed.api.post(f"/v1/rentals/{made}/reactivationrequest")
    assert names(subscriber.events(2)) == ["Rental.Updated", "RentalUnit.Updated"]
    assert deliveries(subscribed)["total"] == 5


def test_a_refused_change_sends_nothing(subscribed: Served, property_id: int) -> None:
    assert subscribed.api.put(f"/v1/rentals/{property_id}", json=bodies.rental(999_999)).status_code == 422
    assert deliveries(subscribed)["total"] == 0


def test_a_failed_delivery_is_retried_three_times_and_then_dropped(
    subscribed: Served, subscriber: Subscriber, property_id: int
) -> None:
    subscribed.switch(webhook_retry_scale=0)
    subscriber.status = 302
    inactivate(subscribed, property_id)
    attempts = subscriber.events(4)
    assert all(attempt == attempts[0] for attempt in attempts)
    wait_for(lambda: deliveries(subscribed)["states"] == {"dropped": 1})
    assert [attempt["status"] for attempt in deliveries(subscribed)["items"][0]["attempts"]] == [302] * 4


def test_the_first_retry_comes_after_a_minute(subscribed: Served, subscriber: Subscriber, property_id: int) -> None:
    subscribed.switch(webhook_retry_scale=0.002)
    subscriber.status = 500
    started = time.monotonic()
    inactivate(subscribed, property_id)
    subscriber.events(2)
    assert 0.12 <= time.monotonic() - started < 1.2


def test_a_delivery_that_succeeds_the_second_time_is_delivered(
    subscribed: Served, subscriber: Subscriber, property_id: int
) -> None:
    subscribed.switch(webhook_retry_scale=0.002)
    subscriber.status = 503
    inactivate(subscribed, property_id)
    subscriber.next()
    subscriber.status = 200
    subscriber.next()
    wait_for(lambda: deliveries(subscribed)["states"] == {"delivered": 1})


def test_an_unreachable_subscriber_counts_as_a_failure(subscribed: Served, property_id: int) -> None:
    subscribed.switch(webhook_url="http://127.0.0.1:9/", webhook_retry_scale=0)
    inactivate(subscribed, property_id)
    wait_for(lambda: deliveries(subscribed)["states"] == {"dropped": 1})
    assert "ConnectError" in deliveries(subscribed)["items"][0]["attempts"][0]["error"]


def test_twenty_failures_in_a_row_suspend_the_subscription_until_it_is_enabled(
    subscribed: Served, subscriber: Subscriber
) -> None:
    subscriber.status = 500
    subscribed.control("POST", "/webhooks/storm", {"count": 20, "kind": "units"})
    wait_for(lambda: subscribed.control("GET", "/")["webhooks"]["suspended"])
    subscriber.events(20)
    subscriber.status = 200
    subscribed.control("POST", "/webhooks/storm", {"count": 1})
    assert deliveries(subscribed)["items"][0]["state"] == "suspended"
    subscribed.control("POST", "/webhooks/enable")
    subscribed.control("POST", "/webhooks/storm", {"count": 1})
    subscriber.next()
    wait_for(lambda: deliveries(subscribed)["items"][0]["state"] == "delivered")
    assert subscriber.is_quiet()


def test_sending_can_be_stopped_and_what_happens_meanwhile_is_lost(
    subscribed: Served, subscriber: Subscriber, property_id: int
) -> None:
    subscribed.switch(webhook_sending=False)
    inactivate(subscribed, property_id)
    subscribed.switch(webhook_sending=True)
    subscribed.api.post(f"/v1/rentals/{property_id}/reactivationrequest")
    subscriber.next()
    assert deliveries(subscribed)["states"].get("not sent") == 1


def test_a_webhook_waits_for_the_configured_delay(subscribed: Served, subscriber: Subscriber, property_id: int) -> None:
    subscribed.switch(webhook_delay=0.15)
    started = time.monotonic()
    inactivate(subscribed, property_id)
    subscriber.next()
    assert time.monotonic() - started >= 0.15


def test_a_duplicated_event_is_delivered_twice_with_the_same_body(
    subscribed: Served, subscriber: Subscriber, property_id: int
) -> None:
    subscribed.control("POST", "/webhooks/faults", {"fault": "duplicate", "copies": 1})
    inactivate(subscribed, property_id)
    one, other = subscriber.events(2)
    assert one == other


def test_reordered_events_arrive_in_reverse(subscribed: Served, subscriber: Subscriber, bank_account_id: int) -> None:
    subscribed.control("POST", "/webhooks/faults", {"fault": "reorder", "times": 2})
    subscribed.made("/v1/rentals", bodies.rental(bank_account_id))
    subscriber.events(2)
    assert sent_in_order(subscribed) == ["RentalUnit.Created", "Rental.Created"]


def test_a_delayed_event_comes_after_the_next_one(
    subscribed: Served, subscriber: Subscriber, bank_account_id: int
) -> None:
    subscribed.control("POST", "/webhooks/faults", {"fault": "delay", "events": "Rental.*", "seconds": 0.3})
    subscribed.made("/v1/rentals", bodies.rental(bank_account_id))
    subscriber.events(2)
    assert sent_in_order(subscribed) == ["RentalUnit.Created", "Rental.Created"]


def test_a_forged_event_carries_a_wrong_signature(subscribed: Served, subscriber: Subscriber, property_id: int) -> None:
    subscribed.control("POST", "/webhooks/faults", {"fault": "forge"})
    inactivate(subscribed, property_id)
    assert not signed_with(subscriber.next(), "hook-secret")
    subscribed.api.post(f"/v1/rentals/{property_id}/reactivationrequest")
    assert signed_with(subscriber.next(), "hook-secret")


def test_a_stale_event_is_correctly_signed_long_ago(
    subscribed: Served, subscriber: Subscriber, property_id: int
) -> None:
    subscribed.control("POST", "/webhooks/faults", {"fault": "stale", "seconds": 600})
    inactivate(subscribed, property_id)
    received = subscriber.next()
    assert signed_with(received, "hook-secret")
    assert 590 < time.time() - int(received.headers["buildium-webhook-timestamp"]) < 700


def test_a_lost_event_is_never_sent(subscribed: Served, subscriber: Subscriber, bank_account_id: int) -> None:
    subscribed.control("POST", "/webhooks/faults", {"fault": "lose", "events": "RentalUnit.*", "times": None})
    subscribed.made("/v1/rentals", bodies.rental(bank_account_id))
    assert names(subscriber.events(1)) == ["Rental.Created"]
    assert deliveries(subscribed)["states"]["not sent"] == 1
    subscribed.control("DELETE", "/webhooks/faults")
    subscribed.made("/v1/rentals", bodies.rental(bank_account_id))
    assert len(subscriber.events(2)) == 2


def test_a_storm_sends_as_many_events_as_asked_for(subscribed: Served, subscriber: Subscriber) -> None:
    assert subscribed.control("POST", "/webhooks/storm", {"count": 300}) == {"queued": 300}
    moments = {event["EventDateTime"] for event in subscriber.events(300)}
    assert len(moments) > 1


@pytest.mark.parametrize(
    "raw", ["not json", "[1,2]", '{"EventName":null}', '{"EventName":"Rental.Updated","PropertyId":"\\u0000"}']
)
def test_any_body_can_be_sent_with_a_good_signature(subscribed: Served, subscriber: Subscriber, raw: str) -> None:
    subscribed.control("POST", "/webhooks/send", {"raw": raw})
    received = subscriber.next()
    assert received.body.decode() == raw
    assert signed_with(received, "hook-secret")


def test_an_event_of_any_name_can_be_sent(subscribed: Served, subscriber: Subscriber) -> None:
    subscribed.control("POST", "/webhooks/send", {"event": "Martian.Landed", "ids": {"MartianId": 7}})
    event = subscriber.next().event
    assert (event["EventName"], event["MartianId"]) == ("Martian.Landed", 7)


def test_without_a_subscriber_nothing_is_sent(server: Served, property_id: int) -> None:
    inactivate(server, property_id)
    assert deliveries(server)["states"] == {"not sent": 1}
