"""Reading a PATCH body: a list of operations (RFC 6902) on the document that a resource offers (MAPPING §4.10)."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from werkzeug.wrappers import Request

from portal.sandbox.api.bodies import validated
from portal.sandbox.collection import Record
from portal.sandbox.errors import RefusedError
from portal.sandbox.messages.base import Message
from portal.sandbox.resource import Patch
from portal.sandbox.switches import Switches

_CONTENT_TYPES = ("application/json", "application/json-patch+json")


class Operation(BaseModel):
    """One step. Members it doesn't need are ignored (RFC 6902, 4); an absent `value` differs from null."""

    model_config = ConfigDict(extra="ignore", strict=True)

    op: str
    path: str
    value: Any = None

    def given(self) -> Any:
        if "value" not in self.model_fields_set:
            raise _bad(self, f"The operation '{self.op}' needs a value.")
        return copy.deepcopy(self.value)


_OPERATIONS = TypeAdapter(list[Operation])


def patched(request: Request, patch: Patch, record: Record, switches: Switches) -> Message:
    """The message that the operations of a request make of a record, all of them or none.

    Raises RefusedError 415 for another content type, 400 for what is no list of operations or leads nowhere,
    409 for a failed `test`, and what any message raises for the outcome."""
    if request.mimetype not in _CONTENT_TYPES:
        raise RefusedError(415)
    document: Any = copy.deepcopy(patch.document(record))
    for operation in _operations(request.get_data()):
        document = _applied(document, operation)
    return validated(json.dumps(document).encode(), patch.message, switches)


def _operations(raw: bytes) -> list[Operation]:
    try:
        return _OPERATIONS.validate_json(raw)
    except ValidationError:
        raise RefusedError(400, message="The body must be a JSON array of operations with op and path.") from None


def _applied(document: Any, operation: Operation) -> Any:
    step = _STEPS.get(operation.op)
    if step is None:
        raise _bad(operation, f"The operation '{operation.op}' is not one of {', '.join(_STEPS)}.")
    if not operation.path:
        raise _bad(operation, "The document as a whole can't be addressed.")
    parts = [part.replace("~1", "/").replace("~0", "~") for part in operation.path.split("/")]
    if parts[0]:
        raise _bad(operation, "A path begins with '/'.")
    parent = document
    for part in parts[1:-1]:
        parent = parent[_place(parent, part, operation)]
    step(parent, parts[-1], operation)
    return document


def _add(parent: Any, last: str, operation: Operation) -> None:
    if not isinstance(parent, list):
        parent[_place(parent, last, operation)] = operation.given()
    elif last == "-":
        parent.append(operation.given())
    else:
        parent.insert(_index(last, len(parent), operation), operation.given())


def _remove(parent: Any, last: str, operation: Operation) -> None:
    place = _place(parent, last, operation)
    if isinstance(parent, list):
        del parent[place]
    else:
        # Every field of the document is there, so a removed one is an empty one.
        parent[place] = None


def _replace(parent: Any, last: str, operation: Operation) -> None:
    parent[_place(parent, last, operation)] = operation.given()


def _test(parent: Any, last: str, operation: Operation) -> None:
    found, wanted = parent[_place(parent, last, operation)], operation.given()
    # In Python true equals 1; in JSON it doesn't.
    if found != wanted or isinstance(found, bool) is not isinstance(wanted, bool):
        raise RefusedError(409, [(operation.path, "The value is another than the one tested for.")])


_STEPS: dict[str, Callable[[Any, str, Operation], None]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "test": _test,
}


def _place(parent: Any, part: str, operation: Operation) -> Any:
    """The key or index of an existing part of an object or list."""
    if isinstance(parent, list):
        return _index(part, len(parent) - 1, operation)
    if isinstance(parent, dict) and part in parent:
        return part
    raise _bad(operation, f"There is no '{part}'.")


def _index(part: str, highest: int, operation: Operation) -> int:
    usual = part.isascii() and part.isdecimal() and (part == "0" or not part.startswith("0"))
    if not usual or len(part) > 6 or int(part) > highest:
        raise _bad(operation, f"There is no item '{part}'.")
    return int(part)


def _bad(operation: Operation, text: str) -> RefusedError:
    return RefusedError(400, [(operation.path, text)])
