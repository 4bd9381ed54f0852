"""Files that Buildium has: what there is under a record, and the bytes of one (MAPPING §7)."""

from __future__ import annotations

from portal.buildium.errors import BuildiumError as BuildiumError
from portal.buildium.errors import RetryableError
from portal.buildium.limiter import Lane
from portal.buildium.transfer import EXPIRED, fetch_bytes
from portal.sync.current import current_sync
from portal.sync.paths import Body


def files_at(path: str, lane: Lane = Lane.BULK) -> list[Body]:
    """Buildium's records of the files in the listing at `path`. Raises BuildiumError."""
    return list(current_sync().buildium.rows(path, {}, lane))


def bytes_at(path: str, lane: Lane = Lane.PEOPLE) -> bytes:
    """The bytes of the file at `path`. Raises BuildiumError.

    An address to download from lives for minutes and is never kept; one that has run out is asked for again, once.
    """
    try:
        return fetch_bytes(address_of(path, lane))
    except RetryableError as error:
        if error.status not in EXPIRED:
            raise
        return fetch_bytes(address_of(path, lane))


def address_of(path: str, lane: Lane) -> str:
    answer = current_sync().buildium.ask(f"{path}/downloadrequest", lane)
    address = answer.get("DownloadUrl")
    if not isinstance(address, str):
        raise RetryableError("Buildium gave no address to download the file from.")
    return address
