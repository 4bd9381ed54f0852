"""A whole running portal that is broken on purpose, somebody who works in it, and what both stores hold afterwards."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import psycopg
import redis

from portal.start.environment import Surroundings, database_url
from portal.start.home import Home
from portal.start.strays import children
from tests.start.running import Portal
from tests.system.person import Page, Person
from tests.waiting import wait_until

EMAIL, PASSWORD = "admin@example.com", "correct-horse-battery"
PER_SECOND = 20
BANK = {"Name": "Operating", "BankAccountType": "Checking", "Country": "UnitedStates", "AccountNumber": "987654321"}
QUAY = {"address_line1": "1 Quay", "city": "Portland", "state": "ME", "postal_code": "04101"}
SECONDS = 90
# The badge; the timeline below it names the moment of the last agreement too.
SYNCED = "Matches Buildium as of"
SETTINGS = {
    "PORTAL_ADMIN_PASSWORD": PASSWORD,
    "WEB_CONCURRENCY": "1",
    "SANDBOX_EMPTY": "1",
    "SANDBOX_RATE": str(PER_SECOND),
    "BUILDIUM_CALLS_PER_SECOND": str(PER_SECOND),
    "PYTHONPATH": str(Path(__file__).parents[2]),
}


class Site:
    """`portal up` in a folder of its own: a killed part is started again by the supervisor, and by nobody else."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.portal = Portal(folder, {**SETTINGS, **settings})
        self.extra: list[subprocess.Popen[bytes]] = []
        self.clients: list[httpx.Client] = []

    def start(self) -> None:
        self.portal.start_and_wait()
        self.portal.wait_for("Ctrl-C stops everything")
        self.control = httpx.Client(base_url=f"http://127.0.0.1:{self.sandbox_port}/_control", timeout=30)
        self.person = Person(self.portal.address, EMAIL, PASSWORD)
        self.clients = [self.control, self.person.http]
        self.control.post("/records/bank_accounts", json=BANK).raise_for_status()
        wait_until(lambda: self.query("select 1 from bank_accounts"), 20, "the bank account to come by its webhook")
        self.house = self.new_property("The first house")
        self.wait_for(self.house, SYNCED)

    def stop(self) -> None:
        for each in self.extra:
            each.kill()
            each.wait()
        self.supervisor(signal.SIGCONT)
        for client in self.clients:
            client.close()
        self.portal.stop()

    @property
    def sandbox_port(self) -> str:
        return self.portal.environment["SANDBOX_PORT"]

    # Breaking it.

    def pid(self, part: str) -> int:
        return self.portal.part(part)

    def kill(self, part: str) -> int:
        number = self.pid(part)
        os.kill(number, signal.SIGKILL)
        return number

    def supervisor(self, number: signal.Signals) -> None:
        if self.portal.process and self.portal.running:
            self.portal.send(number)

    @contextmanager
    def nothing_restarts(self) -> Iterator[None]:
        """What is killed inside stays dead until the end of the block."""
        self.supervisor(signal.SIGSTOP)
        try:
            yield
        finally:
            self.supervisor(signal.SIGCONT)

    @contextmanager
    def stopped(self, part: str) -> Iterator[int]:
        number = self.pid(part)
        os.kill(number, signal.SIGSTOP)
        try:
            yield number
        finally:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGCONT)

    def web_processes(self) -> list[int]:
        """The processes that answer people: gunicorn's, without the one that watches them."""
        return sorted(children(self.pid("web")))

    def worker(self, lane: str) -> int:
        """One more worker of the lane, of this test alone."""
        command = [sys.executable, "-m", "portal.cli", "worker", "--lane", lane]
        log = (Home(self.portal.home).logs / f"worker-{lane}-extra.log").open("ab")
        with log:
            self.extra.append(subprocess.Popen(command, env=self.portal.environment, stdout=log, stderr=log))
        return self.extra[-1].pid

    def log_of(self, part: str) -> str:
        return (Home(self.portal.home).logs / f"{part}.log").read_text()

    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(Surroundings(self.portal.environment).valkey().url(), socket_timeout=5)

    def connect(self) -> psycopg.Connection[Any]:
        """The database as its superuser."""
        return psycopg.connect(database_url(self.portal.environment), autocommit=True)

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def leases_end(self) -> None:
        """Now instead of in some seconds: whoever is dead or stopped renews none."""
        self.query("update buildium_sync_status set leased_until = clock_timestamp() where sync_status = 'syncing'")

    def time_passes(self) -> None:
        """What only waits for its time is due now."""
        self.query(
            "update buildium_sync_status set next_attempt_at = clock_timestamp()"
            " where sync_status in ('pending', 'uncertain') and next_attempt_at > clock_timestamp()"
        )

    def in_background(self, act: Callable[[], Any]) -> threading.Thread:
        """Somebody whose answer may never come."""

        def run() -> None:
            with suppress(httpx.HTTPError):
                act()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    # Buildium.

    def fault(self, fault: str, **rule: Any) -> None:
        self.control.post("/faults", json={"fault": fault, **rule}).raise_for_status()

    def held(self) -> None:
        wait_until(lambda: self.control.get("/holds").json(), SECONDS, "a call to be held at Buildium")

    def release(self) -> None:
        self.control.post("/holds/release").raise_for_status()

    def there(self, name: str, kind: str = "rentals") -> list[int]:
        """The ids of Buildium's records of that name."""
        found = self.control.get(f"/records/{kind}", params={"search": name, "limit": 50}).json()["items"]
        return [each["id"] for each in found]

    def requests(self, method: str, path: str = "/v1/") -> list[dict[str, Any]]:
        asked: dict[str, str | int] = {"method": method, "path": path, "limit": 5000}
        return list(self.control.get("/requests", params=asked).json()["items"])

    def sent(self, name: str, method: str = "PUT") -> int:
        """How many requests carried that name."""
        return sum(name in each["body"] for each in self.requests(method))

    # The person.

    def rename(self, name: str, address: str = "") -> Page:
        return self.person.save(f"{address or self.house}/edit", name=name)

    def new_property(self, name: str) -> str:
        """Fill in the form of a new property; its address."""
        page = self.person.get("/properties/new")
        account = self.query("select id::text from bank_accounts order by buildium_bank_id limit 1")[0][0]
        typed = {"name": name, "rental_sub_type": "MultiFamily", "operating_bank_account_id": account, **QUAY}
        page = self.person.post("/properties/new", {**page.fields(), "country": "UnitedStates", **typed})
        return str(page.response.url.path)

    def says(self, address: str) -> str:
        """The words of a page."""
        return unescape(self.person.get(address).text)

    def wait_for(self, address: str, *words: str, seconds: float = SECONDS) -> str:
        """The words of the page once it says all of these."""
        seen = ""

        def said() -> str:
            nonlocal seen
            with suppress(httpx.HTTPError):
                seen = self.says(address)
            return seen if all(each in seen for each in words) else ""

        try:
            return wait_until(said, seconds)
        except AssertionError:
            raise AssertionError(f"{address} never said {words}, but:\n{seen[:3000]}") from None

    def row_page(self, address: str) -> str:
        """The dashboard's page about the record at `address`."""
        key = address.rpartition("/")[2]
        number = self.query("select id::text from buildium_sync_status where entity_id = %s", key)[0][0]
        return f"/sync/records/{number}"

    def press(self, page: str, button: str, **values: str) -> Page:
        """Send the form of the page whose address ends so."""
        text = self.person.get(page).response.text
        token = re.findall(r'name="csrf_token" value="([^"]+)"', text)[0]
        return self.person.post(f"{page}/{button}", {"csrf_token": token, **values})

    # In between.

    def calm(self) -> None:
        """Everything runs, nothing is broken, and nobody waits for anything."""
        self.supervisor(signal.SIGCONT)
        for each in self.extra:
            each.kill()
            each.wait()
        self.extra.clear()
        self.control.delete("/faults")
        self.control.delete("/webhooks/faults")
        for part in ("valkey", "postgres", "web", "scheduler", "worker-people", "worker-bulk"):
            os.kill(self.pid(part), signal.SIGCONT)
        wait_until(self.is_ready, SECONDS, "the portal to be ready")
        self.query("update buildium_connection set next_probe_at = clock_timestamp() where state = 'open'")
        self.time_passes()
        self.wait_for(self.house, SYNCED)
        self.control.delete("/requests")

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.portal.address}/readyz", timeout=10).is_success
        except httpx.TransportError:
            return False


@contextmanager
def running(**settings: str) -> Iterator[Site]:
    folder = Path(tempfile.mkdtemp(prefix="portal-faults-"))
    folder.chmod(0o711)
    site = Site(folder, **settings)
    try:
        site.start()
        yield site
    finally:
        site.stop()
        shutil.rmtree(folder, ignore_errors=True)
