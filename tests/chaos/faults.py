"""The faults, each under the name that the plan and the table use. All are real: signals, connections, answers."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import redis

from portal.start.environment import Surroundings, database_url
from portal.start.strays import children
from tests.chaos.api_faults import ANSWERS, PATIENCE_FOR_A_WRITE, answer_fault
from tests.chaos.company import Company
from tests.chaos.kinds import Body
from tests.chaos.twins import made_twice
from tests.chaos.webhook_faults import EVENTS

LEASE_SECONDS = 12.0
CLOCK_SECONDS = 6.0
BIG_STORM = 10_000
MOST_CRUMBS = 10_000  # pages that are freed while the disk is being filled
FAKE_CLOCK = [str(each) for each in Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")]


@dataclass
class Scene:
    """One fault at work: its dice are the plan's, so that a replay does the same."""

    company: Company
    dice: random.Random
    pause: float
    big: bool = False

    def last(self) -> None:
        time.sleep(self.pause)

    def pid(self, part: str) -> int:
        return self.company.portal.part(part)


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def freeze(pid: int, seconds: float) -> None:
    kill(pid, signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        kill(pid, signal.SIGCONT)


def redis_stopped(scene: Scene) -> Body:
    freeze(scene.pid("valkey"), scene.pause)
    return {"seconds": scene.pause}


def redis_killed(scene: Scene) -> Body:
    kill(scene.pid("valkey"))
    return {}


def redis_flushed(scene: Scene) -> Body:
    url = Surroundings(scene.company.portal.environment).valkey().url()
    with suppress(redis.RedisError), redis.Redis.from_url(url, socket_timeout=2) as connection:
        connection.flushall()
        return {}
    return {"missed": "Redis was away"}


def worker_killed(scene: Scene) -> Body:
    lane = scene.dice.choice(("people", "people", "bulk"))
    if scene.dice.random() < 0.5:
        kill(scene.pid(f"worker-{lane}"))
        return {"lane": lane}
    return {"lane": lane, "extra": restart_extra(scene.company, lane)}


def restart_extra(company: Company, lane: str, more: Mapping[str, str] | None = None) -> int:
    place = ("people", "bulk").index(lane)
    with company.lock:
        company.extra[place].kill()
        company.extra[place].wait()
        company.extra[place] = company.extra_worker(lane, more or {})
    return company.extra[place].pid


def worker_frozen(scene: Scene) -> Body:
    """Longer than its lease lasts, so that it wakes up without one."""
    seconds = LEASE_SECONDS + scene.pause
    freeze(scene.pid("worker-people"), seconds)
    return {"seconds": seconds}


def worker_killed_in_create(scene: Scene) -> Body:
    """Between Buildium's commit and its answer."""
    rule = {"fault": "commit_then_hold", "method": "POST", "path": "/v1/*", "times": 1}
    with scene.company.control as control:
        number = control.post("/faults", json=rule).json()["id"]
        try:
            held = wait_for(lambda: control.get("/holds").json(), PATIENCE_FOR_A_WRITE)
            if held:
                for lane in ("people", "bulk"):
                    restart_extra(scene.company, lane)
                    kill(scene.pid(f"worker-{lane}"))
        finally:
            control.delete(f"/faults/{number}")
            control.post("/holds/release")
    return {"held": held} if held else {"missed": "no create came"}


def wait_for(condition: Callable[[], Any], seconds: float) -> Any:
    end = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return found


def web_worker_killed(scene: Scene) -> Body:
    """One of the processes that answer people, at any moment: also between a commit and its answer."""
    found = sorted(children(scene.pid("web")))
    for pid in found[:1]:
        kill(pid)
    return {} if found else {"missed": "no process"}


def web_killed(scene: Scene) -> Body:
    kill(scene.pid("web"))
    return {}


def scheduler_killed(scene: Scene) -> Body:
    kill(scene.pid("scheduler"))
    return {}


def postgres_killed(scene: Scene) -> Body:
    kill(scene.pid("postgres"))
    return {}


def postgres_restarted(scene: Scene) -> Body:
    kill(scene.pid("postgres"), signal.SIGINT)
    return {}


def connections_cut(scene: Scene) -> Body:
    words = "select count(pg_terminate_backend(pid)) from pg_stat_activity where pid <> pg_backend_pid() and datname = "
    return {"connections": scene.company.query(words + "current_database()")[0][0]}


def time_passes(scene: Scene) -> Body:
    return {"rows": pass_time(scene.company)}


def pass_time(company: Company) -> int:
    """What only waits for its time is due now: hours go by in a moment. Somebody has enabled the webhooks again."""
    with company.control as control:
        control.post("/webhooks/enable")
    soon = "set next_attempt_at = clock_timestamp() where next_attempt_at > clock_timestamp() and "
    # A create whose answer was lost a moment ago isn't looked for before that answer would have come.
    ready = "(sync_status = 'pending' or sync_status = 'uncertain' and last_post_attempt_at < now() - interval '3 s')"
    rows = company.query(f"update buildium_sync_status {soon} {ready} returning 1")
    # What a worker has just now stays as it is: to wait for several such events would be to wait for each other.
    free = "id in (select id from buildium_webhook_events where state in ('received', 'failed') for update skip locked)"
    rows += company.query(f"update buildium_webhook_events {soon} {free} returning 1")
    company.query("update buildium_connection set next_probe_at = clock_timestamp() where state = 'open'")
    return len(rows)


def migrated_under_load(scene: Scene) -> Body:
    """Back to the revision before, and to the newest again, while everybody works."""
    code = (
        "import sys; from portal.schema import upgrade, downgrade\n"
        "downgrade(sys.argv[1], '-1'); upgrade(sys.argv[1])"
    )  # fmt: skip
    url = Surroundings(scene.company.portal.environment).postgres().url()
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code, url], capture_output=True, text=True, check=False)
    if done.returncode:
        # Whatever broke it (another fault at the same time), the schema must be whole again for the rest.
        again = "import sys; from portal.schema import upgrade\nupgrade(sys.argv[1])"
        wait_for(lambda: subprocess.run([sys.executable, "-c", again, url], check=False).returncode == 0, 60)
        return {"interrupted": done.stderr.strip().rpartition("\n")[2][:120]}
    return {"seconds": round(time.monotonic() - began, 2)}


