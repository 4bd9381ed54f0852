from __future__ import annotations

import os
import shutil
from pathlib import Path

import psycopg
import pytest

from portal.start.accounts import own_folder, socket_folder, unprivileged_account
from portal.start.children import Child
from portal.start.errors import StartError
from portal.start.postgres import EmbeddedPostgres


@pytest.fixture
def postgres(open_folder: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(open_folder / "postgres", os.environ, unprivileged_account(), durable=False)


def started(postgres: EmbeddedPostgres, folder: Path) -> Child:
    child = postgres.child(folder / "postgres.log")
    child.start()
    child.wait_until_ready(30)
    return child


def test_the_portals_login_owns_its_database_and_is_no_superuser(postgres: EmbeddedPostgres, open_folder: Path) -> None:
    child = started(postgres, open_folder)
    postgres.provide()
    postgres.provide()
    with psycopg.connect(postgres.url()) as connection:
        query = "select rolsuper, rolcreaterole, rolbypassrls from pg_roles where rolname = current_user"
        assert connection.execute(query).fetchone() == (False, True, False)
        connection.execute("create table mine (name text)")
        connection.execute("create index on mine using gin (name gin_trgm_ops)")
    child.stop()
    assert child.end() == "ended with code 0"


def test_data_survives_kill_9_and_stale_files_of_a_dead_server_are_forgotten(
    postgres: EmbeddedPostgres, open_folder: Path
) -> None:
    child = started(postgres, open_folder)
    assert child.process
    child.process.kill()
    child.process.wait()
    pid_file = postgres.data / "postmaster.pid"
    # As after a restart of the machine: the number belongs to somebody else now, who runs.
    pid_file.write_text(pid_file.read_text().replace(str(child.process.pid), str(os.getpid()), 1))
    child = started(postgres, open_folder)
    child.stop()


def test_an_unfinished_initdb_is_not_taken_for_a_database(postgres: EmbeddedPostgres, open_folder: Path) -> None:
    own_folder(postgres.folder, postgres.account)
    unfinished = postgres.folder / "data.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    assert not postgres.exists
    started(postgres, open_folder).stop()


def test_data_of_another_major_version_is_told_in_one_sentence(postgres: EmbeddedPostgres, open_folder: Path) -> None:
    own_folder(postgres.folder, postgres.account)
    postgres.data.mkdir()
    (postgres.data / "PG_VERSION").write_text("11\n")
    with pytest.raises(StartError, match=r"is PostgreSQL 11's, but PostgreSQL \d+ was found: set PORTAL_PG_BIN to"):
        postgres.child(open_folder / "postgres.log")


def test_a_folder_of_somebody_else_is_not_used(open_folder: Path) -> None:
    (open_folder / "elsewhere").mkdir()
    (open_folder / "postgres").symlink_to(open_folder / "elsewhere")
    with pytest.raises(StartError, match="belongs to somebody else"):
        own_folder(open_folder / "postgres", unprivileged_account())


def test_a_wrong_portal_pg_bin_is_told_in_one_sentence(open_folder: Path) -> None:
    postgres = EmbeddedPostgres(open_folder / "postgres", {"PORTAL_PG_BIN": "/usr/share"}, unprivileged_account())
    with pytest.raises(StartError, match="PORTAL_PG_BIN is /usr/share, but there is no program “postgres” in it"):
        postgres.child(open_folder / "postgres.log")


def test_a_long_path_gets_a_short_folder_for_its_socket(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 120)
    assert len(str(socket_folder(long))) < 80
    assert socket_folder(long) == socket_folder(long)
    assert socket_folder(Path("/srv/portal")) == Path("/srv/portal")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can drop to another account")
def test_roots_own_folders_are_left_closed_and_data_goes_where_its_account_can_reach(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    postgres = EmbeddedPostgres(closed / "postgres", os.environ, unprivileged_account(), durable=False)
    assert not postgres.folder.is_relative_to(closed)
    child = started(postgres, open_folder)
    child.stop()
    assert closed.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(postgres.folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can drop to another account")
def test_data_that_can_not_be_reached_any_more_is_told_and_never_replaced(
    postgres: EmbeddedPostgres, open_folder: Path
) -> None:
    started(postgres, open_folder).stop()
    open_folder.chmod(0o700)
    again = EmbeddedPostgres(open_folder / "postgres", os.environ, unprivileged_account(), durable=False)
    assert again.data == postgres.data
    with pytest.raises(StartError, match=r"The account \w+ can't enter .*: let it pass"):
        again.child(open_folder / "postgres.log")
