"""The running company: a real portal with more workers than usual, its Buildium, and which record each slot is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg

from portal.start.environment import database_url
from portal.start.home import Home
from tests.chaos.kinds import KINDS, Body, Kind
from tests.start.running import Portal
from tests.waiting import wait_until

EMAIL, PASSWORD = "admin@example.com", "correct-horse-battery"
EXTRA_LANES = ("people", "bulk")
# What every new record may need, as (column of its id here, column of its id at Buildium, table and condition).
FIXED = {
    "bank": ("id::text", "buildium_bank_id", "bank_accounts where buildium_bank_id is not null"),
    "account": (
        "id::text",
        "buildium_gl_account_id",
        "gl_accounts where type = 'Expense' and is_active and buildium_gl_account_id is not null",
    ),
    "staff": ("buildium_user_id::text", "buildium_user_id", "staff_users where is_active"),
}
# More calls than Buildium allows, so that a run takes minutes instead of an hour; the limit itself stays in force.
CALLS_PER_SECOND = "40"
PATIENCE_SECONDS = 300
DISK = "1500m"


@dataclass
class Slot:
    """One record of the plan. What isn't known yet is None; `gone_there` when Buildium's side has deleted it."""

    kind: Kind
    local: str | None = None
    remote: int | None = None
    born: int = 0  # the edit that made it; 0 for one of the sample's
    made: str = ""  # here or there, once that was accepted
    gone_there: bool = False


@dataclass
class Company:
    portal: Portal
    slots: dict[str, Slot] = field(default_factory=dict)
    known: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    extra: list[subprocess.Popen[bytes]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def home(self) -> Path:
        return self.portal.home

    @property
    def control(self) -> httpx.Client:
        """Buildium's control; a client per thread would be kept for nothing."""
        return httpx.Client(base_url=f"{self.buildium}/_control", timeout=120)

    @property
    def buildium(self) -> str:
        return f"http://127.0.0.1:{self.portal.environment['SANDBOX_PORT']}"

    def query(self, statement: str, *values: Any, patience: float = 60) -> list[tuple[Any, ...]]:
        """Ask the database as its superuser, waiting for one that is away."""
        end = time.monotonic() + patience
        while True:
            try:
                with psycopg.connect(database_url(self.portal.environment), autocommit=True) as connection:
                    cursor = connection.execute(statement.encode(), values)
                    return cursor.fetchall() if cursor.description else []
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def slot(self, name: str) -> Slot:
        """The slot, with the ids that are known by now."""
        with self.lock:
            slot = self.slots.setdefault(name, Slot(KINDS[name.split()[0]]))
            kind = slot.kind
        if not kind.id_column:
            return slot
        if slot.local and slot.remote is None:
            found = self.query(f"select {kind.id_column} from {kind.table} where id = %s", slot.local)
            slot.remote = found[0][0] if found else None
        elif slot.remote is not None and slot.local is None:
            found = self.query(f"select id::text from {kind.table} where {kind.id_column} = %s", slot.remote)
            slot.local = found[0][0] if found else None
        return slot

    def fixed(self, what: str, *, there: bool) -> Any:
        """The id of the bank account, expense account or colleague that every new record names."""
        if what not in self.known:
            here, remote, table = FIXED[what]
            self.known[what] = self.query(f"select {here}, {remote} from {table} order by 2 limit 1")[0]
        return self.known[what][1 if there else 0]

    def choose_samples(self) -> None:
        for kind in (each for each in KINDS.values() if each.wanted):
            statement = (
                f"select id::text, {kind.id_column} from {kind.table} where {kind.samples} and {kind.id_column} is not"
                f" null order by {kind.id_column} limit %s"
            )
            rows = self.query(statement, kind.wanted)
            assert len(rows) == kind.wanted, f"the sample portfolio has {len(rows)} records of kind {kind.name}"
            for place, (local, remote) in enumerate(rows, start=1):
                self.slots[f"{kind.name} {place}"] = Slot(kind, local, remote)

    def start_extra_workers(self) -> None:
        self.extra = [self.extra_worker(lane, {}) for lane in EXTRA_LANES]

    def extra_worker(self, lane: str, more: Mapping[str, str]) -> subprocess.Popen[bytes]:
        log = (Home(self.home).logs / f"worker-{lane}-extra.log").open("ab")
        command = [sys.executable, "-m", "portal.cli", "worker", "--lane", lane]
        with log:
            return subprocess.Popen(command, env={**self.portal.environment, **more}, stdout=log, stderr=log)

    def stop(self) -> None:
        for each in self.extra:
            each.kill()
            each.wait()
        self.portal.stop()


