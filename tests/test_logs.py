from __future__ import annotations

import json
import logging
import signal
import subprocess
import sys

import pytest

from portal.logs import OneLine, StandardError, redacted


def record_of(message: str, error: BaseException | None = None) -> logging.LogRecord:
    trace = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("portal.test", logging.ERROR, __file__, 1, message, (), trace)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tax id 987-65-4321 refused", "tax id ••• refused"),
        ("account 000123456789", "account •••"),
        ('invalid input syntax for type uuid: "Bob Secret"', "invalid input syntax for type uuid: •••"),
        ("null value\nDETAIL:  Failing row contains (Bob, 12 Oak St).", "null value"),
        ("status 503 after 30 s", "status 503 after 30 s"),
    ],
)
def test_values_are_left_out_of_the_text_of_an_error(text: str, expected: str) -> None:
    assert redacted(text) == expected


def test_a_line_is_json_whatever_the_message() -> None:
    line = OneLine().format(record_of('two\nlines and "quotes"'))
    assert "\n" not in line
    assert json.loads(line)["message"] == 'two\nlines and "quotes"'
    assert json.loads(line)["level"] == "error"


def test_an_exception_is_told_with_its_cause_and_its_places_on_one_line() -> None:
    try:
        try:
            int("987-65-4321")
        except ValueError as cause:
            raise RuntimeError("import failed") from cause
    except RuntimeError as error:
        line = OneLine().format(record_of("failed", error))
    told = json.loads(line)["exception"]
    assert told.startswith("RuntimeError: import failed at ")
    assert "from ValueError" in told
    assert "test_logs.py" in told
    assert "4321" not in line


def test_lines_follow_standard_error_wherever_it_goes(capsys: pytest.CaptureFixture[str]) -> None:
    StandardError().emit(record_of("here"))
    assert '"message": "here"' in capsys.readouterr().err
    assert sys.stderr is not None


def test_a_crash_of_python_itself_is_logged_with_its_place() -> None:
    """Otherwise a web process or a worker that a library has broken would be started again without a word."""
    code = "import os; from flask import Flask; from portal import logs; logs.start(Flask('crashing')); os.abort()"
    crash = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert crash.returncode == -signal.SIGABRT
    assert "Fatal Python error: Aborted" in crash.stderr
    assert 'File "<string>", line 1 in <module>' in crash.stderr
