"""Reading pages the way people do."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from werkzeug.test import TestResponse


def parsed(response: TestResponse) -> Element:
    page: Element = html5lib.parse(response.text, namespaceHTMLElements=False)
    return page


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def rows(response: TestResponse) -> list[str]:
    """The first cell of each row of the first list."""
    body = next(parsed(response).iter("tbody"), None)
    return [] if body is None else [words(next(row.iter("th"))) for row in body.iter("tr")]


def link(response: TestResponse, text: str) -> str | None:
    """The address of the first link with these words; None where there is none."""
    return next((each.get("href") for each in parsed(response).iter("a") if words(each) == text), None)


def fields(response: TestResponse) -> dict[str, Any]:
    """What the page's record form would send as it stands."""
    form = next(each for each in parsed(response).iter("form") if "stack" in (each.get("class") or ""))
    found: dict[str, Any] = {}
    for each in form.iter():
        name, kind = each.get("name"), each.get("type")
        if not name or (kind in ("checkbox", "radio") and each.get("checked") is None):
            continue
        if each.tag == "select":
            chosen = [option.get("value") for option in each.iter("option") if option.get("selected") is not None]
            found[name] = chosen[0] if chosen else ""
        elif each.tag == "textarea":
            found[name] = "".join(each.itertext())
        elif each.tag == "input":
            found[name] = each.get("value") or ("y" if kind == "checkbox" else "")
    return found


def errors(response: TestResponse) -> dict[str, str]:
    """Field → message, as the page shows them beside the fields."""
    shown = [each for each in parsed(response).iter("p") if each.get("class") == "error"]
    return {(each.get("id") or "").removesuffix("-error"): words(each) for each in shown}


def notices(response: TestResponse) -> list[str]:
    return [words(each) for each in parsed(response).iter("div") if each.get("role") == "status"]
