"""The data folder: an append-only file of JSON lines, so that records survive restarts and kill -9.

One line is one committed transaction: a list of [kind, id, created, updated, values], values null for a
deleted record. The first line of a compacted file holds the highest id given out per kind, because the ids
of deleted records are never given out again.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator
from io import FileIO
from pathlib import Path
from typing import IO, Any

Change = tuple[str, int, str, str, dict[str, Any] | None]
Lines = Iterable[Any]

_LOCK_PATIENCE_S = 10.0


class Journal:
    """The journal of one data folder; raises OSError where the folder can't be used or another process has it."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.path = home / "journal.jsonl"
        self._lock = _locked(home / "lock")
        self._file: FileIO | None = None
        self._end = 0  # of the last whole line

    def read(self) -> Iterator[Any]:
        """Every line, oldest first. A torn last line (killed while writing) is ignored, any other damage raises."""
        if not self.path.exists():
            return
        lines = self.path.read_bytes().split(b"\n")
        # Without damage the file ends in a newline, so the piece after it is empty; else it is the torn line.
        for line in lines[:-1]:
            yield json.loads(line)

    def compact(self, lines: Lines) -> None:
        """Replace the file by these lines, atomically, and open it for appending. Where that fails, the file and
        everything in it stay."""
        fresh = self.path.with_suffix(".new")
        with fresh.open("wb") as file:
            for line in lines:
                file.write(_encoded(line))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
        self._close_file()
        # Without a buffer: what one keeps after a failed write, it would write later, into another transaction.
        self._file = FileIO(self.path, "a")
        self._end = self.path.stat().st_size

    def append(self, changes: list[Change]) -> None:
        """Write one transaction to the system; only then may it be answered. OSError where there is no room: then the
        journal is as it was, and takes the next one as soon as there is room again."""
        if self._file is None:
            raise OSError("the journal is closed")
        line = _encoded(changes)
        # A disk that filled mid-line must not leave half a line in front of this transaction.
        self._file.truncate(self._end)
        try:
            _write_whole(self._file, line)
        except OSError:
            self._file.truncate(self._end)
            raise
        self._end += len(line)

    def close(self) -> None:
        self._close_file()
        self._lock.close()

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _write_whole(file: FileIO, line: bytes) -> None:
    rest = memoryview(line)
    while rest:
        rest = rest[file.write(rest) :]


def _encoded(line: Any) -> bytes:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"


def _locked(path: Path) -> IO[bytes]:
    """Hold the folder's lock; waits a little, because a killed worker's successor starts before it is quite dead."""
    file = path.open("ab")
    patience = time.monotonic() + _LOCK_PATIENCE_S
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > patience:
                file.close()
                raise
            time.sleep(0.05)
        else:
            return file
