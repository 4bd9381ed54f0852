"""The catalogue of causes knows whatever the code can say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from portal.operations.causes.catalogue import CAUSES, UNKNOWN, cause_named, cause_of_slug, code_of, slug
from tests.operations.pages import page, text

if TYPE_CHECKING:
    from flask.testing import FlaskClient

PORTAL = Path(__file__).parents[3] / "portal"
PLACES = ("sync", "webhooks", "entities")
MIGRATION = Path(__file__).parents[3] / "migrations" / "versions" / "0022_issues.py"


def said_by_the_code() -> set[str]:
    """Every text that is put into a cause: keyword `cause=`, key "cause", attribute `.cause`."""
    found: set[str] = set()
    for place in PLACES:
        for path in (PORTAL / place).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                for value in causes_in(node):
                    found |= set(texts(value))
    return found


def causes_in(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        yield from (each.value for each in node.keywords if each.arg == "cause")
    elif isinstance(node, ast.Dict):
        yield from (value for key, value in zip(node.keys, node.values, strict=True) if is_cause(key))
    elif isinstance(node, ast.Assign):
        yield from (value for target in node.targets for each, value in pairs(target, node.value) if is_attribute(each))


def pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return list(zip(target.elts, value.elts, strict=True))
    return [(target, value)]


def is_cause(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and key.value == "cause"


def is_attribute(target: ast.expr) -> bool:
    return isinstance(target, ast.Attribute) and target.attr == "cause"


def texts(value: ast.expr) -> Iterator[str]:
    for node in ast.walk(value):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(each.value) if isinstance(each, ast.Constant) else "400" for each in node.values)
    if not any(isinstance(node, ast.JoinedStr) for node in ast.walk(value)):
        chosen = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
        yield from (each.value for each in chosen if isinstance(each, ast.Constant) and isinstance(each.value, str))
    elif isinstance(value, ast.IfExp) and isinstance(value.body, ast.Constant):
        yield str(value.body.value)


def test_the_catalogue_has_every_cause_that_the_code_can_give() -> None:
    said = said_by_the_code()
    assert {"missing data", "refused 400", "permission", "retries used up", "conflict", "missing"} <= said
    assert {each for each in said if not code_of(each)} == set()


def test_the_catalogue_has_every_cause_that_the_database_can_give() -> None:
    said = set(re.findall(r"'((?:event|run) [a-z ]+)'", MIGRATION.read_text()))
    assert said == {"event failed", "event waits", "event not kept", "run failed", "run incomplete"}
    assert said <= set(CAUSES)


@pytest.mark.parametrize("status", [405, 410, 413, 415, 451])
def test_a_refusal_with_a_rare_status_is_told_as_one(status: int) -> None:
    assert cause_named(f"refused {status}") is CAUSES["refused"]


def test_what_nobody_foresaw_has_words_all_the_same() -> None:
    assert cause_named("struck by lightning") is cause_named(None) is UNKNOWN


@pytest.mark.parametrize("code", [*CAUSES, "unknown"])
def test_every_cause_has_a_help_page(staff: FlaskClient, code: str) -> None:
    cause = cause_named(code)
    assert cause_of_slug(slug(code)) is cause
    found = text(page(staff, f"/sync/help/{slug(code)}"))
    for words in (cause.title, cause.happened, cause.why, *cause.steps, cause.by_itself):
        assert words
        assert " ".join(words.split()) in found


def test_there_is_no_help_for_what_is_no_cause(staff: FlaskClient) -> None:
    assert staff.get("/sync/help/lightning").status_code == 404
