"""The ports of the web and of the sandbox."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from portal.config import ConfigurationError, whole
from portal.start.errors import StartError

HOST = "127.0.0.1"
HIGHEST = 65535
DEFAULTS = {"PORT": 8000, "SANDBOX_PORT": 8001}


def port(environment: Mapping[str, str], name: str) -> int:
    """The port in PORT or SANDBOX_PORT. Raises ConfigurationError."""
    number = whole(environment, name, DEFAULTS[name])
    if number > HIGHEST:
        raise ConfigurationError(f"{name} is “{number}”, but the highest port is {HIGHEST}.")
    return number


def claim(environment: Mapping[str, str], names: list[str]) -> None:
    """Raises StartError for the first port that somebody else has, ConfigurationError for one that is used twice."""
    numbers = [port(environment, name) for name in names]
    if len(set(numbers)) < len(numbers):
        raise ConfigurationError(f"PORT and SANDBOX_PORT are both {numbers[0]}: set one of them to another port.")
    for name, number in zip(names, numbers, strict=True):
        if reason := unavailable(number):
            raise StartError(
                f"Port {number} can't be used ({reason}): stop what uses it, or set {name} to another port."
            )


def unavailable(number: int) -> str:
    """Why the port can't be listened on, in the system's words; empty where it can."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((HOST, number))
            attempt.listen(1)
        except OSError as error:
            return error.strerror or str(error)
    return ""
