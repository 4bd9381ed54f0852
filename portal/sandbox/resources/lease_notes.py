"""Notes of a lease (MAPPING §4.5). They have no webhooks, and their lease doesn't change with them."""

from __future__ import annotations

from portal.sandbox.collection import Record
from portal.sandbox.filters import from_moment, ids, to_moment
from portal.sandbox.messages.leases import NoteSave
from portal.sandbox.messages.shared import moment_text
from portal.sandbox.resource import Answer, Area, Create, Resource, Update
from portal.sandbox.world import World


def _answer(world: World, note: Record) -> Answer:
    user = world.get("users", note["LastUpdatedByUserId"])
    by = None
    if user is not None:
        names = {name: user[name] for name in ("FirstName", "LastName")}
        changed = moment_text(note.updated)
        by = {"Id": user.id, **names, "Href": f"/v1/users/{user.id}", "UpdatedDateTime": changed}
    return {"Id": note.id, "Note": note["Note"], "LastUpdatedByUser": by}


def _create(world: World, body: NoteSave) -> Record:
    return world.insert("lease_notes", {"LeaseId": world.scope["LeaseId"], **body.model_dump(), **_author(world)})


def _update(world: World, note: Record, body: NoteSave) -> Record:
    return world.change(note, {**body.model_dump(), **_author(world)})


def _author(world: World) -> dict[str, int | None]:
    """The key belongs to whoever set it up: the account's first user."""
    return {"LastUpdatedByUserId": next((user.id for user in world.all("users")), None)}


LEASE_NOTES = Resource(
    kind="lease_notes",
    path="/v1/leases/{LeaseId}/notes",
    area=Area("Rentals > Leases"),
    answer=_answer,
    create=Create(NoteSave, _create),
    update=Update(NoteSave, _update),
    parents={"LeaseId": "leases"},
    indexes=("LeaseId",),
    title=lambda note: str(note["Note"])[:60],
    filters={
        "updateddatetimefrom": from_moment(lambda note: note.updated),
        "updateddatetimeto": to_moment(lambda note: note.updated),
        "lastupdatedbyuserid": ids(lambda world, note: [note["LastUpdatedByUserId"]]),
    },
)
