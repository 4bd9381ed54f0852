"""A code that Buildium made up since must survive here, and above all there."""

from __future__ import annotations

import pytest

from portal.entities.units.mapping import UNIT
from portal.entities.units.model import Unit
from portal.extensions import db
from portal.sync.conversions import bathrooms_in, bathrooms_out, bedrooms_in, bedrooms_out
from portal.sync.pull import pull_one
from tests.live import Live
from tests.records import synced_property


def test_a_code_that_nobody_has_documented_is_not_emptied_by_the_next_save(live: Live) -> None:
    unit = Unit(property=synced_property(live), unit_number="1", unit_bedrooms="2", unit_bathrooms="1.5")
    live.save(unit)
    live.work()
    number = unit.buildium_unit_id or 0
    live.fault("unknown_enums", method="GET", path=f"/v1/rentals/units/{number}", times=1)
    pull_one(UNIT, number)
    db.session.refresh(unit)
    assert (unit.unit_bedrooms, unit.unit_bathrooms) == ("NewInBuildium", "NewInBuildium")
    unit.description = "Saved while the code is unknown here"
    live.save(unit)
    live.work()
    there = live.get(f"/v1/rentals/units/{number}")
    assert (there["UnitBedrooms"], there["UnitBathrooms"]) == ("TwoBed", "OnePointFiveBath")
    assert (there["Description"], live.state(unit)) == ("Saved while the code is unknown here", "synced")


@pytest.mark.parametrize("code", ["NewInBuildium", "TwoBed", "FivePlusBath"])
def test_every_code_of_buildium_comes_back_as_it_was(code: str) -> None:
    assert bedrooms_out(bedrooms_in(code)) == code
    assert bathrooms_out(bathrooms_in(code)) == code


@pytest.mark.parametrize("words", ["lots", "two or so", ""])
def test_words_without_a_counterpart_stay_here(words: str) -> None:
    assert bedrooms_out(words) is None
    assert bathrooms_out(words) is None
