from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.start.supervisor import Part, Supervisor
from tests.start.programs import LEAVES_A_CHILD, STUBBORN, alive, program
from tests.waiting import wait_until

Begin = Callable[..., Part]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str]) -> Iterator[Supervisor]:
    supervisor = Supervisor(said.append)
    yield supervisor
    supervisor.signals = 2
    supervisor.stop()


def pid_of(part: Part) -> int:
    assert part.child.process
    return part.child.process.pid


def test_a_killed_part_starts_again(supervisor: Supervisor, said: list[str], tmp_path: Path) -> None:
    part = supervisor.begin(program(tmp_path), rank=1)
    supervisor.await_ready(part.child)
    first = pid_of(part)
    part.child.process.kill()  # type: ignore[union-attr]

    def again() -> bool:
        supervisor.look()
        return part.child.running and pid_of(part) != first

    wait_until(again)
    assert said == [f"part was killed by SIGKILL; it starts again in 0.2 s (see {part.child.log})"]


def test_a_part_that_keeps_ending_waits_longer_each_time(supervisor: Supervisor, tmp_path: Path) -> None:
    part = Part(program(tmp_path), rank=1)
    part.start()
    assert [part.pause() for _ in range(10)] == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30])
    part.child.stop()


def test_a_part_that_ran_for_long_begins_with_the_short_pause(tmp_path: Path) -> None:
    part = Part(program(tmp_path), rank=1, began=-1_000_000, failures=9)
    assert part.pause() == pytest.approx(0.2)


def test_parts_stop_rank_by_rank(supervisor: Supervisor, tmp_path: Path) -> None:
    order: list[str] = []
    for name, rank in (("database", 4), ("web", 1), ("queue", 3)):
        child = program(tmp_path, name=name)
        supervisor.begin(child, rank)
        supervisor.await_ready(child)
        stopping = child.ask_to_stop
        child.ask_to_stop = lambda name=name, stopping=stopping: (order.append(name), stopping())  # type: ignore
    supervisor.stop()
    assert order == ["web", "queue", "database"]
    assert not any(part.child.running for part in supervisor.parts)


def test_a_second_signal_does_not_wait_for_anybody(supervisor: Supervisor, said: list[str], tmp_path: Path) -> None:
    child = program(tmp_path, STUBBORN, grace_seconds=1000)
    supervisor.begin(child, rank=1)
    supervisor.await_ready(child)
    supervisor.signals = 2
    supervisor.stop()
    assert not child.running
    assert said == ["part did not stop in time and was killed"]


SUPERVISES = (
    "import pathlib, sys; from portal.start.supervisor import Supervisor; from tests.start import programs\n"
    "supervisor = Supervisor(lambda line: None); supervisor.listen()\n"
    "child = programs.program(pathlib.Path(sys.argv[1]), programs.LEAVES_A_CHILD); supervisor.begin(child, 1)\n"
    "supervisor.await_ready(child); print(child.process.pid, flush=True); supervisor.watch(lambda: None)\n"
    "supervisor.stop()"
)


def test_what_a_killed_part_leaves_behind_is_ended_before_it_starts_again(tmp_path: Path) -> None:
    mark = tmp_path / "part.ready"
    assert LEAVES_A_CHILD
    command = [sys.executable, "-c", SUPERVISES, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout
        part, left = int(supervisor.stdout.readline()), int(mark.read_text())
        subprocess.run(["kill", "-9", str(part)], check=True)
        wait_until(lambda: not alive(left), what="the grandchild ends")
        wait_until(lambda: mark.exists() and mark.read_text() not in {"", str(left)}, what="the part starts again")
        second = int(mark.read_text())
        supervisor.send_signal(signal.SIGINT)
        supervisor.wait(20)
    assert not alive(second)
