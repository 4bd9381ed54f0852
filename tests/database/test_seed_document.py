"""Every table, column, type and index of the seed document is in the migrated database, under its name."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import psycopg
import pytest

from tests.database.acting import plain

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
TABLE_NAMES = {"leases": "lease"}
TYPES = {
    "VARCHAR": "character varying",
    "DECIMAL": "numeric",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "TIMESTAMP WITHOUT TIME ZONE": "timestamp without time zone",
    "BIGSERIAL": "bigint",
}

# Where the database differs from the document on purpose: the type that it has instead, and why.
OTHER_TYPES = {
    "vendors.category_id": ("uuid", "vendor_categories.id is a UUID (PRODUCT, MAPPING §12)"),
    "bills.category_id": ("uuid", "bill_categories.id is a UUID (PRODUCT, MAPPING §12)"),
    "buildium_sync_status.entity_id": ("text", "the key of a lease is a BIGINT (PRODUCT, MAPPING §12)"),
    "buildium_api_log.endpoint": ("text", "a path with a list of ids is longer than 255 (MAPPING §4.19)"),
}
NULLABLE = {
    "bank_accounts.buildium_bank_id": "unknown until the first sync (PRODUCT, MAPPING §12)",
    "bank_accounts.gl_account": "Buildium makes the ledger account (PRODUCT, MAPPING §12)",
    "gl_accounts.buildium_gl_account_id": "unknown until the first sync (PRODUCT, MAPPING §12)",
}


@cache
def document() -> str:
    found = sorted(SEEDS.glob("001*.txt"))
    if not found:
        pytest.skip(f"the seed document is not in {SEEDS}")
    return found[0].read_text(encoding="utf-8")


def documented_columns() -> dict[str, tuple[str, bool]]:
    """{"table.column": (type, whether the document says NOT NULL)}"""
    columns: dict[str, tuple[str, bool]] = {}
    table = ""
    for line in document().splitlines():
        if heading := re.match(r"### (.+)", line):
            words = heading[1].strip().lower().replace(" ", "_")
            table = TABLE_NAMES.get(words, words)
        elif column := re.match(r"- \*\*(\w+)\*\* \((.+?)\) - ", line):
            kind, _, rest = column[2].partition(", ")
            if kind.startswith(("NUMERIC(", "DECIMAL(")) and not kind.endswith(")"):
                raise AssertionError(line)
            columns[f"{table}.{column[1]}"] = (kind, "NOT NULL" in rest)
    return columns


def documented_indexes() -> dict[str, bool]:
    """{name: whether the document calls it unique}"""
    return {name: what.startswith("Unique") for name, what in re.findall(r"^- `(\w+)` - (.+)$", document(), re.M)}


def in_postgresql(kind: str) -> str:
    name, parenthesis, rest = kind.partition("(")
    return (TYPES.get(name, name.lower()) + parenthesis + rest).replace(", ", ",")


@pytest.fixture(scope="module")
def columns(database_url: str) -> dict[str, tuple[str, bool]]:
    query = """
        select attrelid::regclass || '.' || attname, format_type(atttypid, atttypmod), attnotnull
        from pg_attribute join pg_class on pg_class.oid = attrelid
        where relkind = 'r' and relnamespace = 'public'::regnamespace and attnum > 0 and not attisdropped
    """
    with psycopg.connect(plain(database_url)) as connection:
        return {name: (kind, filled) for name, kind, filled in connection.execute(query).fetchall()}


@pytest.fixture(scope="module")
def indexes(database_url: str) -> dict[str, bool]:
    query = "select indexrelid::regclass::text, indisunique from pg_index"
    with psycopg.connect(plain(database_url)) as connection:
        return dict(connection.execute(query).fetchall())


def test_the_document_was_read_whole() -> None:
    columns, tables = documented_columns(), {name.partition(".")[0] for name in documented_columns()}
    assert (len(tables), len(documented_indexes())) == (23, 31)
    assert len(columns) > 280


def test_every_column_is_there_with_its_type(columns: dict[str, tuple[str, bool]]) -> None:
    expected = {
        name: OTHER_TYPES[name][0] if name in OTHER_TYPES else in_postgresql(kind)
        for name, (kind, _) in documented_columns().items()
    }
    assert {name: columns[name][0] for name in expected if name in columns} == expected


def test_what_the_document_calls_not_null_is_so_but_for_what_buildium_has_to_say_first(
    columns: dict[str, tuple[str, bool]],
) -> None:
    must_be_filled = {name for name, (_, filled) in documented_columns().items() if filled}
    assert {name for name in must_be_filled if not columns[name][1]} == set(NULLABLE)


def test_every_difference_is_one(columns: dict[str, tuple[str, bool]]) -> None:
    documented = documented_columns()
    assert [name for name, (kind, _) in OTHER_TYPES.items() if in_postgresql(documented[name][0]) == kind] == []


def test_every_index_is_there_under_its_name(indexes: dict[str, bool]) -> None:
    expected = documented_indexes()
    assert set(expected) - set(indexes) == set()
    assert [name for name, unique in expected.items() if unique and not indexes[name]] == []