def table_locked(scene: Scene) -> Body:
    """What a migration does that changes a table: nobody can read or write it until it is through."""
    table = scene.dice.choice(("properties", "units", "bills", "buildium_sync_status", "buildium_webhook_events"))
    statements = ("set local lock_timeout = '5s'", f"alter table {table} add column chaos text")
    try:
        with psycopg.connect(database_url(scene.company.portal.environment)) as connection:
            for each in statements:
                connection.execute(each.encode())
            scene.last()
            connection.rollback()
    except psycopg.Error as error:
        return {"missed": str(error)[:80]}
    return {"table": table, "seconds": scene.pause}


def clock_off(scene: Scene) -> Body:
    """A worker on a machine whose clock is minutes off."""
    if not FAKE_CLOCK:
        return {"missed": "libfaketime is not installed"}
    minutes = scene.dice.choice((-9, -4, 4, 9))
    lane = scene.dice.choice(("people", "bulk"))
    clock = {"LD_PRELOAD": FAKE_CLOCK[0], "FAKETIME": f"{minutes * 60:+d}", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    restart_extra(scene.company, lane, clock)
    time.sleep(scene.pause + CLOCK_SECONDS)
    restart_extra(scene.company, lane)
    return {"lane": lane, "minutes": minutes}


def disk_full(scene: Scene) -> Body:
    """Only where the run has a small disk of its own."""
    if not os.path.ismount(scene.company.home):
        return {"missed": "no disk of its own could be mounted"}
    filler = scene.company.home / f"filler-{scene.dice.randrange(2**31)}"
    try:
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            left = os.statvfs(scene.company.home)
            with suppress(OSError):
                os.posix_fallocate(file.fileno(), 0, left.f_bavail * left.f_frsize)
            file.seek(0, os.SEEK_END)
            for _ in range(MOST_CRUMBS):
                file.write(bytes(4096))
        scene.last()
    finally:
        filler.unlink(missing_ok=True)
    return {"seconds": scene.pause}


def storm(scene: Scene) -> Body:
    """Signed events about every record, round and round, so that many are the same."""
    count = BIG_STORM if scene.big else scene.dice.randrange(100, 400)
    with scene.company.control as control:
        control.post("/webhooks/storm", json={"count": count}).raise_for_status()
    return {"events": count}


PROCESSES: dict[str, Callable[[Scene], Body]] = {
    "redis stopped": redis_stopped,
    "redis killed": redis_killed,
    "redis flushed": redis_flushed,
    "worker killed": worker_killed,
    "worker frozen": worker_frozen,
    "worker killed in create": worker_killed_in_create,
    "web worker killed": web_worker_killed,
    "web killed": web_killed,
    "scheduler killed": scheduler_killed,
    "postgres killed": postgres_killed,
    "postgres restarted": postgres_restarted,
    "connections cut": connections_cut,
    "time passes": time_passes,
    "migration": migrated_under_load,
    "table locked": table_locked,
    "worker clock off": clock_off,
    "disk full": disk_full,
    "webhook storm": storm,
    "create made twice": lambda scene: made_twice(scene.company, scene.pause),
}


def api(name: str) -> Callable[[Scene], Body]:
    return lambda scene: answer_fault(scene.company, ANSWERS[name], scene.pause)


def event(name: str) -> Callable[[Scene], Body]:
    return lambda scene: EVENTS[name](scene.company, scene.dice)


FAULTS: dict[str, Callable[[Scene], Body]] = {
    **PROCESSES,
    **{name: api(name) for name in ANSWERS},
    **{name: event(name) for name in EVENTS},
}
