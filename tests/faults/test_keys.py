"""Encryption keys that were rotated, lost or mixed up."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from portal.config import Settings
from portal.entities.owners.model import Owner
from portal.extensions import db
from portal.operations.keys import rotate
from portal.vault import vault
from tests.faults.desk import Desk, address_of
from tests.live import Live
from tests.records import owner_of, synced_property

TAX_ID = "12-3456789"
UNREADABLE = "Can’t be read: its key is missing"


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def keys(live: Live) -> Iterator[Callable[..., None]]:
    """Starts the portal with other keys, newest first; none are the true ones."""
    settings: Settings = live.app.extensions["settings"]
    yield lambda *names: vault.configure(tuple(names) or settings.encryption_keys)
    vault.configure(settings.encryption_keys)


def synced_owner(live: Live) -> Owner:
    owner = owner_of(synced_property(live), tax_payer_id=TAX_ID, tax_payer_type="EIN")
    live.save(owner)
    live.work()
    assert live.state(owner) == "synced", live.row(owner).error_message
    live.forget_requests()
    return owner


def sealed(owner: Owner) -> str:
    db.session.rollback()
    found = db.session.scalar(text("select tax_payer_id from owners where id = :id").bindparams(id=owner.id))
    return str(found)


@pytest.mark.fault(34)
def test_with_the_new_key_before_the_old_one_everything_is_read_and_can_be_sealed_again(
    live: Live, desk: Desk, keys: Callable[..., None]
) -> None:
    owner, settings = synced_owner(live), live.app.extensions["settings"]
    before, newer = sealed(owner), new_key()
    keys(newer, *settings.encryption_keys)
    assert "6789" in desk.record(owner)
    assert rotate() >= 1
    db.session.commit()
    assert sealed(owner) != before
    keys(newer)
    assert "6789" in desk.record(owner)
    keys(newer, *settings.encryption_keys)


@pytest.mark.fault(34)
def test_without_its_key_a_value_is_said_to_be_unreadable_and_stays_as_it_is(
    live: Live, desk: Desk, keys: Callable[..., None]
) -> None:
    owner = synced_owner(live)
    before = sealed(owner)
    keys(new_key())
    page = desk.ask("GET", address_of(owner))
    assert UNREADABLE in page.text
    form = desk.ask("GET", f"{address_of(owner)}/edit")
    if form.status_code == 200:
        answer = desk.save(f"{address_of(owner)}/edit", comment="Calls on Mondays")
        assert answer.status_code in (303, 409, 422, 500)
    assert sealed(owner) == before
    live.work()
    live.work_later()
    assert sealed(owner) == before
    keys()
    live.work_later()
    assert "6789" in desk.record(owner)
    found = live.http.get(f"/_control/records/owners/{owner.buildium_owner_id}").text
    assert TAX_ID in found


@pytest.mark.fault(34)
def test_a_push_that_needs_the_lost_key_sends_nothing_and_says_which_setting_helps(
    live: Live, desk: Desk, keys: Callable[..., None]
) -> None:
    owner = synced_owner(live)
    owner.comment = "Needs everything"
    live.save(owner)
    keys(new_key())
    live.work()
    assert live.asked("PUT", "/v1/rentals/owners") == 0
    assert live.row(owner).cause == "unreadable secret"
    assert "Whoever runs the portal must add the missing key to PORTAL_ENCRYPTION_KEYS." in desk.sync(owner)
    keys()
    desk.press(desk.sync_page(owner), "retry")
    live.work()
    assert "Matches Buildium as of" in desk.record(owner)


@pytest.mark.fault(34)
def test_a_value_pasted_onto_another_row_can_not_be_read_there(live: Live, desk: Desk) -> None:
    owner = synced_owner(live)
    other = owner_of(is_company=True, company_name="Elm LLC")
    live.save(other)
    db.session.execute(
        text("update owners set tax_payer_id = :stolen where id = :id").bindparams(stolen=sealed(owner), id=other.id)
    )
    db.session.commit()
    page = desk.ask("GET", address_of(other)).text
    assert UNREADABLE in page
    assert "6789" not in page
