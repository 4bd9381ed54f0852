"""Keeps the parts of a portal running: starts them in order, starts again what ends, stops them in order."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from portal.start.children import POLL_SECONDS, Child
from portal.start.errors import Interrupted
from portal.start.home import trim
from portal.start.strays import adopt_orphans, end_strays

LOOK_SECONDS = 0.1
READY_SECONDS = 60
# A part that ran this long before it ended begins again with the shortest pause.
STABLE_SECONDS = 30
SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
TRIM_SECONDS = 60
ECHO_SECONDS = 0.3


@dataclass
class Part:
    """A child, and when it may start again. `rank` orders the stop: lower ones first."""

    child: Child
    rank: int
    restarts: bool = True
    began: float = 0
    failures: int = 0
    # None while it runs; otherwise the moment of its next start.
    due: float | None = None

    def start(self) -> None:
        self.due = None
        self.began = time.monotonic()
        self.child.start()

    def pause(self) -> float:
        """Note that it ended, and return the seconds until it may start again."""
        now = time.monotonic()
        self.failures = 0 if now - self.began > STABLE_SECONDS else self.failures + 1
        seconds = min(LONGEST_PAUSE, SHORTEST_PAUSE * 2.0 ** max(0, self.failures - 1))
        self.due = now + seconds
        return seconds


@dataclass
class Supervisor:
    """Run in the main thread of a process of its own. `say` takes lines for the terminal."""

    say: Callable[[str], None]
    parts: list[Part] = field(default_factory=list)
    signals: int = 0
    last_signal: float = -ECHO_SECONDS
    trimmed: float = 0

    def listen(self) -> None:
        """The first signal asks to stop, the second one doesn't wait."""
        adopt_orphans()
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, self._asked)

    def stopping(self) -> bool:
        return self.signals > 0

    def impatient(self) -> bool:
        return self.signals > 1

    def begin(self, child: Child, rank: int, *, restarts: bool = True) -> Part:
        """Start a part without waiting for it."""
        trim(child.log)
        part = Part(child, rank, restarts)
        self.parts.append(part)
        part.start()
        return part

    def await_ready(self, child: Child) -> None:
        """Raises StartError where it doesn't become ready, Interrupted where somebody asked to stop."""
        child.wait_until_ready(READY_SECONDS, self.stopping)

    def run_once(self, child: Child) -> int:
        """Start a part that ends by itself, and return its exit code. Raises Interrupted on a signal."""
        part = self.begin(child, rank=0, restarts=False)
        while child.running and not self.stopping():
            time.sleep(POLL_SECONDS)
        child.stop()
        self.parts.remove(part)
        if self.stopping():
            raise Interrupted
        return child.process.returncode if child.process else 0

    def watch(self, each_time: Callable[[], None]) -> None:
        """Until somebody asks to stop: start again what ended, and call `each_time`, several times a second."""
        while not self.stopping():
            self.look()
            each_time()
            time.sleep(LOOK_SECONDS)

    def look(self) -> None:
        for part in self.parts:
            if part.restarts and not part.child.running:
                self._care_for(part)
        if time.monotonic() - self.trimmed > TRIM_SECONDS:
            self.trimmed = time.monotonic()
            for part in self.parts:
                trim(part.child.log)

    def stop(self) -> None:
        """Stop everything, rank by rank; parts of one rank at once."""
        for rank in sorted({part.rank for part in self.parts}):
            group = [part.child for part in self.parts if part.rank == rank]
            for child in group:
                child.ask_to_stop()
            for child in group:
                if not child.wait_until_stopped(self.impatient):
                    self.say(f"{child.name} did not stop in time and was killed")
        end_strays(known=())

    def _care_for(self, part: Part) -> None:
        if part.due is None:
            part.child.kill_group()
            end_strays(self._known())
            seconds = part.pause()
            self.say(f"{part.child.name} {part.child.end()}; it starts again in {seconds:.1f} s (see {part.child.log})")
        elif time.monotonic() >= part.due:
            part.start()

    def _known(self) -> set[int]:
        return {part.child.process.pid for part in self.parts if part.child.process}

    def _asked(self, number: int, _frame: FrameType | None) -> None:
        # `make`, `timeout` and shells hand on a signal that we got ourselves: that is not somebody losing patience.
        if time.monotonic() - self.last_signal < ECHO_SECONDS:
            return
        self.last_signal = time.monotonic()
        self.signals += 1
        if self.signals == 1:
            self.say("\nstopping …")
