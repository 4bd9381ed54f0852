"""Somebody at a browser without a window: signs in, fills in forms as they come, and reads what the page says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import html5lib
import httpx


@dataclass(frozen=True)
class Page:
    """An answer with its HTML parsed."""

    response: httpx.Response

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.response.text))

    def fields(self) -> dict[str, str]:
        """What the page's main form would send if nothing were changed."""
        document = html5lib.parse(self.response.text, namespaceHTMLElements=False)
        forms = [
            form
            for form in document.iter("form")
            if form.get("method") == "post" and form.find(".//*[@name]") is not None
        ]
        form = max(forms, key=lambda each: len(list(each.iter())))
        values: dict[str, str] = {}
        for element in form.iter():
            name = element.get("name") if element.tag in ("input", "select", "textarea") else None
            if name is None or (element.get("type") in ("checkbox", "radio") and element.get("checked") is None):
                continue
            values[name] = value_of(element)
        return values


def value_of(element: Any) -> str:
    if element.tag == "textarea":
        return "".join(element.itertext()).removeprefix("\n")
    if element.tag == "select":
        options = list(element.iter("option"))
        chosen = [option for option in options if option.get("selected") is not None] or options[:1]
        return chosen[0].get("value", "") if chosen else ""
    return element.get("value") or ""


class Person:
    """Signed in while the block lasts."""

    def __init__(self, address: str, email: str, password: str) -> None:
        self.http = httpx.Client(base_url=address, timeout=30, follow_redirects=True)
        form = Page(self.http.get("/login")).fields()
        self.post("/login", {**form, "email": email, "password": password})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.http.close()

    def get(self, path: str) -> Page:
        return Page(self.http.get(path).raise_for_status())

    def post(self, path: str, values: dict[str, str]) -> Page:
        return Page(self.http.post(path, data=values, headers={"referer": str(self.http.base_url)}).raise_for_status())

    def save(self, path: str, **changes: str) -> Page:
        """Open the form at `path`, change some fields, send it; the page that follows."""
        return self.post(path, {**self.get(path).fields(), **changes})

    def first(self, path: str) -> str:
        """The address of the first record of a list, which may be filtered."""
        plain = path.partition("?")[0]
        found = re.search(rf'href="({plain}/[0-9a-f-]{{36}})"', self.get(path).response.text)
        assert found, f"{path} lists nothing"
        return found[1]
