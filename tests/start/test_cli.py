from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal import cli
from portal.start.environment import Surroundings


def run(*arguments: str, **environment: str | None) -> tuple[int, str]:
    result = CliRunner().invoke(cli.portal, arguments, env=environment, catch_exceptions=False)
    return result.exit_code, result.output


@pytest.mark.parametrize(
    "name",
    [
        ["up"],
        ["web"],
        ["worker"],
        ["scheduler"],
        ["sandbox"],
        ["import"],
        ["reconcile"],
        ["check"],
        ["entities"],
        ["rotate-keys"],
        ["database-url"],
        ["users"],
        ["users", "list"],
        ["users", "add"],
        ["users", "password"],
        ["users", "disable"],
    ],
    ids=" ".join,
)
def test_every_command_tells_what_it_does(name: list[str]) -> None:
    code, words = run(*name, "--help")
    assert code == 0
    assert len(words.splitlines()[2].strip()) > 10


def test_the_address_for_psql_needs_no_running_server(tmp_path: Path) -> None:
    code, words = run("database-url", PORTAL_HOME=str(tmp_path), DATABASE_URL=None)
    assert code == 0
    assert words == Surroundings({"PORTAL_HOME": str(tmp_path)}).postgres().url("postgres") + "\n"


def test_a_command_where_no_portal_was_started_says_so_in_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "portal.cli", "users", "list"]
    answer = subprocess.run(command, env={"PORTAL_HOME": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stderr == f"portal: There is no portal in {tmp_path}: run “portal up” first, or set DATABASE_URL.\n"


def test_telling_what_it_can_do_loads_nothing_heavy() -> None:
    code = "import sys, portal.cli; print([each for each in ('flask', 'sqlalchemy', 'rq') if each in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
