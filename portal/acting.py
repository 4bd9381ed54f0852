"""Who acts in a transaction, and through which door. PostgreSQL is told so, and shows no row to nobody.

Every portal role is a database role of its own (`portal_manager`, …) with policies `TO that_role`, so that Row Level
Security costs no search its index. A connection rests as `portal_nobody`; each transaction begins by taking the
role of the actor, locally, and by naming the actor for the audit trail.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry


class Role(StrEnum):
    """What a person may do; each role may do all that the ones before it may."""

    VIEWER = "viewer"
    STAFF = "staff"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


class Door(StrEnum):
    """The way a change came in: part of every audit row."""

    BROWSER = "browser"
    WEBHOOK = "webhook"
    IMPORT = "import"
    PUSH = "push"
    COMMAND = "command"


@dataclass(frozen=True)
class Actor:
    """`database_role` is the PostgreSQL role of the transaction; `user_id` is None for a machine."""

    database_role: str
    door: Door
    name: str
    user_id: UUID | None = None

    @classmethod
    def person(cls, user_id: UUID, name: str, role: Role) -> Actor:
        return cls(f"portal_{role}", Door.BROWSER, name, user_id)

    @classmethod
    def machine(cls, door: Door) -> Actor:
        return cls("portal_machine", door, "Buildium sync" if door is not Door.COMMAND else "Command line")


# Before sign-in: may read users and keep sessions and sign-in attempts, nothing else.
GATE = Actor("portal_gate", Door.BROWSER, "Sign-in")

ANNOUNCE = (
    "select set_config('role', %s, true), set_config('portal.actor_id', %s, true),"
    " set_config('portal.actor_name', %s, true), set_config('portal.door', %s, true)"
)

# Whatever is committed meanwhile, each statement sees what there was at the first one; and none may write.
ONE_MOMENT = "set transaction isolation level repeatable read, read only"

_acting: ContextVar[Actor | None] = ContextVar("acting", default=None)
_at_one_moment: ContextVar[bool] = ContextVar("at_one_moment", default=False)


def actor() -> Actor | None:
    return _acting.get()


def announce(connection: Connection, who: Actor) -> None:
    """Make `who` the actor of the transaction that is open on this connection."""
    user_id = str(who.user_id) if who.user_id else ""
    connection.exec_driver_sql(ANNOUNCE, (who.database_role, user_id, who.name, who.door.value))


def become(who: Actor | None) -> None:
    """Make `who` the actor of every transaction that begins from here on in this context (thread or request)."""
    _acting.set(who)


def read_at_one_moment(wanted: bool) -> None:
    """Whether transactions that begin from here on in this context (thread or request) read as of one moment."""
    _at_one_moment.set(wanted)


@contextmanager
def acting_as(who: Actor) -> Iterator[None]:
    """Transactions begun inside belong to `who`. For jobs, commands and tests."""
    token = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(token)


def guard(engine: Engine) -> None:
    """Make every connection of `engine` rest as portal_nobody and every transaction announce its actor."""

    @event.listens_for(engine, "connect")
    def rest_as_nobody(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute("set role portal_nobody")
        cursor.close()
        connection.commit()

    @event.listens_for(engine, "begin")
    def announce_actor(connection: Connection) -> None:
        if _at_one_moment.get():
            # Before anything else: it can't be said once the transaction has read something.
            connection.exec_driver_sql(ONE_MOMENT)
        if who := _acting.get():
            announce(connection, who)
