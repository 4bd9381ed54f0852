"""Records that were changed on both sides."""

from __future__ import annotations

from typing import Any

from portal.entities.bank_accounts.model import BankAccount
from portal.entities.properties.mapping import PROPERTY
from portal.entities.properties.model import Property
from portal.extensions import db
from portal.sync.decision_models import SyncDecision
from portal.sync.decisions import decide
from portal.sync.page import Outcome
from portal.sync.pull import pull_one
from tests.live import Live
from tests.records import property_of, synced_property, unit_of


def disputed(live: Live, ours: str = "Ours", theirs: str = "Theirs", house: Property | None = None) -> Property:
    """A property in conflict about its name, and a year that only we have changed."""
    house = house or synced_property(live, name="Base", year_built=1900)
    house.name = ours
    live.save(house)
    live.edit_there("rentals", house.buildium_property_id or 0, Name=theirs)
    assert pull_one(PROPERTY, house.buildium_property_id or 0) is Outcome.CONFLICT
    return house


def more_disputed(live: Live, like: Property, number: int, **names: str) -> list[Property]:
    """Further properties in conflict about their names."""
    account = db.session.get_one(BankAccount, like.operating_bank_account_id)
    houses = [property_of(account, name=f"Base {place}") for place in range(number)]
    live.save(*houses, *(unit_of(each) for each in houses))
    live.work()
    return [disputed(live, house=each, **names) for each in houses]


def decided(live: Live, house: Property, side: str) -> SyncDecision:
    return decide(live.row(house), {"Name": side})


def there(live: Live, house: Property) -> Any:
    return live.get(f"/v1/rentals/{house.buildium_property_id}")


def both(live: Live, house: Property) -> tuple[str, str]:
    """The name here and in Buildium."""
    db.session.rollback()
    db.session.refresh(house)
    return house.name, there(live, house)["Name"]
