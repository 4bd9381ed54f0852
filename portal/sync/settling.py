"""What an error in an exchange means for the row that was being pushed."""

from __future__ import annotations

import random

from portal.buildium.errors import (
    BuildiumError,
    ForbiddenError,
    MissingError,
    NotYetError,
    RetryableError,
    StorageError,
    ThrottledError,
    UncertainError,
)
from portal.sync import breaker
from portal.sync.current import current_sync
from portal.sync.leases import Lease, settle
from portal.sync.states import Event
from portal.sync.unfit import words_of

FIRST_LOOK = 2.0


def settle_error(lease: Lease, error: BuildiumError) -> None:
    """Decide by the kind of error; the session is clean and the caller commits."""
    if breaker.is_refused(error):
        breaker.trip(error)
        settle(lease, Event.LATER, due_in=breaker.PROBE_SECONDS, error_message=str(error), cause="connection")
    elif isinstance(error, ThrottledError | NotYetError):
        settle(lease, Event.LATER, due_in=max(error.retry_after or 0.0, 0.2))
    elif isinstance(error, RetryableError):
        if not isinstance(error, StorageError):
            breaker.failed(error)
        try_later(lease, error)
    elif isinstance(error, UncertainError) and lease.buildium_id is None:
        # A first look can only find the record; that it is not there counts after the waits (MAPPING §9).
        settle(lease, Event.LOST_ANSWER, due_in=FIRST_LOOK, lookups=0, error_message=str(error), cause="lost answer")
    elif isinstance(error, UncertainError):
        # An errand of a record that exists: each of them looks first when it is repeated.
        try_later(lease, error)
    elif isinstance(error, MissingError) and lease.buildium_id is not None:
        settle(lease, Event.GONE, error_message="Buildium has no such record any more.", cause="missing")
    else:
        refuse(lease, error)


def try_later(lease: Lease, error: BuildiumError) -> None:
    waits = current_sync().retry_waits
    if lease.attempts >= len(waits):
        words = f"{error} Tried {lease.attempts + 1} times."
        settle(lease, Event.REFUSED, attempts=lease.attempts + 1, error_message=words, cause="retries used up")
        return
    asked = error.retry_after if isinstance(error, RetryableError) else None
    wait = asked or waits[lease.attempts] * random.uniform(0.8, 1.2)
    settle(lease, Event.LATER, due_in=wait, attempts=lease.attempts + 1, error_message=str(error), cause="retrying")


def refuse(lease: Lease, error: BuildiumError) -> None:
    """A clean refusal. Of a create the push has forgotten the attempt then; a refused look-up tells nothing of it."""
    fields = [{"field": each.key, "message": each.message} for each in error.fields]
    resource = current_sync().resource(lease.entity_type)
    forbidden = isinstance(error, ForbiddenError)
    words = f"The API key lacks “{resource.permission}”." if forbidden else str(error)
    settle(
        lease, Event.REFUSED, error_message=words, error_fields=fields, attempts=lease.attempts + 1,
        cause="permission" if forbidden else f"refused {error.status}",
    )  # fmt: skip


def not_kept(lease: Lease, error: Exception) -> None:
    """Buildium has the record; what it answered doesn't fit into our tables, or can't be understood."""
    settle(lease, Event.REFUSED, cause="answer not kept", error_message=f"Not kept here: {words_of(error)}.")
