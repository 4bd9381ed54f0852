"""Local ids ↔ Buildium ids, asked of the database once per page of records and not once per record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from portal.extensions import db
from portal.sync.current import current_sync


class Identities:
    """Remembers what it was asked; lives as long as one push or one page of a pull."""

    def __init__(self) -> None:
        self._remote: dict[tuple[str, str], int | None] = {}
        self._local: dict[tuple[str, int], Any] = {}

    def remote(self, resource: str, local_id: Any) -> int | None:
        """The Buildium id of our record, None while it has none."""
        key = (resource, str(local_id))
        if key not in self._remote:
            self.load(resource, local_ids=[local_id])
        return self._remote.get(key)

    def local(self, resource: str, remote_id: int) -> Any:
        """Our id of Buildium's record, None where we don't have it."""
        key = (resource, remote_id)
        if key not in self._local:
            self.load(resource, remote_ids=[remote_id])
        return self._local.get(key)

    def known(self, resource: str) -> list[Any]:
        """Our ids of this resource that were asked for so far."""
        return [local for (name, _), local in self._local.items() if name == resource and local is not None]

    def load(self, resource: str, *, local_ids: Iterable[Any] = (), remote_ids: Iterable[int] = ()) -> None:
        kind = current_sync().resource(resource)
        own, theirs = kind.model.id, getattr(kind.model, kind.id_column)
        wanted, known = set(local_ids), set(remote_ids)
        self._remote.update(dict.fromkeys([(resource, str(each)) for each in wanted]))
        self._local.update(dict.fromkeys([(resource, each) for each in known]))
        condition = own.in_(wanted) if wanted else theirs.in_(known)
        for local_id, remote_id in db.session.execute(select(own, theirs).where(condition)):
            self._remote[resource, str(local_id)] = remote_id
            if remote_id is not None:
                self._local[resource, remote_id] = local_id
