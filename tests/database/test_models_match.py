"""The migrated database is exactly what the models say: tables, types, defaults, constraints, indexes."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from alembic import command
from sqlalchemy import create_engine

from portal import schema
from portal.database import Base, load_models
from tests.database.acting import plain

COLUMNS = """
    select attrelid::regclass || '.' || attname, format_type(atttypid, atttypmod), attnotnull, attidentity::text,
        attgenerated::text, pg_get_expr(adbin, adrelid)
    from pg_attribute
    join pg_class on pg_class.oid = attrelid
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
    where relkind = 'r' and relnamespace = 'public'::regnamespace and attnum > 0 and not attisdropped
        and relname <> 'alembic_version'
"""
# From PostgreSQL 18 on NOT NULL is a constraint too; the columns above tell it for every version.
CONSTRAINTS = """
    select conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
    from pg_constraint
    where connamespace = 'public'::regnamespace and contype <> 'n' and conrelid <> 'alembic_version'::regclass
"""
INDEXES = "select indexname, indexdef from pg_indexes where schemaname = 'public' and tablename <> 'alembic_version'"


def catalogue(url: str, query: str) -> dict[str, tuple[object, ...]]:
    with psycopg.connect(plain(url)) as connection:
        return {name: tuple(facts) for name, *facts in connection.execute(query).fetchall()}


def test_alembic_finds_nothing_to_migrate(database_url: str) -> None:
    command.check(schema.configuration(database_url))


def test_making_the_tables_from_the_models_gives_the_migrated_database(
    database_url: str, empty_database: Callable[[], str]
) -> None:
    load_models()
    url = empty_database()
    # The first migration has the functions that generated columns call, and only the audit trail as a table.
    schema.upgrade(url, "0001")
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()
    for query in (COLUMNS, CONSTRAINTS, INDEXES):
        assert catalogue(url, query) == catalogue(database_url, query)


def test_the_models_know_every_table(database_url: str) -> None:
    load_models()
    with psycopg.connect(plain(database_url)) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
    assert {name for (name,) in tables} - {"alembic_version"} == set(Base.metadata.tables)
