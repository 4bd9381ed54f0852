from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from portal.audit import AuditEntry
from portal.entities.owners.model import Owner
from portal.entities.ownerships.model import Ownership
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from portal.extensions import db
from portal.web.record_sync import Attention, Entry, Freshness
from tests.people import sign_in, speaking_as
from tests.web.conftest import IMPORT, Store, Stored
from tests.web.pages import link, notices, parsed, words

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient


class Sync:
    """A sync that knows one thing to say about every record."""

    fresh = Freshness(
        "failed", "Buildium refused it", "bad", "The bank account is inactive.", "/sync/issues", help_url="/sync/help/x"
    )

    def freshness(self, entity_type: str, ids: list[str]) -> dict[str, Freshness]:
        return dict.fromkeys(ids, self.fresh)

    def timeline(self, entity_type: str, table: str, record_id: str, limit: int) -> list[Entry]:
        at = datetime(2026, 11, 21, 10, 42, tzinfo=UTC)
        change = ("Reserve", "$500.00", "<b>$750.00</b>")
        return [Entry(at, "change", f"Changed {number}", who="Dana", changes=(change,)) for number in range(limit)]

    def attention(self) -> list[Attention]:
        return [Attention("records refused", 3, "/sync/records?state=failed")]


@pytest.fixture
def sync(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Sync:
    sync = Sync()
    monkeypatch.setitem(app.extensions, "record_sync", sync)
    return sync


def test_a_property_shows_its_facts_its_units_and_its_owners(manager: FlaskClient, store: Store) -> None:
    house = Property(name="Alder Court", address_line1="1 Elm St", city="Salem", state="OR", reserve="1234.5")
    owner = Owner(first_name="Jane", last_name="Adams")
    store(house, owner, Unit(property=house, unit_number="2B", market_rent=950))
    shares = {"ownership_percentage": 80, "disbursement_percentage": 100}
    store(Ownership(owner_id=owner.id, property_id=house.id, **shares))
    page = manager.get(f"/properties/{house.id}")
    shown = words(parsed(page))
    for expected in ("1 Elm St Salem, OR", "$1,234.50", "2B", "$950.00", "Jane Adams", "80%"):
        assert expected in shown
    assert "Ownership adds up to 80%: 20% is missing." in shown
    assert link(page, "Add unit") == f"/units/new?property_id={house.id}"
    assert link(page, "Add owner") == f"/ownerships/new?property_id={house.id}"


def test_a_property_with_more_units_than_fit_links_to_exactly_those(manager: FlaskClient, store: Store) -> None:
    house = Property(name="Tower")
    store(house, *(Unit(property=house, unit_number=f"{n:03}") for n in range(21)))
    page = manager.get(f"/properties/{house.id}")
    assert link(page, "All units") == f"/units?property_id={house.id}"


def test_the_sync_is_told_in_words(manager: FlaskClient, store: Store, sync: Sync) -> None:
    house = Property(name="Alder Court")
    store(house)
    page = manager.get(f"/properties/{house.id}")
    assert "Buildium refused it The bank account is inactive. Fix it What does that mean?" in words(parsed(page))
    assert link(page, "Fix it") == "/sync/issues"
    assert "Nov 21, 2026, 10:42:00 AM · Dana" in words(parsed(page))
    assert "&lt;b&gt;$750.00&lt;/b&gt;" in page.text
    assert "Buildium refused it" in manager.get("/properties").text


def test_a_long_timeline_is_shown_whole_when_asked(manager: FlaskClient, store: Store, sync: Sync) -> None:
    house = Property(name="Alder Court")
    store(house)
    page = manager.get(f"/properties/{house.id}")
    assert page.text.count("Changed ") == 20
    whole = link(page, "Show all") or ""
    assert manager.get(whole.partition("#")[0]).text.count("Changed ") == 500


def test_marks_say_which_way_each_field_travels(manager: FlaskClient, store: Store) -> None:
    owner = Owner(first_name="Jane", last_name="Adams")
    store(owner)
    shown = words(parsed(manager.get(f"/owners/{owner.id}")))
    assert "Date of birth Sent, never read back" in shown
    assert "Name on tax forms Sent once" in shown
    assert "Last contacted Kept here only" in shown
    assert "Gets a 1099 From Buildium" in shown
    assert "E-mail Buildium ↔ here" in shown


def test_deactivating_asks_first_and_takes_the_units_along(manager: FlaskClient, store: Store, stored: Stored) -> None:
    house = Property(name="Alder Court")
    store(house, Unit(property=house, unit_number="1"))
    asked = manager.get(f"/properties/{house.id}/deactivation")
    assert "All of its units become inactive with it." in words(parsed(asked))
    assert manager.post(f"/properties/{house.id}/deactivation").status_code == 303
    assert [each.is_active for each in stored(select(Property))] == [False]
    assert [each.is_active for each in stored(select(Unit))] == [False]
    assert manager.post(f"/properties/{house.id}/reactivation").location == f"/properties/{house.id}"
    assert [each.status for each in stored(select(Property))] == ["Active"]
    assert notices(manager.get(f"/properties/{house.id}")) == [
        "Alder Court is inactive now.",
        "Alder Court is active again.",
    ]


def owner_with_tax_id(store: Store) -> Owner:
    owner = Owner(first_name="Jane", last_name="Adams", tax_payer_id="987-65-4321", tax_payer_type="SSN")
    store(owner)
    return owner


def test_a_secret_is_masked_everywhere(manager: FlaskClient, store: Store) -> None:
    owner = owner_with_tax_id(store)
    for address in (f"/owners/{owner.id}", f"/owners/{owner.id}/edit", "/owners", "/owners.csv"):
        assert "987-65-4321" not in manager.get(address).text
    assert "••••4321" in manager.get(f"/owners/{owner.id}").text


def test_revealing_a_secret_is_written_down(manager: FlaskClient, store: Store, stored: Stored) -> None:
    owner = owner_with_tax_id(store)
    page = manager.post(f"/owners/{owner.id}/revelations", data={"field": "tax_payer_id"})
    assert "987-65-4321" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    entries = stored(select(AuditEntry).where(AuditEntry.row_id == str(owner.id), AuditEntry.action == "reveal"))
    assert [each.actor_name for each in entries] == ["Manager 1"] or len(entries) == 1


def test_only_secrets_can_be_revealed_and_only_by_managers(client: FlaskClient, store: Store) -> None:
    owner = owner_with_tax_id(store)
    sign_in(client, "staff")
    assert client.post(f"/owners/{owner.id}/revelations", data={"field": "tax_payer_id"}).status_code == 403
    sign_in(client, "manager")
    assert client.post(f"/owners/{owner.id}/revelations", data={"field": "email"}).status_code == 400
    assert client.get(f"/owners/{owner.id}/revelations").status_code == 405


def test_a_secret_that_no_key_opens_spoils_neither_page_nor_form(
    manager: FlaskClient, store: Store, stored: Stored
) -> None:
    owner = owner_with_tax_id(store)
    with speaking_as(IMPORT):
        db.session.execute(text("update owners set tax_payer_id = 'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'"))
        db.session.commit()
    assert "Can’t be read" in manager.get(f"/owners/{owner.id}").text
    assert manager.get(f"/owners/{owner.id}/edit").status_code == 200


def test_odd_names_are_text_in_headings_and_titles(manager: FlaskClient, store: Store) -> None:
    house = Property(name="<img src=x onerror=alert(1)> & Söhne", structure_description="</textarea><script>")
    store(house)
    for address in (f"/properties/{house.id}", f"/properties/{house.id}/edit", f"/properties/{house.id}/deactivation"):
        assert "<img src=x" not in manager.get(address).text
        assert "<script>" not in manager.get(address).text.replace('<script src="', "")
