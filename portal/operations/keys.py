"""Encrypting again, with the newest key, what older keys have sealed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from portal.database import Base
from portal.extensions import db
from portal.sync.outbox import from_buildium
from portal.vault import Sealed

AT_ONCE = 500


def rotate() -> int:
    """Reseal every encrypted value; the number of values that changed. Commits after each batch, so that it can be
    stopped and started again. Raises SealedError for a value that no configured key opens; nothing is overwritten."""
    return sum(rotate_model(model) for model in sealed_models())


def sealed_models() -> Iterator[type[Any]]:
    for mapper in Base.registry.mappers:
        if sealed_attributes(mapper.class_):
            yield mapper.class_


def sealed_attributes(model: type[Any]) -> list[Sealed]:
    return [value for value in vars(model).values() if isinstance(value, Sealed)]


def rotate_model(model: type[Any]) -> int:
    changed = 0
    ids = db.session.scalars(select(model.id).order_by(model.id)).all()
    for start in range(0, len(ids), AT_ONCE):
        batch = select(model).where(model.id.in_(ids[start : start + AT_ONCE])).with_for_update()
        # The value stays what it is, so nothing has to be sent.
        with from_buildium(db.session):
            for record in db.session.scalars(batch):
                changed += sum(each.reseal(record) for each in sealed_attributes(model))
        db.session.commit()
    return changed
