"""Files that people upload: their bytes in a folder of ours, under names of ours.

`storage().keep(stream, name)` looks at the bytes and takes only kinds of files that are wanted. What it returns goes
into the columns of the record: `file_name`, `file_type`, `file_size`, and the key into `file_url`. A key is a UUID with
the file's ending, so nothing that a person typed is part of a path. `storage().path(key)` is where the bytes are.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast
from uuid import uuid4

from flask import Flask, current_app

from portal.config import Settings, portal_home

MEGABYTE = 1024 * 1024
CHUNK = 64 * 1024
LOOKED_AT = 4096
LONGEST_NAME = 255
KEY = re.compile(r"[0-9a-f]{32}\.[a-z0-9]{2,5}")
CONTROL = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


class FileRefusedError(Exception):
    """The file isn't kept. The message is a sentence for the person who chose it."""


@dataclass(frozen=True)
class Kept:
    """A file that is stored: its key, the name people know it by, its kind and its size in bytes."""

    key: str
    name: str
    content_type: str
    size: int


def begins(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda start: start.startswith(signatures)


def is_media(start: bytes) -> bool:
    return start[4:8] == b"ftyp"


def is_webp(start: bytes) -> bool:
    return start[:4] == b"RIFF" and start[8:12] == b"WEBP"


def is_text(start: bytes) -> bool:
    """Readable, and no page or picture that a browser would run."""
    try:
        words = start.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start < len(start) - 3:
            return False
        words = start[: error.start].decode("utf-8-sig")
    return not CONTROL.search(re.sub(r"[\t\r\n\f]", "", words)) and not words.lstrip().startswith("<")


JPEG, ZIP, OLD_OFFICE = begins(b"\xff\xd8\xff"), begins(b"PK\x03\x04"), begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
OPEN_XML = "application/vnd.openxmlformats-officedocument."

# By the ending of the name: the content type, and whether the first bytes are of that kind.
KINDS: dict[str, tuple[str, Callable[[bytes], bool]]] = {
    "pdf": ("application/pdf", lambda start: b"%PDF-" in start[:1024]),
    "jpg": ("image/jpeg", JPEG),
    "jpeg": ("image/jpeg", JPEG),
    "png": ("image/png", begins(b"\x89PNG\r\n\x1a\n")),
    "gif": ("image/gif", begins(b"GIF87a", b"GIF89a")),
    "webp": ("image/webp", is_webp),
    "heic": ("image/heic", is_media),
    "tif": ("image/tiff", begins(b"II*\x00", b"MM\x00*")),
    "tiff": ("image/tiff", begins(b"II*\x00", b"MM\x00*")),
    "mp4": ("video/mp4", is_media),
    "mov": ("video/quicktime", is_media),
    "doc": ("application/msword", OLD_OFFICE),
    "xls": ("application/vnd.ms-excel", OLD_OFFICE),
    "docx": (f"{OPEN_XML}wordprocessingml.document", ZIP),
    "xlsx": (f"{OPEN_XML}spreadsheetml.sheet", ZIP),
    "txt": ("text/plain", is_text),
    "csv": ("text/csv", is_text),
}
ENDINGS = ", ".join(KINDS)


class Storage:
    """A folder of files, at most `most` bytes each."""

    def __init__(self, folder: Path, most: int) -> None:
        self.folder, self.most = folder.absolute(), most

    def keep(self, stream: IO[bytes], name: str) -> Kept:
        """Store what can be read from the stream. It is there for good when this returns.

        Raises FileRefusedError for a kind that isn't wanted, an empty file and one that is too large.
        """
        shown, ending = named(name)
        start = stream.read(LOOKED_AT)
        content_type = kind_of(ending, start)
        key = f"{uuid4().hex}.{ending}"
        place = self.path(key)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
            try:
                size = self.copy(start, stream, file)
            except BaseException:
                os.unlink(file.name)
                raise
        os.replace(file.name, place)
        return Kept(key, shown, content_type, size)

    def path(self, key: str) -> Path:
        """Where the file of this key is. Raises KeyError for what is no key of ours."""
        if not KEY.fullmatch(key):
            raise KeyError(key)
        return self.folder / key[:2] / key

    def remove(self, key: str) -> None:
        """Forget the file; nothing happens where it is gone already."""
        self.path(key).unlink(missing_ok=True)

    def copy(self, start: bytes, stream: IO[bytes], file: IO[bytes]) -> int:
        size = 0
        for chunk in chunks(start, stream):
            size += len(chunk)
            if size > self.most:
                raise FileRefusedError(f"The file is larger than {self.most // MEGABYTE} MB, the most that is taken.")
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
        return size


def start(app: Flask, settings: Settings) -> None:
    folder = settings.files_folder or portal_home(os.environ) / "files"
    app.extensions["storage"] = Storage(folder, settings.file_megabytes * MEGABYTE)


def storage() -> Storage:
    """The storage of the running app."""
    return cast(Storage, current_app.extensions["storage"])


def named(name: str) -> tuple[str, str]:
    """(the name as people will see it, its ending). Raises FileRefusedError."""
    shown = CONTROL.sub("", re.split(r"[/\\]", name)[-1]).strip().lstrip(".")
    stem, dot, ending = shown.rpartition(".")
    if ending.lower() not in KINDS or not stem:
        raise FileRefusedError(f"Files of this kind aren’t taken. Choose one of: {ENDINGS}.")
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}{dot}{ending}", ending.lower()


def kind_of(ending: str, start: bytes) -> str:
    """The content type, worked out from the bytes; what the browser says about them is never asked."""
    content_type, fits = KINDS[ending]
    if not start:
        raise FileRefusedError("The file is empty.")
    if not fits(start):
        raise FileRefusedError(f"The file ends in .{ending}, but isn’t such a file. Save it again, or choose another.")
    return content_type


def chunks(start: bytes, stream: IO[bytes]) -> Iterator[bytes]:
    chunk = start
    while chunk:
        yield chunk
        chunk = stream.read(CHUNK)
