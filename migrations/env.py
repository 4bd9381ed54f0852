"""How a migration runs: as the owner of the tables, one at a time, and never waiting long for a lock."""

from __future__ import annotations

from functools import cache

from alembic import context
from flask import current_app
from sqlalchemy import Connection, MetaData, create_engine
from sqlalchemy.pool import NullPool

from portal.database import Base, load_models
from portal.schema import SchemaAheadError, unknown

# Any number will do: it keeps two migrations of one database apart.
ONE_AT_A_TIME = 8_240_002


def run() -> None:
    url = context.config.attributes.get("url") or current_app.config["SQLALCHEMY_DATABASE_URI"]
    # An engine of its own: the app's rests as portal_nobody, who may change nothing.
    with create_engine(url, poolclass=NullPool).connect() as connection:
        wait_for_others(connection)
        context.configure(
            connection=connection,
            target_metadata=metadata(),
            transaction_per_migration=True,
            compare_server_default=True,
            include_object=is_comparable,
        )
        if unknown(version := context.get_context().get_current_revision()):
            raise SchemaAheadError(str(version))
        connection.commit()
        with context.begin_transaction():
            context.run_migrations()


def wait_for_others(connection: Connection) -> None:
    connection.exec_driver_sql("set lock_timeout = '5min'")
    connection.exec_driver_sql(f"select pg_advisory_lock({ONE_AT_A_TIME})")
    # From here on better fail than queue before everybody else who wants the table.
    connection.exec_driver_sql("set lock_timeout = '5s'")
    connection.commit()


def is_comparable(_: object, name: str | None, kind: str, *__: object) -> bool:
    """Indexes with a collation come back from PostgreSQL without it, and would always seem to differ."""
    return kind != "index" or name not in collated()


@cache
def collated() -> set[str]:
    indexes = {index for table in metadata().tables.values() for index in table.indexes}
    return {str(index.name) for index in indexes if any("COLLATE" in str(part) for part in index.expressions)}


def metadata() -> MetaData:
    """The tables of all models, for `flask db migrate` and `flask db check`."""
    load_models()
    return Base.metadata


if context.is_offline_mode():
    raise SystemExit("The migrations look at the server that they run on, so they can't be printed as SQL.")
run()