@contextmanager
def running(template: Path, place: Path | None = None, *, keep: bool = False, naive: bool = False) -> Iterator[Company]:
    """A whole portal in a new folder (under `place`) that begins as a copy of the template, and where that can be, on a
    small disk of its own."""
    folder = new_folder("portal-chaos-", place)
    mounted = place is None and mount(folder)
    subprocess.run(["cp", "-a", f"{template}/.", folder], check=True)
    company = Company(Portal(folder, settings(naive=naive)))
    try:
        start(company.portal)
        company.choose_samples()
        company.start_extra_workers()
        yield company
    finally:
        company.stop()
        if keep and mounted:
            subprocess.run(["cp", "-a", f"{folder}/.", new_folder("portal-chaos-kept-")], check=True)
        if mounted:
            subprocess.run(["umount", "-l", folder], check=True)
        if not keep or mounted:
            shutil.rmtree(folder, ignore_errors=True)


def mount(folder: Path) -> bool:
    """A disk in memory, so that it can be filled up. Only root can, and not everywhere."""
    options = ["-t", "tmpfs", "-o", f"size={DISK},mode=0711", "tmpfs"]
    done = (
        subprocess.run(["mount", *options, folder], capture_output=True, check=False) if shutil.which("mount") else None
    )
    return done is not None and done.returncode == 0


@contextmanager
def imported(kept: Path | None = None) -> Iterator[Path]:
    """A portal's folder with the sample portfolio imported, as a template: importing takes longer than a short run. It
    stays at `kept`, where that is given."""
    if kept and kept.exists():
        yield kept
        return
    folder = new_folder("portal-template-")
    portal = Portal(folder, settings())
    try:
        start(portal)
        portal.stop()
        if kept:
            subprocess.run(["cp", "-a", folder, kept], check=True)
        yield folder
    finally:
        if portal.running:
            portal.stop()
        shutil.rmtree(folder, ignore_errors=True)


def start(portal: Portal) -> None:
    """Until everything runs and is imported, which takes long on a machine that does other things too."""
    portal.start()
    wait_until(lambda: portal.said("Ctrl-C stops everything"), PATIENCE_SECONDS, f"the start: {portal.text[-500:]}")


def new_folder(prefix: str, place: Path | None = None) -> Path:
    """One that PostgreSQL's account may pass through, where we are root."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
    folder.chmod(0o711)
    return folder


def settings(*, naive: bool = False) -> dict[str, str]:
    """`naive` workers push as tests/chaos/naive/push.py does."""
    here = os.getcwd()
    return {
        "PORTAL_ADMIN_PASSWORD": PASSWORD,
        "WEB_CONCURRENCY": "2",
        "BUILDIUM_CALLS_PER_SECOND": CALLS_PER_SECOND,
        "SANDBOX_RATE": CALLS_PER_SECOND,
        "SANDBOX_WEBHOOK_RETRY_SCALE": "0.05",
        "PYTHONPATH": f"{here}/tests/chaos/naive/path:{here}" if naive else here,
    }


def records_there(company: Company, kinds: Sequence[str]) -> dict[tuple[str, int], Body]:
    """Every record of these kinds as Buildium keeps it: also what no answer shows."""
    found: dict[tuple[str, int], Body] = {}
    with company.control as control:
        for kind in filter(None, kinds):
            items = control.get(f"/records/{kind}", params={"limit": 100_000}).json()["items"]
            found |= {(kind, each["id"]): each["values"] for each in items}
    return found


def rows_here(company: Company, table: str) -> dict[str, Body]:
    return {key: row for key, row in company.query(f"select id::text, to_jsonb(it) from {table} it")}
