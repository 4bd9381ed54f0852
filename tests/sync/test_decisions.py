"""A conflict decided by a person, where a value is a secret that snapshots hold only a fingerprint of."""

from __future__ import annotations

import pytest

from portal.entities.vendors.mapping import VENDOR
from portal.entities.vendors.model import Vendor
from portal.extensions import db
from portal.sync import decisions
from portal.sync.page import Outcome
from portal.sync.pull import pull_one
from tests.live import Live
from tests.sync.test_vendors import trade, vendor


def in_conflict(live: Live) -> Vendor:
    record = vendor(trade(live), account_number="FIRST")
    live.save(record)
    live.work()
    record.account_number = "OURS"
    db.session.commit()
    live.edit_there("vendors", record.buildium_vendor_id or 0, AccountNumber="THEIRS")
    assert pull_one(VENDOR, record.buildium_vendor_id or 0) is Outcome.CONFLICT
    return record


@pytest.mark.parametrize(("side", "kept"), [("theirs", "THEIRS"), ("ours", "OURS")])
def test_the_chosen_secret_is_the_one_both_sides_have_afterwards(live: Live, side: str, kept: str) -> None:
    record = in_conflict(live)
    decisions.decide(live.row(record), {"AccountNumber": side})
    live.work()
    db.session.expire_all()
    assert live.state(record) == "synced", live.row(record).error_message
    assert record.account_number == kept
    assert live.get(f"/v1/vendors/{record.buildium_vendor_id}")["AccountNumber"] == kept
