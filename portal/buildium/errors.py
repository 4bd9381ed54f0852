"""What went wrong at Buildium, named by what to do about it (MAPPING §1.5)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One entry of Buildium's `Errors`: the key of the field and what Buildium says about it."""

    key: str
    message: str


class BuildiumError(Exception):
    """Buildium did not do what was asked. `status` is the HTTP status, or None where no answer came."""

    def __init__(self, message: str, status: int | None = None, fields: tuple[FieldError, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.fields = fields


class RetryableError(BuildiumError):
    """Nothing happened at Buildium, or it may safely happen again: the same request may work later."""

    def __init__(self, message: str, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message, status)
        self.retry_after = retry_after


class StorageError(RetryableError):
    """The storage of files, which isn't Buildium's own, didn't take or give one: it says nothing of the connection."""


class ThrottledError(RetryableError):
    """Too many requests: waiting, never a failure."""


class NotYetError(RetryableError):
    """What was sent has been taken, but can't be seen yet: look again, which is no failure either."""


class AccountError(RetryableError):
    """The whole connection is refused (401) or closed for maintenance (503): no record is to blame."""


class UncertainError(BuildiumError):
    """A create was sent and its outcome is unknown: look before sending it again."""


class RejectedError(BuildiumError):
    """Buildium understood and refused: somebody has to change the data."""


class ForbiddenError(RejectedError):
    """The key lacks a permission, or has no access to this record."""


class MissingError(BuildiumError):
    """There is no such record at Buildium."""
