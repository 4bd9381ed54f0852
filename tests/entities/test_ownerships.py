from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from portal.entities.owners.model import Owner
from portal.entities.ownerships.model import Ownership
from portal.entities.properties.model import Property
from portal.sync.models import SyncStatus
from tests.web.conftest import Store, Stored
from tests.web.pages import errors, fields, link, notices, parsed, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient


@pytest.fixture
def ends(store: Store) -> tuple[Property, Owner, Owner]:
    house = Property(name="Alder")
    jane, john = (Owner(first_name=name, last_name="Adams") for name in ("Jane", "John"))
    store(house, jane, john)
    return house, jane, john


def give(client: FlaskClient, house: Property, owner: Owner, share: str, **more: str) -> Any:
    data = {"property_id": str(house.id), "owner_id": str(owner.id), "ownership_percentage": share, **more}
    return client.post("/ownerships/new", data=data)


def test_a_share_is_given_on_the_page_of_the_property(
    manager: FlaskClient, ends: tuple[Property, Owner, Owner], stored: Stored
) -> None:
    house, jane, _ = ends
    page = f"/ownerships/new?property_id={house.id}"
    form = fields(manager.get(page))
    sent = {**form, "owner_id": str(jane.id), "ownership_percentage": "33.3333", "primary": "y"}
    assert manager.post(page, data=sent).location == f"/properties/{house.id}"
    (share,) = stored(select(Ownership))
    assert (str(share.ownership_percentage), str(share.disbursement_percentage)) == ("33.3333", "33.3333")
    assert share.primary
    queued = {(each.entity_type, each.entity_id) for each in stored(select(SyncStatus))}
    assert ("owner", str(jane.id)) in queued


def test_a_share_given_on_the_page_of_the_owner_leads_back_there(
    manager: FlaskClient, ends: tuple[Property, Owner, Owner]
) -> None:
    house, jane, _ = ends
    page = f"/ownerships/new?owner_id={jane.id}"
    form = fields(manager.get(page))
    assert manager.post(page, data={**form, "property_id": str(house.id)}).location == f"/owners/{jane.id}"


def test_more_than_a_hundred_is_refused_with_what_is_left(
    manager: FlaskClient, ends: tuple[Property, Owner, Owner]
) -> None:
    house, jane, john = ends
    assert give(manager, house, jane, "70").status_code == 303
    refused = give(manager, house, john, "40", disbursement_percentage="30")
    assert refused.status_code == 422
    assert errors(refused) == {"ownership_percentage": "The other owners have 70% already: 30% is left."}
    assert give(manager, house, john, "30").status_code == 303
    assert "is missing" not in manager.get(f"/properties/{house.id}").text


def test_less_than_a_hundred_is_a_warning(manager: FlaskClient, ends: tuple[Property, Owner, Owner]) -> None:
    house, jane, _ = ends
    give(manager, house, jane, "80")
    assert "Ownership adds up to 80%: 20% is missing." in words(parsed(manager.get(f"/properties/{house.id}")))


def test_ties_from_buildium_have_no_percentages_yet(
    manager: FlaskClient, ends: tuple[Property, Owner, Owner], store: Store
) -> None:
    house, jane, _ = ends
    store(Ownership(owner_id=jane.id, property_id=house.id))
    assert "Ownership has no percentages yet." in words(parsed(manager.get(f"/properties/{house.id}")))


def test_an_owner_has_one_share_of_a_property(manager: FlaskClient, ends: tuple[Property, Owner, Owner]) -> None:
    house, jane, _ = ends
    give(manager, house, jane, "10")
    again = give(manager, house, jane, "10")
    assert again.status_code == 422
    assert errors(again)["owner_id"] == "This owner has a share of this property already."


def test_a_share_can_be_changed_within_what_is_left(
    manager: FlaskClient, ends: tuple[Property, Owner, Owner], stored: Stored
) -> None:
    house, jane, john = ends
    give(manager, house, jane, "70")
    give(manager, house, john, "30")
    share = next(each for each in stored(select(Ownership)) if each.owner_id == john.id)
    page = f"/ownerships/{share.id}/edit?property_id={house.id}"
    form = fields(manager.get(page))
    assert "owner_id" not in form
    assert manager.post(page, data={**form, "ownership_percentage": "31"}).status_code == 422
    assert manager.post(page, data={**form, "ownership_percentage": "25"}).location == f"/properties/{house.id}"


def test_removing_asks_first(manager: FlaskClient, ends: tuple[Property, Owner, Owner], stored: Stored) -> None:
    house, jane, _ = ends
    give(manager, house, jane, "70")
    (share,) = stored(select(Ownership))
    address = f"/ownerships/{share.id}/removal?property_id={house.id}"
    assert "Remove Jane Adams from Alder?" in manager.get(address).text
    response = manager.post(address)
    assert response.location == f"/properties/{house.id}"
    assert notices(manager.get(response.location))[-1] == "Jane Adams doesn’t own Alder any more."
    assert stored(select(Ownership)) == []


def test_the_last_property_of_an_owner_in_buildium_stays(manager: FlaskClient, store: Store, stored: Stored) -> None:
    house, owner = Property(name="Alder"), Owner(first_name="Jane", last_name="Adams", buildium_owner_id=9)
    store(house, owner)
    share = Ownership(owner_id=owner.id, property_id=house.id)
    store(share)
    page = manager.get(f"/ownerships/{share.id}/removal")
    assert "This is the owner’s only property" in page.text
    assert link(page, "Add a property") == f"/ownerships/new?owner_id={owner.id}"
    assert manager.post(f"/ownerships/{share.id}/removal").status_code == 409
    assert len(stored(select(Ownership))) == 1
