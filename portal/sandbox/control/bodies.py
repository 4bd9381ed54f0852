"""Reading the JSON bodies of the control API; mistakes in them answer 400 with the field named."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from portal.sandbox.errors import RefusedError


def object_body() -> dict[str, Any]:
    """The JSON object of the request; no body is an empty one."""
    body = request.get_json(silent=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise RefusedError(400, message="The body must be a JSON object.")
    return body


M = TypeVar("M", bound=BaseModel)


def checked(message: type[M], body: dict[str, Any] | None = None) -> M:
    """The request's JSON object, or the given one, as a message."""
    try:
        return message.model_validate(object_body() if body is None else body)
    except ValidationError as error:
        raise refusal(error) from None


def refusal(error: ValidationError) -> RefusedError:
    details = error.errors(include_url=False, include_context=False, include_input=False)
    return RefusedError(400, [(".".join(map(str, detail["loc"])), detail["msg"]) for detail in details])
