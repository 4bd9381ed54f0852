"""The data folder: records survive restarts, kills, torn lines and full disks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.sandbox import journal
from portal.sandbox.config import SandboxConfig
from portal.sandbox.simulation import Simulation
from tests.sandbox import bodies
from tests.sandbox.running import Served, serve


@pytest.fixture
def config(tmp_path: Path) -> SandboxConfig:
    return SandboxConfig(home=tmp_path, size=12, rate=0)


def snapshot(config: SandboxConfig) -> Any:
    simulation = Simulation(config)
    with simulation.change() as world:
        kept = {kind: world.all(kind) for kind in simulation.store.counts()}
    simulation.close()
    return kept


def records(served: Served) -> Any:
    return {kind: served.control("GET", f"/records/{kind}?limit=99") for kind in ("units", "rentals", "owners")}


def test_everything_is_there_again_after_a_restart(config: SandboxConfig) -> None:
    with serve(config) as served:
        made = served.made("/v1/rentals/units", bodies.unit(PropertyId=1001))
        served.api.post("/v1/rentals/1002/inactivationrequest")
        served.control("DELETE", "/records/units/1001")
        everything = {
            kind: served.control("GET", f"/records/{kind}?limit=99") for kind in ("units", "rentals", "owners")
        }
    with serve(config) as served:
        assert records(served) == everything
        assert served.made("/v1/rentals/units", bodies.unit(PropertyId=1001))["Id"] == made["Id"] + 1


def test_an_id_is_not_given_out_again_after_a_restart(config: SandboxConfig) -> None:
    for _ in range(2):
        with serve(config) as served:
            made = served.made("/v1/rentals/units", bodies.unit(PropertyId=1001))
            served.control("DELETE", f"/records/units/{made['Id']}")
    assert made["Id"] == 1014


def test_an_emptied_company_stays_empty(config: SandboxConfig) -> None:
    with serve(config) as served:
        served.control("POST", "/reset", {"to": "empty"})
    assert not any(snapshot(config).values())


def test_a_torn_last_line_is_forgotten(config: SandboxConfig, tmp_path: Path) -> None:
    with serve(config) as served:
        served.made("/v1/rentals/units", bodies.unit(PropertyId=1001, UnitNumber="kept"))
        before = served.count("units")
    with (tmp_path / "journal.jsonl").open("ab") as file:
        file.write(b'[["units",1099,"2024-')
    kept = snapshot(config)
    assert len(kept["units"]) == before
    assert kept["units"][-1]["UnitNumber"] == "kept"


def test_damage_in_the_middle_is_refused_rather_than_skipped(config: SandboxConfig, tmp_path: Path) -> None:
    snapshot(config)
    path = tmp_path / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], b"garbage\n", *lines[1:]]))
    with pytest.raises(json.JSONDecodeError):
        Simulation(config)


def test_a_start_compacts_the_journal(config: SandboxConfig, tmp_path: Path) -> None:
    snapshot(config)
    path = tmp_path / "journal.jsonl"
    compact = path.read_bytes()
    with serve(config) as served:
        for number in range(20):
            served.control("PATCH", "/records/rentals/1001", {"Name": f"Name {number}"})
    assert len(path.read_bytes().splitlines()) == len(compact.splitlines()) + 20
    assert snapshot(config)["rentals"][0]["Name"] == "Name 19"
    assert len(path.read_bytes().splitlines()) == len(compact.splitlines())


def test_two_sandboxes_cannot_share_a_folder(config: SandboxConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_LOCK_PATIENCE_S", 0.0)
    with serve(config), pytest.raises(BlockingIOError):
        Simulation(config)
    snapshot(config)


def test_a_change_that_cannot_be_written_is_not_made(config: SandboxConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: object, changes: object) -> None:
        raise OSError(28, "No space left on device")

    with serve(config) as served:
        before = served.count("units")
        with monkeypatch.context() as patched:
            patched.setattr(journal.Journal, "append", full)
            assert served.api.post("/v1/rentals/units", json=bodies.unit(PropertyId=1001)).status_code == 500
        assert served.count("units") == before
        served.made("/v1/rentals/units", bodies.unit(PropertyId=1001))


# The kernel's limit on the size of files stands in for the disk: some bytes are written, and then no more.
FULL_DISK = """
import gc, resource, sys
from pathlib import Path
from portal.sandbox.journal import Journal

def room(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

def record(number):
    return [("units", number, "a", "b", {"name": "x" * 100})]

kept = Journal(Path(sys.argv[1]))
kept.compact([])
kept.append(record(1))
room(kept.path.stat().st_size + 20)
for number in (2, 3):
    try:
        kept.append(record(number))
    except OSError as error:
        print(error.strerror)
room(resource.RLIM_INFINITY)
gc.collect()
kept.append(record(4))
gc.collect()
print([line[0][1] for line in kept.read()])
"""


def test_half_a_line_on_a_full_disk_is_taken_back(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.splitlines() == ["File too large", "File too large", "[1, 4]"], done.stderr


def test_a_disk_that_fills_while_the_journal_is_rewritten_leaves_the_old_one(tmp_path: Path) -> None:
    def filling() -> Iterator[Any]:
        yield {"next": {"units": 9}}
        raise OSError(28, "No space left on device")

    kept = journal.Journal(tmp_path)
    kept.compact([])
    kept.append([("units", 1, "a", "b", None)])
    with pytest.raises(OSError, match="No space"):
        kept.compact(filling())
    kept.append([("units", 2, "a", "b", None)])
    assert [line[0][1] for line in kept.read()] == [1, 2]
    kept.close()
