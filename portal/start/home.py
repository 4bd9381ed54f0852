"""PORTAL_HOME: the folder of one portal's data, secrets and logs, and the locks that keep a second start out."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from portal.start.children import POLL_SECONDS, never
from portal.start.errors import Interrupted, StartError

LONGEST_LOG = 5 * 1024 * 1024
# An earlier supervisor that was killed leaves parts behind that are just stopping; PostgreSQL takes longest.
LEFTOVER_SECONDS = 30


@dataclass(frozen=True)
class Home:
    path: Path

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def secrets(self) -> Path:
        return self.path / "secrets.json"

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def valkey(self) -> Path:
        return self.path / "valkey"

    @property
    def sandbox(self) -> Path:
        return self.path / "sandbox"

    def make(self) -> None:
        """Make the folders. Raises StartError where that can't be done."""
        try:
            if not self.path.exists():
                self.path.mkdir(parents=True)
                # Others may pass through, because PostgreSQL runs as another account where we are root.
                self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
            for folder in (self.logs, self.sandbox):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StartError(
                f"The folder {self.path} can't be written ({error.strerror}): set PORTAL_HOME to one that can."
            ) from error

    @contextmanager
    def locked(self, interrupted: Callable[[], bool] = never) -> Iterator[int]:
        """Keep every other start out for the time of the block; gives a descriptor that every part must inherit.

        Two locks: one ends with the supervisor, the other with the last of its parts, even if the supervisor is
        killed. Raises StartError where this portal is running already, Interrupted on a signal.
        """
        with self._open("lock") as supervisor, self._open("parts.lock") as parts:
            if not taken(supervisor):
                pid = supervisor.read().strip() or "unknown"
                raise StartError(
                    f"The portal is running already in {self.path} (process {pid}); to start another one beside it, "
                    "set PORT, SANDBOX_PORT and PORTAL_HOME."
                )
            supervisor.truncate(0)
            supervisor.write(str(os.getpid()))
            supervisor.flush()
            wait_for_leftovers(parts, interrupted)
            yield parts.fileno()

    def _open(self, name: str) -> IO[str]:
        try:
            file = (self.path / name).open("a+")
        except OSError as error:
            raise StartError(
                f"The folder {self.path} can't be written ({error.strerror}): set PORTAL_HOME to one that can."
            ) from error
        file.seek(0)
        return file


def taken(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_for_leftovers(parts: IO[str], interrupted: Callable[[], bool]) -> None:
    end = time.monotonic() + LEFTOVER_SECONDS
    while not taken(parts):
        if interrupted():
            raise Interrupted
        if time.monotonic() > end:
            raise StartError(
                f"Parts of an earlier start are still running: “fuser {parts.name}” tells which processes."
            )
        time.sleep(POLL_SECONDS)


def trim(log: Path) -> None:
    """Move a long log aside, as one older file; what writes to it goes on doing so (it appends)."""
    try:
        if log.stat().st_size <= LONGEST_LOG:
            return
    except FileNotFoundError:
        return
    shutil.copyfile(log, log.with_name(f"{log.name}.1"))
    os.truncate(log, 0)
