"""The specification as a referee: every answer a test gets is checked against it, and accepted requests too.

The document isn't part of the repository: BUILDIUM_SUBSET names it, else it is looked for beside the checkout.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import httpx
from openapi_schema_validator import OAS30Validator, oas30_format_checker

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "buildium" / "buildium-subset.json"
_LIMITS = ("maxLength", "minLength", "maxItems", "minItems")
# Long lists are checked in part: their items come out of the same function.
_CHECKED_ITEMS = 15
# Verbs nobody documented answer 405, and every operation may answer these.
_EVERYWHERE = {"404", "405", "429", "500", "501", "502", "503", "504"}


def specification_path() -> Path:
    return Path(os.environ.get("BUILDIUM_SUBSET", _BESIDE))


class Referee:
    """Checks answers with `check`, and tells with `is_valid` whether a request body is legal."""

    def __init__(self, path: Path) -> None:
        specification = json.loads(path.read_text(encoding="utf-8"))
        self._components = _with_limits(specification["components"])
        self.paths: dict[str, Any] = specification["paths"]
        # Literal segments win over ids, as in any router.
        ordered = sorted(self.paths, key=lambda template: template.count("{"))
        self._patterns = [(re.compile(re.sub(r"\{\w+\}", r"\\d+", template)), template) for template in ordered]
        self._validators: dict[str, Any] = {}
        self.seen: set[tuple[str, str, str]] = set()

    def check(self, response: httpx.Response) -> None:
        """Fails the test when the answer, or an accepted request, isn't as specified."""
        operation = self.operation(response.request.method, response.request.url.path)
        if operation is None:
            return
        method, template, described = operation
        status = str(response.status_code)
        self.seen.add((method, template, status))
        assert status in described["responses"] or status in _EVERYWHERE, (
            f"{method} {template} must not answer {status}"
        )
        response.read()
        self._check_body(described["responses"].get(status, {}), response)
        # A PATCH takes a list of operations on the object that is described (MAPPING §4.10).
        says_its_body = "requestBody" in described and method != "PATCH"
        if response.is_success and response.request.content and says_its_body:
            assert self.is_valid(message_of(described), json.loads(response.request.content)), (
                "accepted an illegal body"
            )

    def operation(self, method: str, path: str) -> tuple[str, str, dict[str, Any]] | None:
        for pattern, template in self._patterns:
            if pattern.fullmatch(path) and method.lower() in self.paths[template]:
                return method, template, self.paths[template][method.lower()]
        return None

    def is_valid(self, message: str, body: Any) -> bool:
        return bool(self._validator({"$ref": message}).is_valid(body))

    def _check_body(self, described: dict[str, Any], response: httpx.Response) -> None:
        schema = described.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            assert response.status_code != 204 or not response.content
            return
        body = response.json()
        self._validator(schema).validate(body[:_CHECKED_ITEMS] if isinstance(body, list) else body)
        for name in described.get("headers", {}):
            assert name in response.headers or name == "Link", f"the header {name} is missing"

    def _validator(self, schema: dict[str, Any]) -> Any:
        key = json.dumps(schema)
        if key not in self._validators:
            self._validators[key] = OAS30Validator(
                {**schema, "components": self._components}, format_checker=oas30_format_checker
            )
        return self._validators[key]


def message_of(operation: dict[str, Any]) -> str:
    """The reference of an operation's request message."""
    content = operation["requestBody"]["content"]["application/json"]["schema"]
    return str(content.get("$ref") or content["allOf"][0]["$ref"])


def _with_limits(node: Any) -> Any:
    """`x-maxLength` and the like hold what the original says in prose; here they count."""
    if isinstance(node, list):
        return [_with_limits(item) for item in node]
    if not isinstance(node, dict):
        return node
    limits = {name: node[f"x-{name}"] for name in _LIMITS if f"x-{name}" in node}
    return {**{name: _with_limits(value) for name, value in node.items()}, **limits}
