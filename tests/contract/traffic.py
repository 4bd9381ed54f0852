"""What our client sends and the sandbox answers, as it goes over the wire, judged by Buildium's document."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import httpx
from openapi_schema_validator import OAS30Validator, oas30_format_checker

from portal.sync.current import current_sync
from tests.sandbox.referee import Referee, message_of

LONGEST_QUERY = 4096
FAULT = "x-sandbox-fault"  # an answer that a test has spoiled on purpose says nothing of the sandbox


class Traffic:
    """The calls of one test. `referee` knows the document; `judge` fails the test for the first word out of place."""

    def __init__(self, referee: Referee) -> None:
        self._referee = referee
        self.answers: list[httpx.Response] = []
        self.counts: Counter[str] = Counter()

    def heard(self, response: httpx.Response) -> None:
        if FAULT not in response.headers:
            response.read()
            self.answers.append(response)

    def judge(self) -> None:
        """Check every call since the last time: requests whatever came of them, and every answer."""
        for response in self.answers:
            judge_request(self._referee, response.request)
            self._referee.check(response)
            method, template, _ = operation_of(self._referee, response.request)
            self.counts[f"{method} {template} → {response.status_code}"] += 1
        self.answers.clear()

    def bodies(self, method: str, path: str) -> list[dict[str, Any]]:
        """What was sent so and not judged yet; `path` is that of the listing or of one record."""
        asked = [each.request for each in self.answers]
        found = [each for each in asked if each.method == method and each.url.path == path]
        return [json.loads(each.content) for each in found if each.content]


@contextmanager
def listening(traffic: Traffic) -> Iterator[None]:
    """Hear every answer our client gets until the block ends."""
    hooks = current_sync().buildium._http.event_hooks["response"]
    hooks.append(traffic.heard)
    try:
        yield
    finally:
        hooks.remove(traffic.heard)


def operation_of(referee: Referee, request: httpx.Request) -> tuple[str, str, dict[str, Any]]:
    found = referee.operation(request.method, request.url.path)
    assert found, f"Buildium has no {request.method} {request.url.path}"
    return found


def judge_request(referee: Referee, request: httpx.Request) -> None:
    """Fails for a request that Buildium's document does not describe, or that lacks what every request needs."""
    method, template, described = operation_of(referee, request)
    place = f"{method} {template}"
    assert request.headers["x-buildium-client-id"], place
    assert request.headers["x-buildium-client-secret"], place
    assert len(request.url.query) <= LONGEST_QUERY, f"{place}: the query is longer than Buildium takes"
    judge_query(place, request.url.params, described)
    if "requestBody" not in described:
        assert not request.content, f"{place} takes no body"
        return
    assert request.headers["content-type"].startswith("application/json"), place
    body = json.loads(request.content)
    if method == "PATCH":
        # A list of operations on the object that is described (MAPPING §4.10).
        body = {each["path"].removeprefix("/"): each["value"] for each in body}
    assert referee.is_valid(message_of(described), body), f"{place}: {referee_words(referee, described, body)}"


def referee_words(referee: Referee, described: dict[str, Any], body: Any) -> str:
    validator = referee._validator({"$ref": message_of(described)})
    return "; ".join(f"{error.json_path}: {error.message}" for error in validator.iter_errors(body))


def judge_query(place: str, query: httpx.QueryParams, described: dict[str, Any]) -> None:
    known = {each["name"]: each["schema"] for each in described.get("parameters", ()) if each["in"] == "query"}
    for name in query:
        assert name in known, f"{place} has no parameter {name}"
        given = query.get_list(name)
        many = known[name].get("type") == "array"
        assert many or len(given) == 1, f"{place}: {name} is sent {len(given)} times"
        judge_values(f"{place}: {name}", given, known[name]["items"] if many else known[name])
    required = [each["name"] for each in described.get("parameters", ()) if each["in"] == "query" and each["required"]]
    assert not set(required) - set(query), f"{place} needs {required}"


def judge_values(place: str, given: list[str], schema: dict[str, Any]) -> None:
    for text in given:
        assert text, f"{place} is empty"
        value: Any = int(text) if schema.get("type") == "integer" else text
        validator = OAS30Validator(schema, format_checker=oas30_format_checker)
        assert validator.is_valid(value), f"{place} = {text!r} is not {schema}"
        if schema.get("format") == "date-time":
            # MAPPING §1.4: UTC, whole seconds, with a Z.
            assert datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ"), place
