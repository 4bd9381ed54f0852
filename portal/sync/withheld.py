"""A client that asks Buildium everything and tells it nothing: what would change something there is only noted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.buildium.client import Body, Buildium, Query
from portal.buildium.limiter import Lane


@dataclass(frozen=True)
class Request:
    """One request that wasn't sent, as it would have been."""

    method: str
    path: str
    body: Any


class Withholding(Buildium):
    """Every call goes through `_send`, so nothing but a GET can get past it. What is withheld counts as answered {}."""

    def __init__(self, inner: Buildium) -> None:
        self._inner = inner
        self.requests: list[Request] = []

    def _send(
        self,
        method: str,
        path: str,
        body: Body | list[Body] | None,
        query: Query,
        lane: Lane,
        *,
        repeatable: bool = False,
    ) -> tuple[Any, int | None]:
        if method == "GET":
            return self._inner._send(method, path, body, query, lane, repeatable=repeatable)
        self.requests.append(Request(method, path, body))
        return {}, None
