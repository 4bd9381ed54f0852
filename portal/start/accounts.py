"""Dropping from root: PostgreSQL refuses to run as root, so it gets an account that exists and may do little."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from portal.start.errors import StartError

ACCOUNTS = ("postgres", "nobody")
# A socket's path may have 107 bytes on Linux, 103 on macOS; the longest file name in its folder takes 22.
LONGEST_SOCKET_FOLDER = 80


def unprivileged_account() -> pwd.struct_passwd | None:
    """Whom to drop to: None for an ordinary user, who keeps running as himself. Raises StartError."""
    if os.geteuid() != 0:
        return None
    for name in ACCOUNTS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise StartError("PostgreSQL can't run as root, and there is no account “postgres” or “nobody” to run it as.")


def credentials(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """The arguments of `subprocess` that run a program as that account."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def reachable(path: Path, account: pwd.struct_passwd | None) -> bool:
    """Whether the account may enter this folder, or the nearest one above it that exists.

    The kernel is asked, in a process of that account: modes alone don't tell (ACLs, mounts, folders above).
    """
    while not path.exists():
        path = path.parent
    question = ["/bin/sh", "-c", 'test -x "$0"', str(path)]
    return subprocess.run(question, check=False, cwd="/", **credentials(account)).returncode == 0


def own_folder(path: Path, account: pwd.struct_passwd | None) -> Path:
    """Make the folder, private to the account. Raises StartError where it belongs to somebody else already."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"The folder {path} can't be made: {error.strerror}.") from error
    owner = account.pw_uid if account else os.geteuid()
    found = path.lstat()
    if path.is_symlink() or found.st_uid not in {owner, os.geteuid()}:
        raise StartError(
            f"The folder {path} belongs to somebody else: remove it, or set PORTAL_HOME to another folder."
        )
    if account:
        os.chown(path, account.pw_uid, account.pw_gid)
    path.chmod(0o700)
    return path


def socket_folder(path: Path) -> Path:
    """`path`, or a short stand-in for it under the folder of temporary files where the path is too long."""
    if len(os.fsencode(path)) <= LONGEST_SOCKET_FOLDER:
        return path
    return Path(tempfile.gettempdir()) / f"portal-{fingerprint(path)}"


def fingerprint(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def readable_copy(program_folder: Path, package: Path, target: Path, account: pwd.struct_passwd | None) -> Path:
    """Copy an installed package of programs to where the account can read it; returns the bin folder there.

    `target` gets the package under its own name and, beside it, its libraries (`<package>.libs`), because the programs
    look for them there.
    """
    done = target / "complete"
    if not done.exists():
        shutil.rmtree(target, ignore_errors=True)
        skipped = shutil.ignore_patterns("include", "pgxs", "*.a", "*.py", "__pycache__")
        shutil.copytree(package, target / package.name, ignore=skipped, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, target / libraries.name, symlinks=True)
        if account:
            os.chown(target, account.pw_uid, account.pw_gid)
        done.touch()
    return target / package.name / program_folder.relative_to(package)
