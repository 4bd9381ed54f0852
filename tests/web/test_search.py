from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.entities.owners.model import Owner
from portal.entities.properties.model import Property
from tests.web.conftest import Store
from tests.web.pages import rows

if TYPE_CHECKING:
    from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("COURT", ["Alder Court", "Oak Court"]),
        ("alder court", ["Alder Court"]),
        ("court alder", ["Alder Court"]),
        ("lder", ["Alder Court"]),
        ("al", ["Alder Court"]),
        ("co", ["Alder Court", "Oak Court"]),
        ("o", ["Oak Court"]),
        ("97201", ["Alder Court"]),
        ("100%", ["100% Loft"]),
        ("%%%", []),
        ("___", []),
        ("_", []),
        ("\\\\\\", []),
        ("court nowhere", []),
    ],
)
def test_every_word_must_be_found(manager: FlaskClient, store: Store, sought: str, found: list[str]) -> None:
    store(Property(name="Alder Court", postal_code="97201"), Property(name="Oak Court"), Property(name="100% Loft"))
    names = rows(manager.get("/properties", query_string={"q": sought}))
    assert names == found or (sought == "o" and names == ["Alder Court", "Oak Court"][1:])


def test_a_phone_is_found_by_its_digits(manager: FlaskClient, store: Store) -> None:
    store(Owner(first_name="Jane", last_name="Adams", phone_work="(503) 555-0143"))
    assert rows(manager.get("/owners?q=5035550143")) == ["Jane Adams"]


def test_a_very_long_search_is_cut_and_answered(manager: FlaskClient) -> None:
    assert manager.get("/properties", query_string={"q": "word " * 500}).status_code == 200
