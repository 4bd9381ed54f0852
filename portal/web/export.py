"""A list as CSV: exactly its filters, its order and its columns, without its pages, streamed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Response, current_app, stream_with_context

from portal.acting import Actor, actor, become
from portal.database import now
from portal.extensions import db
from portal.web.lists import Asked
from portal.web.pagination import ordering

BATCH = 500
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for the local code page
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_of(asked: Asked, for_excel: bool) -> Response:
    start = BYTE_ORDER_MARK if for_excel else ""
    answer = Response(stream_with_context(lines(asked, actor(), start)), mimetype="text/csv")
    name = f"{asked.screen.plural}-{now().date().isoformat()}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def lines(asked: Asked, who: Actor | None, start: str) -> Iterator[str]:
    """Runs when the request is over, and with it its transaction and its actor: both are taken up again."""
    yield start + text([[column.heading for column in asked.columns]])
    become(who)
    try:
        statement = asked.statement().options(*asked.screen.loads).order_by(*ordering(asked.order))
        for batch in db.session.scalars(statement.execution_options(yield_per=BATCH)).partitions():
            yield text([written(column.read(record)) for column in asked.columns] for record in batch)
    finally:
        become(None)


def text(rows: Iterable[Iterable[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()


def written(value: Any) -> str:
    """Plain for machines: dates as ISO, numbers without separators. Text that a spreadsheet would run is quoted."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return value.astimezone(current_app.extensions["settings"].time_zone).isoformat(timespec="seconds")
    if isinstance(value, Decimal):
        return format(value, "f")
    words = str(value)
    return f"'{words}" if words.startswith(FORMULA) else words
