from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.start import home as homes
from portal.start.errors import StartError
from portal.start.home import LONGEST_LOG, Home, trim
from tests.waiting import wait_until


def test_a_second_start_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.make()
    with (
        home.locked(),
        pytest.raises(StartError, match=rf"running already in .* \(process {os.getpid()}\)"),
        home.locked(),
    ):
        pass
    with home.locked():
        pass


def test_a_folder_that_can_not_be_made_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartError, match=r"can't be written \(Not a directory\): set PORTAL_HOME"):
        Home(tmp_path / "file" / "home").make()


def test_a_start_waits_for_the_parts_of_a_killed_supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path / "home")
    home.make()
    # As when the supervisor is killed: its own descriptors go, the part's copy stays.
    with home.locked() as lock:
        left = subprocess.Popen(["sleep", "1000"], pass_fds=[lock])
    monkeypatch.setattr(homes, "LEFTOVER_SECONDS", 0.1)
    with pytest.raises(StartError, match="Parts of an earlier start are still running"), home.locked():
        pass
    left.kill()
    left.wait()
    with home.locked():
        pass


def test_only_its_owner_sees_a_new_home(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.make()
    # Where we are root, PostgreSQL's account passes through, but may not look.
    assert home.path.stat().st_mode & 0o777 == (0o711 if os.geteuid() == 0 else 0o700)
    assert home.logs.stat().st_mode & 0o777 == 0o700


def test_a_long_log_is_moved_aside_while_its_program_goes_on_writing(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_bytes(b"old\n" * (LONGEST_LOG // 4 + 1))
    with log.open("ab") as output:
        writer = subprocess.Popen([sys.executable, "-c", "input(); print('new')"], stdin=subprocess.PIPE, stdout=output)
        trim(log)
        assert log.stat().st_size == 0
        writer.communicate(b"\n")
    wait_until(lambda: log.read_text() == "new\n")
    assert (tmp_path / "web.log.1").stat().st_size > LONGEST_LOG


def test_a_short_log_stays(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text("short")
    trim(log)
    trim(tmp_path / "missing.log")
    assert log.read_text() == "short"
