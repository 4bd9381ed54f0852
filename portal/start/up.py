"""`portal up`: a whole portal on one machine, from nothing, in one terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from portal.config import ConfigurationError
from portal.start import secrets
from portal.start.children import Child
from portal.start.environment import Surroundings, of_the_portal
from portal.start.errors import Interrupted, StartError
from portal.start.parts import ASKED, ASKING, DATABASE, QUEUE, Programs
from portal.start.ports import claim, listen
from portal.start.supervisor import Supervisor

# prepare.py's exit code for a reason that a person can mend; its module would bring the whole app into this process.
REFUSED = 3


def run(given: Mapping[str, str]) -> int:
    """Start everything, keep it running until a signal, stop everything. Returns the exit code."""
    supervisor = Supervisor(say)
    supervisor.listen()
    around = Surroundings(given)
    try:
        around.home.make()
        with around.home.locked(supervisor.stopping) as lock:
            return run_locked(supervisor, around, lock)
    except Interrupted:
        return 0
    except (StartError, ConfigurationError) as error:
        sys.stderr.write(f"portal: {error}\n")
        return 1


def run_locked(supervisor: Supervisor, around: Surroundings, lock: int) -> int:
    claim(around.given, around.ports)
    with listen(around.given, "PORT") as web_socket:
        try:
            start = Start(supervisor, around, lock, web_socket.fileno())
            start.everything()
            supervisor.watch(start.tell)
        finally:
            supervisor.stop()
    say("stopped; the data stays in " + str(around.home.path))
    return 0


class Start:
    """One start, step by step: each needs the ones before it."""

    def __init__(self, supervisor: Supervisor, around: Surroundings, lock: int, web_socket: int) -> None:
        self.supervisor = supervisor
        self.around = around
        self.lock = lock
        self.has_data = around.embeds_postgres and around.postgres().exists
        self.generated = secrets.provide(
            around.home.secrets, around.given, embedded_database=around.embeds_postgres, has_data=self.has_data
        )
        self.programs = Programs(around, of_the_portal(around, self.generated), lock, web_socket)
        self.importing: Follower | None = None
        self.administrator_created = False

    def everything(self) -> None:
        """Raises StartError, ConfigurationError or Interrupted; what was started is the supervisor's to stop."""
        self.servers()
        never_imported = self.prepare()
        self.begin(self.programs.web(), ASKING)
        if self.around.embeds_sandbox:
            self.begin(self.programs.sandbox(), ASKED)
        for child in (self.programs.scheduler(), *self.programs.workers()):
            self.supervisor.begin(child, ASKING)
        say(f"The portal is at {self.around.address}")
        if never_imported and self.around.embeds_sandbox:
            say("The sample portfolio is being imported from the simulated Buildium:")
            self.importing = Follower(self.programs.first_import())
            self.supervisor.begin(self.importing.child, ASKING, restarts=False)
        else:
            self.welcome(never_imported=never_imported)

    def servers(self) -> None:
        started = []
        if self.around.embeds_valkey:
            child = self.around.valkey().child(self.around.home.logs / "valkey.log", [self.lock])
            started.append(self.supervisor.begin(child, QUEUE).child)
        if self.around.embeds_postgres:
            if not self.has_data:
                say(f"Making a database in {self.around.home.postgres} …")
            child = self.around.postgres().child(self.around.home.logs / "postgres.log", kept_open=[self.lock])
            started.append(self.supervisor.begin(child, DATABASE).child)
        for child in started:
            self.supervisor.await_ready(child)
        if self.around.embeds_postgres:
            self.around.postgres().provide()

    def prepare(self) -> bool:
        """Migrations and the first administrator; returns whether nothing was ever imported."""
        path = self.around.home.secrets
        password = self.around.given.get(secrets.ADMIN_PASSWORD) or secrets.first_password(path)
        child = self.programs.preparation(password)
        child.log.unlink(missing_ok=True)
        code = self.supervisor.run_once(child)
        if code == REFUSED:
            raise StartError(child.last_line())
        if code != 0:
            raise StartError(f"The database could not be prepared: see {child.log}.")
        found = json.loads(Follower(child).read()[-1])
        self.administrator_created = found["administrator_created"]
        return bool(found["never_imported"])

    def begin(self, child: Child, rank: int) -> None:
        self.supervisor.begin(child, rank)
        self.supervisor.await_ready(child)

    def tell(self) -> None:
        """Show the import's progress, and the sign-in once it is over."""
        if self.importing is None:
            return
        over = not self.importing.child.running
        for line in self.importing.read():
            say(f"  {line}")
        if over:
            self.importing = None
            self.welcome(never_imported=False)

    def welcome(self, *, never_imported: bool) -> None:
        say("")
        say(f"  Open      {self.around.address}")
        say(f"  E-mail    {self.around.admin_email}")
        say(f"  Password  {self.password_words()}")
        say("")
        if never_imported:
            say("Nothing was imported from Buildium yet: “portal import” begins.")
        say("Ctrl-C stops everything; the data stays.")

    def password_words(self) -> str:
        path = self.around.home.secrets
        if self.administrator_created and not self.around.given.get(secrets.ADMIN_PASSWORD):
            shown = secrets.first_password(path)
            # Shown below, and from there on only the person has it.
            secrets.forget_first_password(path)
            return shown
        secrets.forget_first_password(path)
        if self.administrator_created:
            return "as set in PORTAL_ADMIN_PASSWORD"
        return f"as you know it (forgotten? “portal users password {self.around.admin_email}” sets a new one)"


class Follower:
    """Reads the lines that a task prints as they come."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.position = 0

    def read(self) -> list[str]:
        """The complete lines since the last call."""
        path: Path | None = self.child.output
        if path is None or not path.exists():
            return []
        with path.open() as file:
            file.seek(self.position)
            text = file.read()
        complete = text[: text.rfind("\n") + 1]
        self.position += len(complete.encode())
        return complete.splitlines()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
