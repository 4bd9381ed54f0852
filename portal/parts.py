"""Parts of a whole: the lines of a bill, the people of a lease.

A model names the attribute that leads to its whole in `__syncs_through__`: the whole's push carries it. Of parts that
the whole's form lists (`__listed_in_form__`), every change makes the version of the whole grow, whichever page or
answer made it: who has that form open meanwhile is asked before an older list is saved over it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import event, inspect, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from portal.extensions import db


def whole_name(record: Any) -> str:
    """The attribute that leads to the record whose push carries this one; "" where that is itself."""
    return str(getattr(type(record), "__syncs_through__", ""))


def key_of_whole(part: Any) -> Any:
    """The id of its whole, also after the part was taken off the list: its own column still knows it."""
    mapper = inspect(type(part))
    (column,) = mapper.relationships[whole_name(part)].local_columns
    return getattr(part, mapper.get_property_by_column(column).key)


def model_of_whole(part: Any) -> type[Any]:
    model: type[Any] = inspect(type(part)).relationships[whole_name(part)].mapper.class_
    return model


@event.listens_for(db.session, "before_flush")
def grow_wholes(session: Session, *_: Any) -> None:
    """Wholes that are written anyway grow by that, and are then checked to be of the version that was read."""
    grown: dict[type[Any], set[Any]] = defaultdict(set)
    for part in [*session.new, *session.deleted, *filter(session.is_modified, session.dirty)]:
        if getattr(type(part), "__listed_in_form__", False):
            model, key = model_of_whole(part), key_of_whole(part)
            whole = inspect(part).dict.get(whole_name(part)) or in_memory(session, model, key)
            key = whole.id if whole else key
            if key and not (whole and is_written(session, whole)):
                grown[model].add(key)
    for model, keys in grown.items():
        grow(session, model, keys)


def in_memory(session: Session, model: type[Any], key: Any) -> Any:
    """The record that the session has read already; None where it has not."""
    return session.identity_map.get(inspect(model).identity_key_from_primary_key((key,)))


def is_written(session: Session, whole: Any) -> bool:
    written = whole in session.new or whole in session.deleted
    return written or session.is_modified(whole, include_collections=False)


def grow(session: Session, model: type[Any], keys: set[Any]) -> None:
    """One UPDATE, whose row lock makes those who add parts at one moment follow each other."""
    table = model.__table__
    wanted = table.c.id.in_(sorted(keys))
    done = update(table).where(wanted).values(version=table.c.version + 1).returning(table.c.id, table.c.version)
    for key, version in session.connection().execute(done):
        whole = in_memory(session, model, key)
        # One that somebody else has saved since it was read stays old, so that it can't be written.
        if whole is not None and whole.version == version - 1:
            set_committed_value(whole, "version", version)
