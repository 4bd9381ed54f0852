"""Reference data is read again when its kept answer is gone, and not a moment sooner."""

from __future__ import annotations

import json

from sqlalchemy import func, select, update

from portal.entities.staff_users.model import StaffUser
from portal.extensions import db
from portal.registry import RESOURCES
from portal.sync.cache_models import CachedAnswer
from portal.sync.reference import refresh_reference
from tests.live import Live


def read(live: Live) -> list[str]:
    """The paths that were asked for since the last time."""
    asked = [each["path"] for each in live.http.get("/_control/requests", params={"limit": 100}).json()["items"]]
    live.http.delete("/_control/requests")
    return asked


def sample(live: Live) -> None:
    live.http.post("/_control/reset", json={"to": "sample", "size": 12}).raise_for_status()
    live.http.delete("/_control/requests")


def test_every_list_is_read_once_and_kept(live: Live) -> None:
    sample(live)
    refresh_reference()
    assert sorted(read(live)) == sorted(each.path for each in RESOURCES.ordered if each.reference)
    assert db.session.scalar(select(func.count(StaffUser.id)))
    refresh_reference()
    assert read(live) == []


def test_an_answer_that_has_expired_is_asked_for_again(live: Live) -> None:
    sample(live)
    refresh_reference()
    read(live)
    old = update(CachedAnswer).where(CachedAnswer.endpoint == "/v1/users")
    db.session.execute(old.values(expires_at=func.clock_timestamp()))
    db.session.commit()
    refresh_reference()
    assert read(live) == ["/v1/users"]


def test_what_is_kept_holds_no_account_number(live: Live) -> None:
    sample(live)
    refresh_reference()
    kept = json.dumps([each.response_data for each in db.session.scalars(select(CachedAnswer))])
    there = [each["AccountNumberUnmasked"] for each in live.get("/v1/bankaccounts") if each["AccountNumberUnmasked"]]
    assert there
    assert not [number for number in there if number in kept]
