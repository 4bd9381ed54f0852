from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from portal.acting import Actor, Door
from portal.extensions import db
from tests.people import sign_in, speaking_as

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session, scoped_session

IMPORT = Actor.machine(Door.IMPORT)

Store = Callable[..., None]
Stored = Callable[[Any], Any]


@pytest.fixture
def store(session: scoped_session[Session]) -> Store:
    """Commits records as an import would."""

    def store(*records: Any) -> None:
        with speaking_as(IMPORT):
            db.session.add_all(records)
            db.session.commit()
            for record in records:
                db.session.refresh(record)
            db.session.expunge_all()

    return store


@pytest.fixture
def stored(session: scoped_session[Session]) -> Stored:
    """Runs a query as the machine; what it gives is loaded."""

    def stored(statement: Any) -> Any:
        with speaking_as(IMPORT):
            return db.session.scalars(statement).all()

    return stored


@pytest.fixture
def manager(client: FlaskClient) -> FlaskClient:
    """A client in which a manager is signed in."""
    sign_in(client, "manager")
    return client
