"""The base of every model: naming of constraints, common types, and what a record has."""

from __future__ import annotations

import pkgutil
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Annotated, Any, cast
from uuid import UUID, uuid4

from sqlalchemy import (
    CursorResult,
    DateTime,
    FetchedValue,
    MetaData,
    Numeric,
    Result,
    String,
    Uuid,
    event,
    func,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Mapper, declared_attr, mapped_column

NAMING = {
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}

Money = Annotated[Decimal, mapped_column(Numeric(15, 2))]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
str20 = Annotated[str, mapped_column(String(20))]
str50 = Annotated[str, mapped_column(String(50))]
str100 = Annotated[str, mapped_column(String(100))]
str255 = Annotated[str, mapped_column(String(255))]


def now() -> datetime:
    return datetime.now(UTC)


def affected(done: Result[Any]) -> int:
    """How many rows an INSERT, UPDATE or DELETE has changed."""
    return cast("CursorResult[Any]", done).rowcount


def sqlstate_of(error: Exception) -> str | None:
    """PostgreSQL's code for what went wrong; None where the error is none of its."""
    return getattr(getattr(error, "orig", None), "sqlstate", None)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class Versioned:
    """`version` grows with every save through the ORM: a save of an older version raises StaleDataError."""

    version: Mapped[int] = mapped_column(default=1, server_default="1")

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined]


class Record(Versioned):
    """A row that people create and edit. Its id is known from birth, because encrypted values are bound to it."""

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, server_default=func.gen_random_uuid())
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    # The database keeps this one: a trigger sets it on every real change.
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now(), server_onupdate=FetchedValue())

    def __init__(self, **values: Any) -> None:
        self.id = values.pop("id", None) or uuid4()
        super().__init__(**values)


@event.listens_for(Mapper, "before_configured")
@cache
def load_models() -> None:
    """Import every model. They name each other in relationships, so SQLAlchemy can use none before it knows all."""
    entities = import_module("portal.entities")
    models = [f"portal.entities.{each.name}.model" for each in pkgutil.iter_modules(entities.__path__) if each.ispkg]
    for module in (
        *models,
        "portal.sync.models",
        "portal.sync.cache_models",
        "portal.sync.shadow_models",
        "portal.sync.adoption_models",
        "portal.sync.decision_models",
        "portal.sync.drift_models",
        "portal.webhooks.models",
        "portal.accounts.models",
        "portal.audit",
        "portal.operations.models",
        "portal.operations.issues.models",
        "portal.operations.alerts.models",
    ):
        import_module(module)
