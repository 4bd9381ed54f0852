"""Where the bytes of files lie: in a folder, or in memory where the sandbox keeps nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path


class Shelf:
    """Bytes by the physical name of their file. With `folder` None they last as long as the program."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._in_memory: dict[str, bytes] = {}

    def put(self, name: str, content: bytes) -> None:
        """Keep the bytes, in place of earlier ones. Raises OSError where the disk doesn't take them."""
        if self._folder is None:
            self._in_memory[name] = content
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        path = _path(self._folder, name)
        fresh = path.with_suffix(".new")
        fresh.write_bytes(content)
        fresh.replace(path)

    def get(self, name: str) -> bytes | None:
        """The bytes that were put under this name, or None."""
        if self._folder is None:
            return self._in_memory.get(name)
        path = _path(self._folder, name)
        return path.read_bytes() if path.exists() else None

    def clear(self) -> None:
        """Throw everything away."""
        self._in_memory.clear()
        for path in self._folder.glob("*") if self._folder else ():
            path.unlink()


def _path(folder: Path, name: str) -> Path:
    # A digest, so that no name can lead out of the folder.
    return folder / hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
