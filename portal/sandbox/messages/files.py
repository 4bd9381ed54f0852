"""The messages of files (MAPPING top section, §7)."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from portal.sandbox.messages.base import Int32, Message

_Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class FileName(Message):
    FileName: _Name


class FilePut(Message):
    Title: _Name
    Description: Annotated[str, StringConstraints(max_length=65_000)] | None = None
    CategoryId: Int32
