"""A database connection that is gone once the answer has been made: the person gets that answer all the same."""

from __future__ import annotations

import psycopg
from sqlalchemy import text

from portal.config import Settings
from portal.extensions import db
from portal.web.access import public
from tests.apps import another_portal, plain_client
from tests.database.acting import plain

PID = text("select pg_backend_pid()")


def test_a_connection_that_is_cut_after_the_answer_was_made_takes_nothing_along(settings: Settings) -> None:
    """It was a bare “Internal Server Error” after a save that had been committed."""

    @public
    def saved() -> str:
        number = db.session.scalar(PID)
        with psycopg.connect(plain(settings.database_url), autocommit=True) as other:
            other.execute("select pg_terminate_backend(%s, 5000)", [number])
        return "Saved."

    with another_portal(settings) as app:
        app.add_url_rule("/saved", "saved", saved)
        assert plain_client(app).get("/saved").text == "Saved."
        with app.app_context():
            assert "checked out connections: 0" in db.engine.pool.status().lower()
            assert db.session.scalar(PID)
