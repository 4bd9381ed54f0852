"""What the handling of an event writes: rows are noted as they are flushed, so that its page can show the changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import event
from sqlalchemy.orm import Session, UOWTransaction

from portal.database import Record
from portal.extensions import db

MOST_ROWS = 50

Effect = list[dict[str, str]]

_effect: ContextVar[Effect | None] = ContextVar("effect", default=None)


@contextmanager
def noted() -> Iterator[Effect]:
    """The rows of records written inside, each once: [{"table": "units", "row": "<id>"}], at most MOST_ROWS of them.

    A row of a transaction that was rolled back is among them, too: the audit trail says what became of it.
    """
    effect: Effect = []
    token = _effect.set(effect)
    try:
        yield effect
    finally:
        _effect.reset(token)


@event.listens_for(db.session, "after_flush")
def note(session: Session, _: UOWTransaction) -> None:
    effect = _effect.get()
    if effect is None:
        return
    for record in [*session.new, *session.dirty, *session.deleted]:
        if isinstance(record, Record):
            row = {"table": record.__tablename__, "row": str(record.id)}  # type: ignore[attr-defined]
            if row not in effect and len(effect) < MOST_ROWS:
                effect.append(row)
