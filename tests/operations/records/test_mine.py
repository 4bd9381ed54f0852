"""What needs the person who looks: records that she changed herself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from portal.acting import Actor, Role
from portal.entities.properties.model import Property
from portal.extensions import db
from portal.sync.models import SyncStatus
from tests.people import MACHINE, make_user, sign_in, speaking_as
from tests.web.pages import link, parsed, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session, scoped_session


def changed(who: Any, name: str, state: str) -> None:
    """A property that this person has saved, and how it stands against Buildium now."""
    with speaking_as(Actor.person(who.id, who.name, Role(who.role))):
        house = Property(name=name)
        db.session.add(house)
        db.session.commit()
        entity_id = str(house.id)
    with speaking_as(MACHINE):
        mine = SyncStatus.entity_id == entity_id
        found = db.session.execute(update(SyncStatus).where(mine).values(sync_status=state, record_name=name))
        if not found.rowcount:  # type: ignore[attr-defined]
            db.session.add(SyncStatus(entity_type="property", entity_id=entity_id, sync_status=state, record_name=name))
        db.session.commit()


@pytest.mark.usefixtures("session")
def test_what_i_changed_and_needs_somebody_is_counted_and_listed(
    client: FlaskClient, session: scoped_session[Session]
) -> None:
    me, other = make_user("staff"), make_user("staff")
    changed(me, "Mine refused", "failed")
    changed(me, "Mine in step", "synced")
    changed(other, "Another’s", "failed")
    sign_in(client, user=me)
    page = client.get("/")
    address = link(page, "1 Records you changed that need somebody")
    assert address == "/sync/records?mine=yes"
    listed = words(parsed(client.get(address)))
    assert "Mine refused" in listed
    assert "Another’s" not in listed
    assert "Mine in step" not in listed


@pytest.mark.usefixtures("session")
def test_nobody_is_bothered_with_what_others_changed(client: FlaskClient) -> None:
    changed(make_user("staff"), "Another’s", "failed")
    sign_in(client, user=make_user("staff"))
    assert "Records you changed" not in client.get("/").text
