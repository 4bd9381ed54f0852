"""What a worker does while the clock has stopped: somebody must be told, and the clock can't."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from portal.acting import Actor, Door, acting_as
from portal.extensions import db
from portal.operations.alerts.attention import STOPPED
from portal.operations.alerts.sending import send_soon
from portal.operations.alerts.watch import watch


def stand_in() -> None:
    """Look for what needs a person, and send what is to be said. Whatever goes wrong, the worker goes on."""
    with acting_as(Actor.machine(Door.COMMAND)):
        try:
            if db.session.scalar(select(STOPPED)):
                watch()
                send_soon()
        except DBAPIError as error:
            current_app.logger.warning("the worker can't look for the clock: %s", type(error).__name__)
        finally:
            db.session.rollback()
