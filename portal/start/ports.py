"""The ports of the web and of the sandbox."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from portal.config import ConfigurationError, whole
from portal.start.errors import StartError

HOST = "127.0.0.1"
HIGHEST = 65535
BACKLOG = 2048
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
    for name in names:
        listen(environment, name).close()


def listen(environment: Mapping[str, str], name: str) -> socket.socket:
    """A socket that listens at the port. Raises StartError where somebody else does."""
    number = port(environment, name)
    listener = socket.socket()
    try:
        # As every server does, so that connections that ended a moment ago don't count as somebody.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, number))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise StartError(
            f"Port {number} can't be used ({error.strerror}): stop what uses it, or set {name} to another port."
        ) from error
    return listener
