"""How not to do it: what many a sync does, in the place of the portal's push, so that the oracle can show its teeth.

A job per save with three tries; a create is repeated without looking whether it has happened; a change sends the local
row as it is, without asking what Buildium has by now.
"""

from __future__ import annotations

from collections.abc import Callable

from portal.buildium.errors import BuildiumError, UncertainError
from portal.sync import push
from portal.sync.bodies import update_body
from portal.sync.exchange import Push
from portal.sync.leases import Lease, settle
from portal.sync.resource import Body
from portal.sync.states import Event

TRIES = 3


class NaivePush(Push):
    def create(self, path: str, body: Body) -> None:
        answer = tried(lambda: self.buildium.create(path, body, self.lane))
        if not isinstance(answer.get("Id"), int):
            raise UncertainError("no id")
        self.agree(self.resource.tagged(answer), sent=True)

    def update(self, buildium_id: int) -> None:
        path, values = f"{self.resource.path}/{buildium_id}", update_body(self.resource, self.values)
        self.agree(self.resource.tagged(tried(lambda: self.buildium.replace(path, values, self.lane))), sent=True)


def tried(send: Callable[[], Body]) -> Body:
    for _ in range(TRIES - 1):
        try:
            return send()
        except BuildiumError:
            continue
    return send()


def given_up(lease: Lease, error: BuildiumError) -> None:
    settle(lease, Event.REFUSED, error_message=str(error), cause="three tries")


def install() -> None:
    for name, ours in {"Push": NaivePush, "settle_error": given_up}.items():
        setattr(push, name, ours)
