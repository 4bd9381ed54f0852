"""Processes whose parent was killed. Linux hands them to the supervisor, which ends them: nothing is left behind."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

# https://man7.org/linux/man-pages/man2/prctl.2.html
PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """From here on, whatever our parts leave behind becomes our own child instead of the system's."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_strays(known: Collection[int]) -> int:
    """Kill every child of ours that is none of `known`, and what it leaves in turn; returns how many."""
    ended = 0
    while strays := [pid for pid in children(os.getpid()) if pid not in known]:
        for pid in strays:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        ended += len(strays)
    return ended


def children(parent: int) -> Iterator[int]:
    """The processes that `parent` started, or adopted."""
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            # pid (name) state parent …, and the name may hold anything.
            its_parent = entry.read_text().rpartition(")")[2].split()[1]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its_parent) == parent:
            yield int(entry.parent.name)
