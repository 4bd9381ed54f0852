from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from portal.start.children import Child
from portal.start.errors import Interrupted, StartError
from tests.start.programs import STUBBORN, alive, program
from tests.waiting import wait_until


def pid_of(child: Child) -> int:
    assert child.process
    return child.process.pid


def test_a_child_runs_until_it_is_stopped(tmp_path: Path) -> None:
    child = program(tmp_path)
    child.start()
    child.wait_until_ready(10)
    assert child.running
    child.stop()
    assert not child.running
    assert child.end() == "was killed by SIGTERM"


def test_a_child_that_ignores_the_signal_is_killed_after_its_grace(tmp_path: Path) -> None:
    child = program(tmp_path, STUBBORN, grace_seconds=0.2)
    child.start()
    child.wait_until_ready(10)
    child.ask_to_stop()
    assert child.wait_until_stopped() is False
    assert child.end() == "was killed by SIGKILL"


def test_a_child_that_ends_at_its_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    child = program(tmp_path, "import sys; sys.exit('no such database')", name="web")
    child.start()
    with pytest.raises(StartError, match=r"web stopped at its start: no such database \(see .*web\.log\)"):
        child.wait_until_ready(10)
    child.stop()


def test_a_child_that_never_gets_ready_is_told(tmp_path: Path) -> None:
    child = program(tmp_path, "import signal; signal.pause()")
    child.start()
    with pytest.raises(StartError, match="not ready after 0 seconds"):
        child.wait_until_ready(0.1)
    child.stop()


def test_waiting_for_a_child_can_be_interrupted(tmp_path: Path) -> None:
    child = program(tmp_path, "import signal; signal.pause()")
    child.start()
    with pytest.raises(Interrupted):
        child.wait_until_ready(10, interrupted=lambda: True)
    child.stop()


def test_a_child_is_in_a_session_of_its_own_so_that_ctrl_c_does_not_reach_it(tmp_path: Path) -> None:
    child = program(tmp_path)
    child.start()
    assert os.getsid(pid_of(child)) == pid_of(child)
    child.stop()


def test_a_child_dies_with_its_parent_even_when_that_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import pathlib, signal, sys; from tests.start.programs import program\n"
            "child = program(pathlib.Path(sys.argv[1])); child.start(); child.wait_until_ready(10)\n"
            "print(child.process.pid, flush=True); signal.pause()",
            str(tmp_path),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout
    pid = int(parent.stdout.readline())
    assert alive(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not alive(pid), what="the child ends")
