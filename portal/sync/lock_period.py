"""The accounting lock period: what is booked on or before its date, Buildium refuses (MAPPING §10.40)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.buildium.errors import RejectedError
from portal.buildium.limiter import Lane
from portal.extensions import db
from portal.sync.cache import get_buildium_api_cache, set_buildium_api_cache
from portal.sync.conversions import date_in
from portal.sync.current import current_sync
from portal.sync.paths import at

PATH = "/v1/administration/accountinglockperiod"
MINUTES = 15


def lock_dates() -> Mapping[int | None, date]:
    """The last locked day, by Buildium's id of the property that has one of its own; None is everything else.

    The answer is kept for some minutes. A key that may not read it learns nothing: Buildium then refuses by itself.
    Raises BuildiumError where Buildium has to be asked and can't be.
    """
    kept = get_buildium_api_cache(PATH)
    return read(asked() if kept is None else kept)


def asked() -> Any:
    """Ask, and keep the answer, also that there is none. Ends the transaction: none is open while Buildium is asked."""
    db.session.rollback()
    try:
        answer: Any = current_sync().buildium.get(PATH, Lane.PEOPLE)
    except RejectedError:
        answer = {}
    set_buildium_api_cache(PATH, None, answer, MINUTES)
    db.session.commit()
    return answer


def known_lock_dates() -> Mapping[int | None, date]:
    """What was last read, as long as it is fresh; nothing is asked."""
    return read(get_buildium_api_cache(PATH))


def read(answer: Any) -> dict[int | None, date]:
    overrides = [(at(each, "Property.Id"), at(each, "LockDate")) for each in at(answer, "Overrides") or ()]
    found = [(None, at(answer, "Global.LockDate")), *overrides]
    return {key: day for key, said in found if (day := date_in(said)) is not None}
