"""Each row of the fault matrix has a test that injects it, here or beside what it is about."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROWS = range(1, 36)
INPUT = 36  # the paragraph below the table


def marked() -> dict[int, list[str]]:
    """Row → the tests with its marker, read from the sources: whatever part of them is run."""
    found: dict[int, list[str]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
                for row in rows_of(function):
                    found[row].append(f"{path.relative_to(TESTS)}::{function.name}")
    return found


def rows_of(function: ast.FunctionDef) -> Iterator[int]:
    for each in function.decorator_list:
        if isinstance(each, ast.Call) and ast.unparse(each.func) == "pytest.mark.fault":
            (row,) = each.args
            yield INPUT if isinstance(row, ast.Name) else int(ast.literal_eval(row))


def test_every_row_of_the_matrix_has_a_test() -> None:
    assert sorted(marked()) == [*ROWS, INPUT]


def test_no_test_of_a_row_is_switched_off() -> None:
    for names in marked().values():
        for name in names:
            source = (TESTS / name.partition("::")[0]).read_text()
            assert "mark.skip" not in source, name
            assert "xfail" not in source, name
