"""Answers of Buildium that may be used again for a while (table buildium_api_cache, names as in the seeds)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from portal.buildium.redaction import redacted
from portal.database import affected
from portal.extensions import db
from portal.sync.cache_models import CachedAnswer


def get_buildium_api_cache(endpoint: str, parameters: dict[str, Any] | None = None) -> Any:
    """The answer kept for this request, None where there is none or it has expired."""
    kept = select(CachedAnswer.response_data).where(
        CachedAnswer.endpoint == endpoint,
        CachedAnswer.parameters == (parameters or {}),
        CachedAnswer.expires_at > func.clock_timestamp(),
    )
    return db.session.scalar(kept)


def set_buildium_api_cache(
    endpoint: str, parameters: dict[str, Any] | None, response: Any, minutes: float = 60
) -> None:
    """Keep an answer, redacted, for `minutes`. Does not commit."""
    values = {
        "response_data": json.loads(json.dumps(redacted(response))),
        "expires_at": func.clock_timestamp() + timedelta(minutes=minutes),
    }
    row = insert(CachedAnswer).values(endpoint=endpoint, parameters=parameters or {}, **values)
    db.session.execute(row.on_conflict_do_update(index_elements=["endpoint", "parameters"], set_=values))


def clear_expired_buildium_cache() -> int:
    """Delete what has expired; the number of rows. Does not commit."""
    return removed(delete(CachedAnswer).where(CachedAnswer.expires_at <= func.clock_timestamp()))


def forget_answers(path: str) -> int:
    """Delete what is kept of a resource and everything below it: a webhook said that it changed. Does not commit."""
    return removed(delete(CachedAnswer).where(CachedAnswer.endpoint.startswith(path, autoescape=True)))


def removed(statement: Any) -> int:
    return affected(db.session.execute(statement))
