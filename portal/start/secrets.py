"""Secrets that nobody set: generated once, kept in PORTAL_HOME for their owner's eyes only."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from portal.config import ConfigurationError
from portal.start.errors import StartError


def encryption_key() -> str:
    """A new key for PORTAL_ENCRYPTION_KEYS: base64 of 32 bytes."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def password() -> str:
    return secrets.token_urlsafe(15)


ENCRYPTION_KEYS = "PORTAL_ENCRYPTION_KEYS"
ADMIN_PASSWORD = "PORTAL_ADMIN_PASSWORD"

# By the name of the setting that each one stands for.
OF_THE_PORTAL: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_hex(32),
    ENCRYPTION_KEYS: encryption_key,
}
OF_THE_SANDBOX: dict[str, Callable[[], str]] = {
    "BUILDIUM_CLIENT_ID": lambda: f"sandbox-{secrets.token_hex(8)}",
    "BUILDIUM_CLIENT_SECRET": lambda: secrets.token_urlsafe(32),
    "BUILDIUM_WEBHOOK_SECRETS": lambda: secrets.token_urlsafe(32),
}


def load(path: Path) -> dict[str, str]:
    """The generated secrets by setting; empty where there are none. Raises StartError for a damaged file."""
    try:
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        found = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise StartError(f"The secrets in {path} can't be read ({error}): restore the file from a backup.") from error
    return {str(name): str(value) for name, value in found.items()}


def save(path: Path, values: Mapping[str, str]) -> None:
    """Replace the file as a whole, so that a crash leaves the old one or the new one."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(dict(values), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)


def provide(path: Path, environment: Mapping[str, str], *, embedded_database: bool, has_data: bool) -> dict[str, str]:
    """Generate what neither the environment nor the file has, and return what the file holds then.

    Raises ConfigurationError for a database of one's own without its secrets, StartError where the embedded database
    has data and its encryption keys are gone: new ones couldn't open what it holds.
    """
    if not embedded_database:
        require(environment)
    values = load(path)
    if has_data and embedded_database and not (environment.get(ENCRYPTION_KEYS) or values.get(ENCRYPTION_KEYS)):
        raise StartError(
            f"There is a database, but its encryption keys are gone: restore {path}, or set {ENCRYPTION_KEYS}."
        )
    wanted = {**(OF_THE_PORTAL if embedded_database else {}), **OF_THE_SANDBOX}
    missing = {name: make() for name, make in wanted.items() if not environment.get(name) and not values.get(name)}
    if missing:
        values |= missing
        save(path, values)
    return values


def require(environment: Mapping[str, str]) -> None:
    for name in OF_THE_PORTAL:
        if not environment.get(name):
            raise ConfigurationError(f"{name} is not set, and it must be where DATABASE_URL is.")


def first_password(path: Path) -> str:
    """The first administrator's password: generated, and kept until it was shown."""
    values = load(path)
    if not values.get(ADMIN_PASSWORD):
        save(path, values | {ADMIN_PASSWORD: password()})
    return load(path)[ADMIN_PASSWORD]


def forget_first_password(path: Path) -> None:
    """It was shown, or there are users already: it doesn't lie around any longer."""
    values = load(path)
    if values.pop(ADMIN_PASSWORD, None):
        save(path, values)


def add_encryption_key(path: Path) -> None:
    """Put a new key in front of the generated ones. Raises StartError where the keys aren't generated."""
    values = load(path)
    if not values.get(ENCRYPTION_KEYS):
        raise StartError(
            f"The encryption keys are not in {path}: put a new one in front of {ENCRYPTION_KEYS} yourself."
        )
    save(path, values | {ENCRYPTION_KEYS: f"{encryption_key()},{values[ENCRYPTION_KEYS]}"})
