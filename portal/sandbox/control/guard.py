"""Who may steer the sandbox: this machine, and no web page of somebody else's opened in its browser."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import request

from portal.sandbox.config import SandboxConfig
from portal.sandbox.errors import RefusedError

_LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]", "::1")


def only_from_here(config: SandboxConfig) -> None:
    """Raises RefusedError 403 for callers on other machines, foreign host names and cross-site requests."""
    if config.control_from_anywhere:
        return
    if not _loopback(request.remote_addr) or request.host.rsplit(":", 1)[0] not in _LOCAL_NAMES:
        raise RefusedError(403, message="The sandbox is steered from its own machine only.")
    origin = request.headers.get("Origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.host
    if foreign or request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise RefusedError(403, message="Cross-site requests are refused.")


def _loopback(address: str | None) -> bool:
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False
