"""Small real programs to supervise, and looking at what runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from portal.start.children import Child

# A program that says when it is ready and then waits for signals.
WAITS = "import pathlib, signal, sys; pathlib.Path(sys.argv[1]).touch(); signal.pause()"
# One that leaves a child of its own in another session, as a server's worker may be.
LEAVES_A_CHILD = (
    "import pathlib, signal, subprocess, sys;"
    "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'], start_new_session=True);"
    "pathlib.Path(sys.argv[1]).write_text(str(child.pid)); signal.pause()"
)
STUBBORN = (
    "import pathlib, signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "pathlib.Path(sys.argv[1]).touch()\nwhile True: signal.pause()"
)


def program(folder: Path, code: str = WAITS, name: str = "part", grace_seconds: float = 5) -> Child:
    """A child that is ready once it has made the file `<name>.ready`."""
    mark = folder / f"{name}.ready"
    return Child(
        name=name,
        command=[sys.executable, "-c", code, str(mark)],
        log=folder / f"{name}.log",
        environment=dict(os.environ),
        grace_seconds=grace_seconds,
        before=lambda: mark.unlink(missing_ok=True),
        ready=lambda: mark.exists() and (code is not LEAVES_A_CHILD or bool(mark.read_text())),
    )


def alive(pid: int) -> bool:
    """Whether that process runs; a zombie doesn't."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def command_lines(containing: str) -> dict[int, str]:
    """The running processes whose command line or environment names that text, such as a folder of one test."""
    return {pid: line for pid, line in every_process() if containing in line}


def every_process() -> Iterator[tuple[int, str]]:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes() + b" " + (entry / "environ").read_bytes()
        except OSError:
            continue
        if alive(int(entry.name)):
            yield int(entry.name), line.replace(b"\0", b" ").decode(errors="replace")
