"""What every list needs of its table: the column that a search looks into, and the indexes that sorting walks along."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Computed, FetchedValue, Index, Text, text
from sqlalchemy.orm import MappedColumn, mapped_column


def words(*columns: str, digits: Sequence[str] = ()) -> MappedColumn[str]:
    """The generated `search_text` of a table: `columns` and the digits of the `digits` columns, lower-cased, in a row.

    The database keeps it. A search of three letters and more is `search_text LIKE '%oak%'`. Shorter terms are answered
    by the beginnings of words: `LIKE 'oa%' OR LIKE '% oa%'`. The trigram index serves all three, because pg_trgm keeps
    the beginnings of words as trigrams padded with blanks, so no second index is needed.

    Only VARCHAR and INTEGER columns: spelled as PostgreSQL gives the expression back, so that Alembic sees no change.
    """
    plain = [f"COALESCE(({column})::text, ''::text)" for column in columns]
    numbers = [
        rf"regexp_replace(COALESCE(({column})::text, ''::text), '\D'::text, ''::text, 'g'::text)" for column in digits
    ]
    expression = "lower(" + " || ' '::text || ".join(plain + numbers) + ")"
    return mapped_column(Text, Computed(expression, persisted=True), deferred=True)


def words_of_relatives() -> MappedColumn[str | None]:
    """A `search_text` that also holds names of other tables, so that triggers of the database keep it."""
    return mapped_column(Text, server_default=FetchedValue(), server_onupdate=FetchedValue(), deferred=True)


def search_index(table: str) -> Index:
    return Index(
        f"{table}_search_text_idx",
        "search_text",
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )


def name_order(name: str, column: str) -> Index:
    """For sorting and keyset paging by a name as people sort it: `ORDER BY lower(column) COLLATE "C", id`."""
    return Index(name, text(f'lower({column}::text) COLLATE "C"'), "id")
