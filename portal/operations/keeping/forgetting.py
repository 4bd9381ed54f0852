"""Removing what no rule keeps any more (portal/operations/keeping/kept.py), in small batches."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Delete, Update, any_, delete, func, literal_column, select, update

from portal.database import affected
from portal.extensions import db
from portal.operations.issues.models import Issue
from portal.operations.issues.states import nothing_behind
from portal.operations.keeping.kept import RULES, Rule, settings_now

# A batch takes some ten milliseconds, or a hundred where each row leaves one in the audit trail: whoever wants one of
# its rows, or a place in the queue, hardly waits.
AT_ONCE = 2000
OWNERS = 100  # whose parts go together


def forget_until(deadline: float) -> bool:
    """Delete what no rule keeps any more, until that moment of time.monotonic(); True where something is left.

    Commits after each batch, so that nothing is locked for long.
    """
    steps: list[Callable[[], bool]] = [note_resolved, *(partial(forget, rule) for rule in RULES)]
    left = [step for step in steps if repeated(step, deadline)]
    return bool(left)


def repeated(step: Callable[[], bool], deadline: float) -> bool:
    """Take a step until it was the last (False), or the time is over (True)."""
    while step():
        if time.monotonic() >= deadline:
            return True
    return False


def note_resolved() -> bool:
    """Write down since when nothing is behind an issue; False where that was the last batch. Commits."""
    ended = update(Issue).where(are_among(Issue, Issue.resolved_at.is_(None), nothing_behind))
    return written(ended.values(resolved_at=func.now())) == AT_ONCE


def forget(rule: Rule) -> bool:
    """Delete one batch: parts of rows before the rows. False where that was the last. Commits."""
    condition = rule.condition(settings_now())
    if rule.part_of is not None:
        has_parts = select(rule.part_of).where(rule.part_of == rule.model.id).exists()
        if forget_parts(rule, condition & has_parts):
            return True
        condition &= ~has_parts
    return written(delete(rule.model).where(are_among(rule.model, condition, first=rule.at))) == AT_ONCE


def forget_parts(rule: Rule, condition: ColumnElement[bool]) -> bool:
    """Whether there were any."""
    owners = db.session.scalars(select(rule.model.id).where(condition).order_by(rule.at).limit(OWNERS)).all()
    part = rule.part_of.class_
    return bool(owners) and written(delete(part).where(are_among(part, rule.part_of.in_(owners)))) > 0


def are_among(model: type[Any], *where: ColumnElement[bool], first: Any = None) -> ColumnElement[bool]:
    """The rows of one batch, locked, by their place in the table: however the table grows, it is never read through."""
    place: ColumnElement[str] = literal_column(f"{model.__tablename__}.ctid")
    rows = select(place).select_from(model).where(*where).order_by(first).limit(AT_ONCE)
    mine = rows.with_for_update(skip_locked=True, of=model).correlate(None).scalar_subquery()
    return place == any_(func.array(mine))


def written(change: Delete | Update) -> int:
    """How many rows. Commits."""
    done = db.session.execute(change.execution_options(synchronize_session=False))
    db.session.commit()
    return affected(done)
