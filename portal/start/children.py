"""One part of a running portal: a foreground process in a session of its own that never outlives its parent."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from portal.start.errors import Interrupted, StartError

POLL_SECONDS = 0.02
# https://man7.org/linux/man-pages/man2/prctl.2.html
PR_SET_PDEATHSIG = 1


def never() -> bool:
    return False


def nothing() -> None:
    pass


@dataclass
class Child:
    """What to run, how to know that it is ready, and how to stop it.

    `before` clears what a killed predecessor left behind. `ready` is asked until it says yes. `kept_open` are file
    descriptors that the process inherits. `account` is dropped to where the parent is root. Standard output goes to the
    log, or to `output`, emptied at each start.
    """

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    stop_signal: signal.Signals = signal.SIGTERM
    quit_signal: signal.Signals = signal.SIGKILL
    grace_seconds: float = 10
    folder: Path | None = None
    account: pwd.struct_passwd | None = None
    before: Callable[[], None] = nothing
    ready: Callable[[], bool] = lambda: True
    kept_open: Sequence[int] = ()
    output: Path | None = None
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        self.before()
        if self.output:
            self.output.unlink(missing_ok=True)
        with self.log.open("ab") as log, (self.output or self.log).open("ab") as output:
            self.process = subprocess.Popen(
                list(self.command),
                env=dict(self.environment),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                pass_fds=self.kept_open,
                start_new_session=True,
                preexec_fn=dies_with_parent(self.stop_signal),
                user=self.account.pw_uid if self.account else None,
                group=self.account.pw_gid if self.account else None,
                extra_groups=[] if self.account else None,
            )

    def wait_until_ready(self, seconds: float, interrupted: Callable[[], bool] = never) -> None:
        """Raises StartError when it ends or isn't ready in time, Interrupted when somebody asked to stop."""
        end = time.monotonic() + seconds
        while True:
            # Asked first: a stranger on our port must not pass for our own child.
            if not self.running:
                raise StartError(f"{self.name} stopped at its start{self.last_words()}")
            if self.ready():
                return
            if interrupted():
                raise Interrupted
            if time.monotonic() > end:
                raise StartError(f"{self.name} was not ready after {seconds:.0f} seconds{self.last_words()}")
            time.sleep(POLL_SECONDS)

    def ask_to_stop(self) -> None:
        if self.running and self.process:
            self.process.send_signal(self.stop_signal)

    def wait_until_stopped(self, impatient: Callable[[], bool] = never) -> bool:
        """Wait as long as its grace allows, then kill it; returns whether it stopped by itself."""
        if self.process is None:
            return True
        end = time.monotonic() + self.grace_seconds
        while self.running and time.monotonic() < end and not impatient():
            time.sleep(POLL_SECONDS)
        in_time = not self.running
        if not in_time:
            self.process.send_signal(self.quit_signal)
            self._wait_a_moment()
        self.kill_group()
        self.process.wait()
        return in_time

    def stop(self) -> None:
        self.ask_to_stop()
        self.wait_until_stopped()

    def kill_group(self) -> None:
        """Kill what is left of its session: the process itself, and its own children that outlived it."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            # Gone already; macOS answers PermissionError for a zombie.
            return

    def end(self) -> str:
        """How it ended, in words."""
        code = self.process.poll() if self.process else None
        if code is None:
            return "is running"
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

    def last_words(self) -> str:
        """The end of its log as the end of a sentence."""
        line = self.last_line()
        return f": {line} (see {self.log})" if line else f" (see {self.log})"

    def last_line(self) -> str:
        return next((line.strip() for line in reversed(tail(self.log, 4000).splitlines()) if line.strip()), "")

    def _wait_a_moment(self) -> None:
        end = time.monotonic() + 2
        while self.running and time.monotonic() < end:
            time.sleep(POLL_SECONDS)


def dies_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """What a new process runs before its program, so that Linux signals it when its parent is gone."""
    if not sys.platform.startswith("linux"):
        return None
    # Found before the fork: a fork may hold locks that loading a library needs.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def run() -> None:
        prctl(PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:
            os._exit(1)

    return run


def tail(path: Path, size: int) -> str:
    """The last `size` bytes of a file as text; empty where there is no file."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - size))
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
