"""Sends the webhooks from background threads: signing, the retry ladder, suspension (MAPPING §8.1)."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from datetime import UTC, datetime
from typing import Any

import httpx

from portal.sandbox.switches import Switches
from portal.sandbox.webhooks.deliveries import Attempt, Delivery, History, State
from portal.sandbox.webhooks.faults import WebhookFaults
from portal.sandbox.webhooks.signing import headers, minified, payload
from portal.sandbox.world import Happening

RETRY_LADDER_S = (60.0, 600.0, 3600.0)
SENDERS = 6


class Courier:
    """The subscription: where events go, what became of them, and whether it is suspended."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._due: list[tuple[float, int, Delivery]] = []
        self._order = itertools.count()
        self._awake = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._closed = False
        self._era = 0
        self.history = History()
        self.faults = WebhookFaults()
        self.failures_in_a_row = 0
        self.suspended = False

    def send(self, happenings: list[Happening]) -> None:
        """Queue the events of one commit; each is sent after the configured delay."""
        for name, ids in happenings:
            self._queue(name, minified(payload(name, ids)), self.faults.meet(name))

    def send_raw(self, body: bytes, *, event: str = "raw", faults: dict[str, Any] | None = None) -> None:
        """Queue any body, correctly signed unless `faults` says otherwise."""
        self._queue(event, body, faults or {})

    def enable(self) -> None:
        """Lift the suspension; what was missed meanwhile is not sent again."""
        self.suspended = False
        self.failures_in_a_row = 0

    def waiting(self) -> int:
        with self._awake:
            return len(self._due)

    def reset(self) -> None:
        """Forget what is queued, the history and the faults, and lift the suspension."""
        with self._awake:
            self._due.clear()
            self._era += 1
        self.history.clear()
        self.faults.clear()
        self.enable()

    def close(self) -> None:
        with self._awake:
            self._closed = True
            self._awake.notify_all()
        for thread in self._threads:
            thread.join(timeout=self._switches.webhook_timeout)

    def _queue(self, event: str, body: bytes, faults: dict[str, Any]) -> None:
        for _ in range(1 + faults.get("duplicate", 0)):
            state = self._fate(faults)
            created = datetime.now(UTC).isoformat()
            delivery = self.history.add(
                body=body, event=event, created=created, era=self._era, state=state, faults=faults
            )
            if state == "waiting":
                delay = self._switches.webhook_delay + faults.get("delay", 0) + faults.get("reorder", 0)
                self._schedule(delivery, delay)

    def _fate(self, faults: dict[str, Any]) -> State:
        if self.suspended:
            return "suspended"
        sending = self._switches.webhook_sending and self._switches.webhook_url and "lose" not in faults
        return "waiting" if sending else "not sent"

    def _schedule(self, delivery: Delivery, delay_s: float) -> None:
        with self._awake:
            heapq.heappush(self._due, (time.monotonic() + delay_s, next(self._order), delivery))
            self._awake.notify()
            self._start_threads()

    def _start_threads(self) -> None:
        """Threads start with the first delivery, so that a sandbox without webhooks costs none."""
        if not self._threads and not self._closed:
            for number in range(SENDERS):
                thread = threading.Thread(target=self._work, name=f"webhook-sender-{number}", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _work(self) -> None:
        # trust_env off: a proxy of the environment must not see deliveries to the machine itself.
        with httpx.Client(trust_env=False, follow_redirects=False) as client:
            while (delivery := self._next()) is not None:
                if not self.suspended:
                    self._attempt(client, delivery)
                else:
                    delivery.state = "suspended"

    def _next(self) -> Delivery | None:
        """The next delivery when it is due; None when the courier is closed."""
        with self._awake:
            while not self._closed:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._awake.wait(wait)
            return None

    def _attempt(self, client: httpx.Client, delivery: Delivery) -> None:
        status, error, started = None, "", time.monotonic()
        sent_at = datetime.now(UTC).isoformat()
        try:
            status = client.post(
                self._switches.webhook_url,
                content=delivery.body,
                headers=self._headers(delivery),
                timeout=self._switches.webhook_timeout,
            ).status_code
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            error = f"{type(failure).__name__}: {failure}"
        attempt = Attempt(sent_at, status, error, round((time.monotonic() - started) * 1000, 1))
        self._settle(delivery, attempt)

    def _headers(self, delivery: Delivery) -> dict[str, str]:
        return headers(
            self._switches.webhook_secret,
            delivery.body,
            unit=self._switches.webhook_timestamp,
            age_s=delivery.faults.get("stale", 0),
            forged="forge" in delivery.faults,
        )

    def _settle(self, delivery: Delivery, attempt: Attempt) -> None:
        """Any 2xx delivers; anything else is retried after 1 minute, 10 minutes and 1 hour, then dropped."""
        if delivery.era != self._era:
            return
        if attempt.status is not None and 200 <= attempt.status < 300:
            self.failures_in_a_row = 0
            self.history.attempted(delivery, attempt, "delivered")
            return
        self.failures_in_a_row += 1
        if self.failures_in_a_row >= self._switches.webhook_suspend_after:
            self.suspended = True
        retries = len(delivery.attempts)
        if self.suspended or retries >= len(RETRY_LADDER_S):
            self.history.attempted(delivery, attempt, "suspended" if self.suspended else "dropped")
            return
        self.history.attempted(delivery, attempt, "retrying")
        self._schedule(delivery, RETRY_LADDER_S[retries] * self._switches.webhook_retry_scale)
