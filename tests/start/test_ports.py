from __future__ import annotations

import socket

import pytest

from portal.config import ConfigurationError
from portal.start.errors import StartError
from portal.start.ports import HOST, claim, port


def test_a_taken_port_is_told_with_the_setting_that_moves_it() -> None:
    with socket.create_server((HOST, 0)) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(StartError, match=rf"Port {number} can't be used \(Address already in use\).* set PORT to"):
            claim({"PORT": str(number)}, ["PORT"])


def test_a_free_port_is_left_free() -> None:
    with socket.create_server((HOST, 0)) as found:
        number = found.getsockname()[1]
    claim({"PORT": str(number)}, ["PORT"])
    socket.create_server((HOST, number)).close()


def test_one_port_for_both_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="PORT and SANDBOX_PORT are both 8001"):
        claim({"PORT": "8001"}, ["PORT", "SANDBOX_PORT"])


@pytest.mark.parametrize("value", ["web", "-1", "0", "65536", "8000.5"])
def test_what_is_no_port_is_refused(value: str) -> None:
    with pytest.raises(ConfigurationError, match="PORT is"):
        port({"PORT": value}, "PORT")


def test_the_usual_ports() -> None:
    assert (port({}, "PORT"), port({"SANDBOX_PORT": ""}, "SANDBOX_PORT")) == (8000, 8001)
