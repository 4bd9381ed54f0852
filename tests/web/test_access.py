from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from portal.entities.owners.model import Owner
from portal.entities.ownerships.model import Ownership
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from tests.people import sign_in
from tests.web.conftest import Store
from tests.web.pages import link

if TYPE_CHECKING:
    from flask.testing import FlaskClient

EDITORS = {"staff", "manager", "administrator"}


@pytest.fixture
def records(store: Store) -> dict[str, Any]:
    house = Property(name="Alder Court")
    owner = Owner(first_name="Jane", last_name="Adams", tax_payer_id="123-45-6789", tax_payer_type="SSN")
    unit, share = Unit(property=house, unit_number="1"), Ownership(property=house, owner=owner)
    store(house, owner, unit, share)
    return {"properties": house.id, "owners": owner.id, "units": unit.id, "ownerships": share.id}


@pytest.mark.parametrize("role", ["viewer", "staff", "manager", "administrator"])
def test_each_role_reaches_what_it_may_and_nothing_else(
    client: FlaskClient, records: dict[str, Any], role: str
) -> None:
    sign_in(client, role)
    for plural, record_id in records.items():
        for address in (f"/{plural}", f"/{plural}.csv", f"/{plural}/{record_id}"):
            assert client.get(address).status_code == 200, address
        for address in (f"/{plural}/new", f"/{plural}/{record_id}/edit"):
            assert client.get(address).status_code == (200 if role in EDITORS else 403), address
            assert client.post(address).status_code in ({409, 422} if role in EDITORS else {403}), address
    off = f"/properties/{records['properties']}/deactivation"
    assert client.get(off).status_code == (200 if role in EDITORS else 403)
    assert client.get("/search?q=alder").status_code == 200


def test_what_would_be_refused_is_not_offered(client: FlaskClient, records: dict[str, Any]) -> None:
    sign_in(client, "viewer")
    page = client.get(f"/properties/{records['properties']}")
    assert all(link(page, words) is None for words in ("Edit", "Deactivate", "Add unit", "Add owner"))
    assert link(client.get("/properties"), "New property") is None
    assert "Reveal" not in client.get(f"/owners/{records['owners']}").text


def test_without_sign_in_nothing_is_shown(client: FlaskClient, records: dict[str, Any]) -> None:
    for address in ("/", "/properties", f"/units/{records['units']}", "/owners.csv", "/search?q=x"):
        response = client.get(address)
        assert response.status_code == 303
        assert response.location.startswith("/login")


@pytest.mark.parametrize("record_id", ["1", "nonsense", "5d0f8a3e-0000-4000-8000-000000000000", "..%2f", "%00", "’"])
@pytest.mark.parametrize("rest", ["", "/edit", "/deactivation"])
def test_what_does_not_exist_is_not_found(manager: FlaskClient, record_id: str, rest: str) -> None:
    assert manager.get(f"/properties/{record_id}{rest}").status_code in {400, 404}
