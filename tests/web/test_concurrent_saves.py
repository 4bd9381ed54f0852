"""Eight people press Save at once: real threads, real commits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.acting import acting_as
from portal.app import create_app
from portal.config import Settings
from portal.entities.leases.model import Lease
from portal.entities.owners.model import Owner
from portal.entities.ownerships.model import Ownership
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from portal.extensions import db
from tests.people import make_user, sign_in
from tests.web.conftest import IMPORT
from tests.web.pages import fields

PEOPLE = 8


@dataclass
class Office:
    """People in front of their own browsers. Each one opens a page; then all of them send their forms at once."""

    app: Flask
    browsers: list[FlaskClient]

    def store(self, *records: Any) -> None:
        with self.app.app_context(), acting_as(IMPORT):
            db.session.add_all(records)
            db.session.commit()
            for record in records:
                db.session.refresh(record)
            db.session.expunge_all()

    def ask(self, statement: Any) -> Any:
        with self.app.app_context(), acting_as(IMPORT):
            return db.session.scalars(statement).all()

    def all_send(self, page: str, change: Callable[[int], dict[str, str]]) -> list[int]:
        """Status codes, sorted. `change` says what person number n types."""
        forms = [fields(browser.get(page)) for browser in self.browsers]
        ready, answers = threading.Barrier(PEOPLE), []

        def send(number: int) -> None:
            ready.wait()
            answers.append(self.browsers[number].post(page, data={**forms[number], **change(number)}).status_code)

        threads = [threading.Thread(target=send, args=(number,)) for number in range(PEOPLE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(answers)


@pytest.fixture
def office(fresh_database: Callable[[], str], settings: Settings, empty_redis: str) -> Iterator[Office]:
    app = create_app(replace(settings, database_url=fresh_database()))
    browsers = [app.test_client() for _ in range(PEOPLE)]
    with app.app_context():
        for browser in browsers:
            sign_in(browser, user=make_user("staff"))
        db.session.remove()
    yield Office(app, browsers)
    with app.app_context():
        db.engine.dispose()


@pytest.mark.fault(26)
def test_exactly_one_of_eight_saves_wins(office: Office) -> None:
    house = Property(name="Alder", country="UnitedStates")
    office.store(house)
    codes = office.all_send(f"/properties/{house.id}/edit", lambda number: {"name": f"Name {number}"})
    assert codes == [303, *[409] * (PEOPLE - 1)]
    assert office.ask(select(Property.version)) == [2]


def test_two_units_with_one_number_are_impossible(office: Office) -> None:
    house = Property(name="Alder")
    office.store(house)
    codes = office.all_send(f"/units/new?property_id={house.id}", lambda _: {"unit_number": "2B"})
    assert codes == [303, *[422] * (PEOPLE - 1)]


def test_the_shares_of_a_property_never_exceed_a_hundred(office: Office) -> None:
    house = Property(name="Alder")
    owners = [Owner(is_company=True, company_name=f"Company {number}") for number in range(PEOPLE)]
    office.store(house, *owners)
    ids = [str(owner.id) for owner in owners]
    page = f"/ownerships/new?property_id={house.id}"
    codes = office.all_send(page, lambda number: {"owner_id": ids[number], "ownership_percentage": "40"})
    assert codes == [303, 303, *[422] * (PEOPLE - 2)]
    assert office.ask(select(func.sum(Ownership.ownership_percentage))) == [80]


def test_a_unit_is_let_once_however_many_people_let_it(office: Office) -> None:
    house = Property(name="Alder")
    unit = Unit(property=house, unit_number="1")
    office.store(house, unit)
    typed = {"unit_id": str(unit.id), "start_date": "2026-01-01", "end_date": "2026-12-31", "rent": ""}
    codes = office.all_send("/leases/new", lambda _: typed)
    assert codes == [303, *[422] * (PEOPLE - 1)]
    assert office.ask(select(func.count(Lease.id))) == [1]
