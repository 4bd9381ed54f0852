from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.entities.owners.model import Owner
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from tests.people import sign_in
from tests.web.conftest import Store, manager, store
from tests.web.pages import link, parsed, rows, words
from tests.web.test_record_pages import Sync

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

__all__ = ["manager", "store"]


def test_every_number_opens_a_list_with_exactly_so_many_rows(manager: FlaskClient, store: Store) -> None:
    house = Property(name="Alder")
    store(house, Property(name="Shut", status="Inactive", is_active=False), Unit(property=house, unit_number="1"))
    store(Owner(first_name="Jane", last_name="Adams"))
    page = manager.get("/")
    tiles = [each for each in parsed(page).iter("a") if each.get("class", "").startswith("tile")]
    assert len(tiles) == 5
    for tile in tiles:
        number = int(words(tile).split()[0])
        assert len(rows(manager.get(tile.get("href") or ""))) == number, words(tile)


def test_what_needs_a_person_is_shown_to_those_who_see_the_sync(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "record_sync", Sync())
    sign_in(client, "staff")
    assert link(client.get("/"), "3 records refused") == "/sync/records?state=failed"
    sign_in(client, "viewer")
    assert "records refused" not in client.get("/").text


def test_the_search_finds_in_everything_and_links_to_the_lists(manager: FlaskClient, store: Store) -> None:
    house = Property(name="Alder Court")
    store(house, Unit(property=house, unit_number="Alder 1"), Owner(is_company=True, company_name="Alder LLC"))
    page = manager.get("/search?q=alder")
    headings = [words(each) for each in parsed(page).iter("h2")]
    assert [each for each in headings if each in ("Properties", "Units", "Owners")] == ["Properties", "Units", "Owners"]
    assert link(page, "Alder Court") == f"/properties/{house.id}"
    assert link(page, "All 1") == "/properties?q=alder"


@pytest.mark.parametrize("sought", ["", "nothing like it", "%", "'; drop table owners; --", "<b>"])
def test_a_search_without_a_result_says_how_to_search(manager: FlaskClient, sought: str) -> None:
    page = manager.get("/search", query_string={"q": sought})
    assert page.status_code == 200
    assert "<b>" not in page.text
