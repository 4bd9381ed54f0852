"""Buildium's REST API over HTTP. Knows requests, answers and errors; knows nothing of our records."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

from portal.buildium.answers import check, json_body
from portal.buildium.errors import BuildiumError, MissingError, RetryableError, ThrottledError, UncertainError
from portal.buildium.limiter import Lane, Limiter

Body = dict[str, Any]
Query = Mapping[str, str | int | Sequence[str | int]]

PAGE_SIZE = 1000
MAXIMUM_BYTES = 10 * 1024 * 1024
CONNECT, READ, TOTAL = 5.0, 15.0, 30.0


@dataclass(frozen=True)
class Exchange:
    """One call as it went: `status` and `answer` are None where no answer came."""

    method: str
    path: str
    query: Query
    request: Any
    status: int | None
    answer: Any
    error: BuildiumError | None
    milliseconds: int
    lane: Lane


@dataclass(frozen=True)
class Page:
    """One page of a listing, and the number of all rows where Buildium said it."""

    rows: list[Body]
    total: int | None


class Buildium:
    """A client of one account. Each call waits for the limiter, has a deadline, and is told to `on_exchange`."""

    def __init__(
        self,
        url: str,
        client_id: str,
        secret: str,
        *,
        limiter: Limiter,
        on_exchange: Callable[[Exchange], None],
    ) -> None:
        self._http = httpx.Client(
            base_url=url,
            headers={
                "x-buildium-client-id": client_id,
                "x-buildium-client-secret": secret,
                "content-type": "application/json",
            },
            timeout=httpx.Timeout(READ, connect=CONNECT),
            follow_redirects=False,
        )
        self._limiter = limiter
        self._on_exchange = on_exchange

    def get(self, path: str, lane: Lane = Lane.PEOPLE) -> Body:
        return self._object("GET", path, lane=lane)

    def create(self, path: str, body: Body, lane: Lane = Lane.PEOPLE) -> Body:
        """POST a new record. Raises UncertainError where it may exist although no clean answer came."""
        return self._object("POST", path, body, lane=lane)

    def replace(self, path: str, body: Body, lane: Lane = Lane.PEOPLE) -> Body:
        return self._object("PUT", path, body, lane=lane)

    def patch(self, path: str, changes: list[Body], lane: Lane = Lane.PEOPLE) -> Body:
        """PATCH with operations of RFC 6902. They only replace values, so that they may be repeated."""
        answer, _ = self._send("PATCH", path, changes, {}, lane)
        if not isinstance(answer, dict):
            raise RetryableError(f"Buildium's answer to PATCH {path} is no record.", 200)
        return answer

    def remove(self, path: str, lane: Lane = Lane.PEOPLE) -> None:
        """DELETE. What is gone already counts as removed."""
        with suppress(MissingError):
            self._send("DELETE", path, None, {}, lane)

    def command(self, path: str, lane: Lane = Lane.PEOPLE) -> None:
        """POST a request that may be repeated and answers nothing, such as an inactivation."""
        self._send("POST", path, None, {}, lane, repeatable=True)

    def ask(self, path: str, lane: Lane = Lane.PEOPLE) -> Body:
        """POST a request without a body that changes nothing, such as for an address to download from."""
        answer, _ = self._send("POST", path, None, {}, lane, repeatable=True)
        if not isinstance(answer, dict):
            raise RetryableError(f"Buildium's answer to POST {path} is no record.", 200)
        return answer

    def page(self, path: str, query: Query, offset: int = 0, lane: Lane = Lane.BULK, *, paged: bool = True) -> Page:
        """Up to 1,000 rows by ascending Id, so that no page overlaps another (MAPPING §1.2); a listing without pages
        gives all of its rows."""
        window = {**query, "orderby": "Id asc", "limit": PAGE_SIZE, "offset": offset} if paged else query
        answer, total = self._send("GET", path, None, window, lane)
        if not isinstance(answer, list) or not all(isinstance(row, dict) for row in answer):
            raise RetryableError(f"Buildium's answer to GET {path} is no list of records.", 200)
        return Page(answer, total if paged else len(answer))

    def rows(self, path: str, query: Query, lane: Lane = Lane.BULK, *, paged: bool = True) -> Iterator[Body]:
        """Every row of a listing, however many pages it takes."""
        offset = 0
        while True:
            page = self.page(path, query, offset, lane, paged=paged)
            yield from page.rows
            offset += len(page.rows)
            if is_last(page, offset):
                return

    def _object(self, method: str, path: str, body: Body | None = None, *, lane: Lane) -> Body:
        answer, _ = self._send(method, path, body, {}, lane)
        if not isinstance(answer, dict):
            kind = UncertainError if method == "POST" else RetryableError
            raise kind(f"Buildium's answer to {method} {path} is no record.", 200)
        return answer

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
        """The parsed answer and X-Total-Count; every outcome is told to `on_exchange` before it is returned."""
        self._limiter.wait(lane)
        began = time.monotonic()
        status, answer, total, problem = None, None, None, None
        try:
            repeatable = repeatable or method != "POST"
            lost = RetryableError if repeatable else UncertainError
            status, answer, total = self._exchange(method, path, body, query, lost)
            check(method, path, status, answer, repeatable=repeatable)
        except BuildiumError as error:
            problem = error
            status = status if status is not None else error.status
            if isinstance(error, ThrottledError):
                self._limiter.pause(error.retry_after or 0.2)
            raise
        finally:
            spent = round((time.monotonic() - began) * 1000)
            self._on_exchange(Exchange(method, path, query, body, status, answer, problem, spent, lane))
        return answer, total

    def _exchange(
        self, method: str, path: str, body: Body | list[Body] | None, query: Query, lost: type[BuildiumError]
    ) -> tuple[int, Any, int | None]:
        try:
            with self._http.stream(method, path, content=encoded(body), params=params(query)) as response:
                raw = read(response, lost)
                answer = json_body(method, path, response, raw, lost)
                return response.status_code, answer, whole(response.headers.get("x-total-count"))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise RetryableError("Buildium can't be reached.") from error
        except httpx.TransportError as error:
            raise lost(f"The connection to Buildium broke: {type(error).__name__}.") from error
        except httpx.InvalidURL as error:
            raise RetryableError("BUILDIUM_BASE_URL is no usable address.") from error


def read(response: httpx.Response, lost: type[BuildiumError]) -> bytes:
    """The body, bounded in size and in time; `lost` is raised where either bound is passed."""
    deadline, chunks, size = time.monotonic() + TOTAL, [], 0
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > MAXIMUM_BYTES:
            raise lost("Buildium's answer is larger than 10 MB.", response.status_code)
        if time.monotonic() > deadline:
            raise lost("Buildium's answer took longer than 30 seconds.", response.status_code)
        chunks.append(chunk)
    return b"".join(chunks)


def is_last(page: Page, received: int) -> bool:
    """A short page ends a listing; a full one does too where the total says so (MAPPING §1.2)."""
    return len(page.rows) < PAGE_SIZE if page.total is None else not page.rows or received >= page.total


def params(query: Query) -> httpx.QueryParams:
    """Buildium wants a key repeated for each value of a list; httpx does that."""
    return httpx.QueryParams(
        {key: value if isinstance(value, str | int) else list(value) for key, value in query.items()}
    )


def whole(header: str | None) -> int | None:
    return int(header) if header and header.isascii() and header.isdigit() else None


def encoded(body: Body | list[Body] | None) -> bytes | None:
    return None if body is None else json.dumps(body, ensure_ascii=False).encode()
