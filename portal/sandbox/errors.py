"""Refusals: how a request fails, and the one error body every failure has (MAPPING §1.6)."""

from __future__ import annotations

from typing import Any

_TITLES = {
    400: "The request is malformed.",
    401: "Authentication failed. Check the client id and secret.",
    403: "The API key does not have permission for this resource.",
    404: "The requested resource was not found.",
    405: "The method is not supported for this resource.",
    409: "The request conflicts with the current state of the resource.",
    413: "The request is too large.",
    415: "The Content-Type must be application/json.",
    422: "The request could not be processed.",
    429: "Too many requests. Try again later.",
    500: "An unexpected error occurred.",
    502: "Bad gateway.",
    503: "The service is unavailable.",
    504: "The gateway timed out.",
}


class RefusedError(Exception):
    """Ends a request with `status` and the standard error body. `errors` are (field, text) pairs."""

    def __init__(self, status: int, errors: list[tuple[str, str]] | None = None, message: str | None = None) -> None:
        super().__init__(message or f"{status}: {errors}")
        self.status = status
        self.errors = errors or []
        self.message = message
        self.headers: dict[str, str] = {}

    def body(self) -> dict[str, Any]:
        return error_body(self.status, self.errors, self.message)


def error_body(status: int, errors: list[tuple[str, str]] | None = None, message: str | None = None) -> dict[str, Any]:
    """`{UserMessage, ErrorCode, Errors}` for a status. No error codes are documented, so ours is the status."""
    return {
        "UserMessage": message or _TITLES.get(status, "The request failed."),
        "ErrorCode": str(status),
        "Errors": [{"Key": key, "Value": text} for key, text in errors or []],
    }


def broken_rule(field: str, text: str) -> RefusedError:
    """A business rule of Buildium's refuses the value of `field` (422)."""
    return RefusedError(422, [(field, text)])
