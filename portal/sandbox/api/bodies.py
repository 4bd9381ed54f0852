"""Reading a request body: content type, JSON, and the message's schema, with Buildium's status for each failure."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from werkzeug.wrappers import Request

from portal.sandbox.errors import RefusedError
from portal.sandbox.messages.base import Message
from portal.sandbox.switches import Switches

# Lengths answer 422; what is missing, unknown, of the wrong type or outside an enum answers 400 (MAPPING §11).
_LENGTHS = frozenset({"string_too_long", "string_too_short", "too_long", "too_short"})


def read_message(request: Request, message: type[Message], switches: Switches) -> Message:
    """The validated message of a request. Raises RefusedError 415, 400 or 422."""
    if request.mimetype != "application/json":
        raise RefusedError(415)
    return validated(request.get_data(), message, switches)


def validated(raw: bytes, message: type[Message], switches: Switches) -> Message:
    try:
        return message.model_validate_json(raw)
    except ValidationError as error:
        raise _refusal(error, switches) from None


def _refusal(error: ValidationError, switches: Switches) -> RefusedError:
    details = error.errors(include_url=False, include_context=False, include_input=False)
    only_lengths = all(detail["type"] in _LENGTHS for detail in details)
    status = switches.length_status if only_lengths else switches.schema_status
    return RefusedError(status, [(_field(detail["loc"]), detail["msg"]) for detail in details])


def _field(location: tuple[Any, ...]) -> str:
    """`("Units", 0, "Address")` as `Units[0].Address`."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
