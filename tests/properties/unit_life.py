"""One unit here and in Buildium, and what is known of both: what the steps of a sequence are made of."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from itertools import count
from typing import Any, ClassVar
from uuid import UUID

from flask import Flask
from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import func, select, update

from portal.acting import acting_as
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from portal.extensions import db
from portal.sync import breaker
from portal.sync.models import SyncPause, SyncStatus
from portal.sync.push import push_now
from tests.live import PERSON, Live
from tests.records import unit_of

# Ours → Buildium's name of it, for the two fields that are edited on either side.
FIELDS = {"description": "Description", "unit_size": "UnitSize"}
UNITS = "/v1/rentals/units"
NUMBERS = count(1)


def looking(act: Callable[..., None]) -> Callable[..., None]:
    """After the step, what every precondition and invariant asks about is looked up once."""

    @wraps(act)
    def step(self: UnitLife, **drawn: Any) -> None:
        act(self, **drawn)
        self.look()

    return step


class UnitLife(RuleBasedStateMachine):
    """The life of one unit. `here` is what people saved last, `there` what Buildium's people changed and the portal
    hasn't taken over or overwritten with somebody's consent."""

    live: ClassVar[Live]
    house: ClassVar[Property]

    def __init__(self) -> None:
        super().__init__()
        self.number = f"U{next(NUMBERS)}"
        self.unit = unit_of(self.house, self.number, description="first", unit_size=1)
        self.live.save(self.unit)
        self.key = str(self.unit.id)
        self.here: dict[str, Any] = {"description": "first", "unit_size": 1}
        self.there: dict[str, Any] = {}
        self.steps = count(2)
        self.look()

    def work(self) -> None:
        """A worker takes the row now, however long it would have to wait."""
        posts, looks = self.asked("POST"), self.asked("GET")
        unknown = self.row.buildium_id is None and self.row.last_post_attempt_at is not None
        self.due_now()
        push_now("unit", self.key)
        self.live.clear_faults()
        breaker.succeeded()
        if unknown and self.asked("POST") > posts:
            assert self.asked("GET") > looks, "sent again without a look at whether it had arrived"
        self.take_note()

    def take_note(self) -> None:
        """What came here from Buildium is no edit of theirs any more that could be lost."""
        db.session.rollback()
        for field in [each for each in self.there if getattr(self.unit, each) == self.there[each]]:
            self.here[field] = self.there.pop(field)

    def asked(self, method: str) -> int:
        return self.live.asked(method, UNITS)

    def due_now(self) -> None:
        soon = update(SyncStatus).where(SyncStatus.next_attempt_at.is_not(None))
        db.session.execute(soon.values(next_attempt_at=func.clock_timestamp()))
        db.session.commit()

    def new_value(self, field: str) -> Any:
        step = next(self.steps)
        return step if field == "unit_size" else f"edit {step}"

    def look(self) -> None:
        db.session.rollback()
        self.paused = db.session.scalar(select(func.count()).select_from(SyncPause)) != 0
        self.row = self.live.row(self.unit)
        self.state = self.row.sync_status
        self.kept = {field: getattr(self.unit, field) for field in FIELDS}
        found = self.live.http.get("/_control/records/units", params={"search": self.number, "limit": 1000})
        units = [{"Id": each["id"], **each["values"]} for each in found.raise_for_status().json()["items"]]
        self.twins = [each for each in units if each["UnitNumber"] == self.number]
        self.remote: Any = self.twins[0] if self.twins else None


def save_elsewhere(app: Flask, key: UUID, field: str, value: Any) -> None:
    """In a session of its own."""
    with app.app_context(), acting_as(PERSON):
        setattr(db.session.get_one(Unit, key), field, value)
        db.session.commit()
