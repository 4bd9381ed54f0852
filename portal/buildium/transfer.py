"""Bytes of files, to and from the signed addresses of Buildium's storage provider (MAPPING, “Since then”, 3; §7).

These addresses are not Buildium's: the credentials are never sent there, and as whoever has an address has the file, no
address is ever logged.
"""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from portal.buildium.errors import RejectedError, RetryableError, StorageError

TIMEOUT = httpx.Timeout(60.0, connect=5.0)
MAXIMUM_BYTES = 50 * 1024 * 1024
EXPIRED = frozenset({400, 401, 403, 404, 410})


def send_bytes(address: str, headers: Mapping[str, str], content: bytes) -> None:
    """PUT the bytes with the headers exactly as received. Raises StorageError where a new ticket may help, and
    RejectedError for an address that can't be used."""
    kept = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    answer = exchange("PUT", address, {**kept, "content-type": "application/octet-stream"}, content)
    if answer.status_code != httpx.codes.OK:
        raise StorageError(f"Buildium's file storage answered {answer.status_code}.", answer.status_code)


def fetch_bytes(address: str) -> bytes:
    """The file behind a download address. Raises StorageError where it can't be had now."""
    answer = exchange("GET", address, {}, None)
    if answer.status_code != httpx.codes.OK:
        raise StorageError(f"Buildium's file storage answered {answer.status_code}.", answer.status_code)
    return answer.content


def exchange(method: str, address: str, headers: Mapping[str, str], content: bytes | None) -> httpx.Response:
    if not address.startswith(("https://", "http://")):
        raise RejectedError("Buildium's file storage gave an address that can't be used.")
    try:
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False) as client,
            client.stream(method, address, headers=dict(headers), content=content) as answer,
        ):
            chunks, size = [], 0
            for chunk in answer.iter_bytes():
                size += len(chunk)
                if size > MAXIMUM_BYTES:
                    raise RejectedError("The file in Buildium is larger than 50 MB.")
                chunks.append(chunk)
            return httpx.Response(answer.status_code, content=b"".join(chunks))
    except httpx.TransportError as error:
        raise RetryableError(f"Buildium's file storage can't be reached: {type(error).__name__}.") from error
    except httpx.InvalidURL as error:
        raise RejectedError("Buildium's file storage gave an address that can't be used.") from error
