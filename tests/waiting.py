"""Waiting for a condition instead of sleeping for luck."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count
from typing import TypeVar

Answer = TypeVar("Answer")

EVERY = 0.02


def wait_until(condition: Callable[[], Answer], seconds: float = 10, what: str = "") -> Answer:
    """Ask again until the answer is true, and return it; AssertionError after `seconds`.

    It counts its pauses and asks no clock, because tests move the clock.
    """
    pause = threading.Event()
    for number in count():
        if answer := condition():
            return answer
        if number * EVERY >= seconds:
            break
        pause.wait(EVERY)
    raise AssertionError(f"not within {seconds} seconds: {what or getattr(condition, '__name__', 'the condition')}")
