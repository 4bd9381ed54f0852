"""The version of the database: bring it to the code's, and tell how the two stand. Needs no app."""

from __future__ import annotations

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from portal.config import driver
from portal.resources import resource_root


class SchemaAheadError(Exception):
    """The database was migrated by a newer portal than this one. The message says what to do."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"The database is at version {version}, which this portal does not know: it was migrated by a newer one."
            " Start that newer version, or restore a backup from before the migration."
        )


def upgrade(url: str, revision: str = "head") -> None:
    """Apply what is missing, each migration in a transaction of its own; two at once wait for each other.

    Raises SchemaAheadError, without touching anything, where the database is newer than the code.
    """
    command.upgrade(configuration(url), revision)


def downgrade(url: str, revision: str = "base") -> None:
    command.downgrade(configuration(url), revision)


def current(url: str) -> str | None:
    """The version of the database; None before the first migration."""
    engine = create_engine(driver(url), poolclass=NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache
def head() -> str:
    """The version that this code was written for."""
    newest = scripts().get_current_head()
    if newest is None:
        raise RuntimeError("migrations/versions/ is empty: the installation is broken; install the portal again")
    return newest


def is_ahead(url: str) -> bool:
    return unknown(current(url))


def unknown(version: str | None) -> bool:
    """Whether this code has no migration of that name, so that a newer portal must have been here."""
    return version is not None and version not in versions()


@cache
def versions() -> frozenset[str]:
    """Read once: the files of a running portal don't change."""
    return frozenset(script.revision for script in scripts().walk_revisions())


def scripts() -> ScriptDirectory:
    return ScriptDirectory(str(resource_root() / "migrations"))


def configuration(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resource_root() / "migrations").replace("%", "%%"))
    config.attributes["url"] = driver(url)
    return config
