"""A push: bring one record to Buildium as it is now, whatever it was when the row was queued (SYNC.md, "A push")."""

from __future__ import annotations

from http import HTTPStatus

from flask import current_app

from portal.acting import Actor, Door, acting_as
from portal.buildium.errors import BuildiumError
from portal.extensions import db
from portal.sync import breaker
from portal.sync.exchange import Push
from portal.sync.leases import Lease, LeaseLostError, claim, kept, settle
from portal.sync.log import because, log_failure
from portal.sync.pauses import begin_as_told
from portal.sync.settling import not_kept, settle_error
from portal.sync.shadows import rehearse
from portal.sync.states import Event
from portal.sync.unfit import UNKEEPABLE, is_about_a_value
from portal.vault import SealedError

ROUNDS = 5


def push_now(entity_type: str, entity_id: str, job_id: str | None = None) -> None:
    """Push the record if its row is due and free. Every outcome ends in the row; only a lost lease leaves it alone."""
    with acting_as(Actor.machine(Door.PUSH)):
        begin_as_told()
        for _ in range(ROUNDS):
            if breaker.is_open():
                return
            lease = claim(entity_type, entity_id)
            if lease is None:
                rehearse(entity_type, entity_id, job_id)
                return
            if not attempt(lease, job_id):
                return


def attempt(lease: Lease, job_id: str | None) -> bool:
    """One attempt; whether another step of the same push is due at once (what a create couldn't say)."""
    push = Push(lease)
    facts = {"entity_type": lease.entity_type, "entity_id": lease.entity_id, "buildium_id": lease.buildium_id}
    with because(**facts, job_id=job_id, attempt=lease.attempts + 1), kept(lease):
        try:
            deliver(push)
        except LeaseLostError:
            db.session.rollback()
            log_failure("lease lost", entity_type=lease.entity_type, entity_id=lease.entity_id)
    return push.goes_on


def deliver(push: Push) -> None:
    """Send, and settle the row by what came of it."""
    try:
        push.send()
        breaker.succeeded()
    except BuildiumError as error:
        db.session.rollback()
        settle_error(push.lease, error)
        if error.status == HTTPStatus.CONFLICT and push.lease.buildium_id is not None:
            db.session.commit()
            push.look_again(push.lease.buildium_id)
    except SealedError as error:
        db.session.rollback()
        settle(push.lease, Event.REFUSED, cause="unreadable secret", error_message=str(error))
    except UNKEEPABLE as error:
        db.session.rollback()
        if not is_about_a_value(error):
            raise
        # Left alone the answer would be fetched again each time the lease expires, for ever and unseen.
        current_app.logger.exception("not kept: %s %s", push.lease.entity_type, push.lease.entity_id)
        not_kept(push.lease, error)
    db.session.commit()
