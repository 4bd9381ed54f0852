"""Reference data: short lists that every form chooses from and that hardly change (accounts, categories, staff).

Most of them have no filter of changes, and staff no event, so a reconciliation would read them whole every time. The
answer kept from the last reading says whether that is needed: it expires by itself, and a webhook about one of its
records forgets it (see portal.webhooks.process).
"""

from __future__ import annotations

from portal.buildium.errors import BuildiumError
from portal.buildium.limiter import Lane
from portal.extensions import db
from portal.sync import breaker
from portal.sync.cache import get_buildium_api_cache, set_buildium_api_cache
from portal.sync.current import current_sync
from portal.sync.log import log_failure
from portal.sync.places import listings, rows_of
from portal.sync.pull import pull_bodies
from portal.sync.reading import asked_now
from portal.sync.resource import Resource

MINUTES = 60


def refresh_reference() -> None:
    """Read every list whose kept answer has expired or was forgotten. Commits; a list that fails is tried again."""
    for resource in current_sync().resources.ordered:
        if resource.reference and not breaker.is_open():
            try:
                refresh(resource)
            except BuildiumError as error:
                db.session.rollback()
                log_failure("reference data not read", entity_type=resource.name, error=error)


def refresh(resource: Resource) -> None:
    for place in listings(resource):
        query = dict(place.query)
        if get_buildium_api_cache(place.path, query) is None:
            asked_at = asked_now()
            rows = list(rows_of(place, {}, Lane.BULK))
            pull_bodies(resource, rows, asked_at)
            set_buildium_api_cache(place.path, query, rows, MINUTES)
        db.session.commit()
