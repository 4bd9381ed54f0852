"""From the text fields of the sandbox's page to values and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from portal.sandbox.collection import Values
from portal.sandbox.errors import RefusedError
from portal.sandbox.switches import Switches

_LONG = 70


@dataclass(frozen=True)
class Input:
    """One field of a form: `kind` is line, area or choice."""

    name: str
    value: str
    kind: Literal["line", "area", "choice"] = "line"
    choices: tuple[str, ...] = ()


def record_inputs(values: Values) -> list[Input]:
    """The fields to edit a stored record; lists and objects are shown as JSON."""
    return [_input(name, value) for name, value in values.items()]


def changed_values(values: Values, form: Mapping[str, str]) -> Values:
    """The stored values that the form changes. Raises RefusedError 400 for bad JSON."""
    changed = {}
    for name, value in values.items():
        text = form.get(name, as_text(value)).replace("\r\n", "\n")
        if text != as_text(value):
            changed[name] = _parsed(name, text, value)
    return changed


def switch_inputs(switches: Switches) -> list[Input]:
    inputs = []
    for name, field in Switches.model_fields.items():
        value = getattr(switches, name)
        if get_origin(field.annotation) is Literal:
            choices = tuple(str(choice) for choice in get_args(field.annotation))
            inputs.append(Input(name, str(value), "choice", choices))
        else:
            inputs.append(_input(name, value))
    return inputs


def switch_values(form: Mapping[str, str]) -> dict[str, Any]:
    """What the form says, for `turn`: empty means none, texts are converted by the model itself."""
    wanted: dict[str, Any] = {}
    for name, field in Switches.model_fields.items():
        text = form.get(name)
        if text is None:
            continue
        numbers = get_origin(field.annotation) is Literal and text.isdecimal()
        wanted[name] = int(text) if numbers else text
        if name == "permissions":
            wanted[name] = _json(name, text)
        if name == "rate_limit" and not text:
            wanted[name] = None
    return wanted


def filled(form: Mapping[str, str]) -> dict[str, str]:
    """The fields that were filled in."""
    return {name: text for name, text in form.items() if text.strip()}


def as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _input(name: str, value: Any) -> Input:
    if isinstance(value, bool):
        return Input(name, as_text(value), "choice", ("true", "false"))
    text = as_text(value)
    return Input(name, text, "area" if len(text) > _LONG or "\n" in text else "line")


def _parsed(name: str, text: str, old: Any) -> Any:
    """Empty is null; a text stays a text; where there was none, a number is taken for a number."""
    if not text:
        return None
    if isinstance(old, str):
        return text
    if old is None and not text.lstrip("-").replace(".", "", 1).isdecimal() and text[0] not in "[{":
        return text
    return _json(name, text)


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text or "{}")
    except ValueError:
        raise RefusedError(400, [(name, f"'{text[:60]}' is not valid JSON.")]) from None
