"""Plain connections that act as one of the portal's roles, undone at the end: what raw SQL may and may not do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg

ADA = UUID("00000000-0000-4000-8000-0000000000ad")


@contextmanager
def connected(url: str, role: str = "portal_staff", actor: UUID = ADA) -> Iterator[psycopg.Connection[Any]]:
    """A transaction in which the role acts as the person `actor`, through the browser; rolled back."""
    with owner(url) as connection:
        act_as(connection, role, actor)
        yield connection


@contextmanager
def owner(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A transaction of the user that owns the tables, acting as nobody in particular; rolled back."""
    with psycopg.connect(plain(url)) as connection, connection.transaction(force_rollback=True):
        yield connection


def act_as(connection: psycopg.Connection[Any], role: str, actor: UUID = ADA) -> None:
    connection.execute(
        "select set_config('role', %s, true), set_config('portal.actor_id', %s, true),"
        " set_config('portal.actor_name', 'Ada', true), set_config('portal.door', 'browser', true)",
        (role, str(actor)),
    )


def plain(url: str) -> str:
    """The address as psycopg spells it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
