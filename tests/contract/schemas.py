"""Reading Buildium's messages: every place in one, as a dotted path, with what the document says about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.sandbox.referee import message_of

Schema = dict[str, Any]
PARAMETER = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Place:
    """One property of a message: `required` inside its own object, `written` where the object itself must be sent."""

    path: str
    schema: Schema
    required: bool
    is_leaf: bool

    @property
    def longest(self) -> int | None:
        found: int | None = self.schema.get("maxLength", self.schema.get("x-maxLength"))
        return found

    @property
    def shortest(self) -> int:
        """The least number of characters; 1 is what every non-empty text has."""
        return int(self.schema.get("minLength") or self.schema.get("x-minLength") or 1)

    @property
    def choices(self) -> frozenset[str] | None:
        values = self.schema.get("enum")
        return frozenset(each for each in values if each is not None) if values else None


class Document:
    """Buildium's document: the messages behind a path and a verb. Ids in paths are written {}."""

    def __init__(self, specification: Schema) -> None:
        self.paths: dict[str, Any] = {PARAMETER.sub("{}", path): each for path, each in specification["paths"].items()}
        self._schemas: dict[str, Schema] = specification["components"]["schemas"]

    def request(self, path: str, method: str, lists: frozenset[str] = frozenset()) -> dict[str, Place]:
        """The places of a request, by path; empty where there is no such request. Those of `lists` are walked into."""
        operation = self.paths.get(path, {}).get(method)
        return {} if operation is None else self.places({"$ref": message_of(operation)}, lists)

    def answer(self, path: str, lists: frozenset[str] = frozenset()) -> dict[str, Place]:
        """The places of one record in the answers of GET."""
        content = self.paths[path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        return self.places(content.get("items", content), lists)

    def places(self, schema: Schema, lists: frozenset[str] = frozenset()) -> dict[str, Place]:
        return {place.path: place for place in self._walk(schema, "", lists)}

    def item_path(self, path: str) -> str:
        """The path of one record of that listing, such as /v1/rentals/{}."""
        found = path + "/{}"
        assert found in self.paths
        return found

    def filters(self, path: str) -> set[str]:
        return {each["name"] for each in self.paths[path]["get"].get("parameters", ()) if each["in"] == "query"}

    def _walk(self, schema: Schema, path: str, lists: frozenset[str]) -> Iterator[Place]:
        whole = self._resolved(schema)
        if path in lists:
            whole = self._resolved(whole["items"])
        required = whole.get("required", ())
        for name, inner in whole.get("properties", {}).items():
            here = f"{path}.{name}" if path else name
            resolved = self._resolved(inner)
            yield Place(here, resolved, name in required, "properties" not in resolved and here not in lists)
            yield from self._walk(resolved, here, lists)

    def _resolved(self, schema: Schema) -> Schema:
        """Without references: `allOf` holds one message, `anyOf` one message or null."""
        while True:
            if "$ref" in schema:
                schema = self._schemas[schema["$ref"].rpartition("/")[2]]
            elif wrapped := schema.get("allOf") or schema.get("anyOf"):
                schema = wrapped[0]
            else:
                return schema
