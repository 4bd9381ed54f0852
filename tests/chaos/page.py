"""What a page's form would send. The strict parser of the other tests takes longer for a page than the portal does, and
five people who all wait for it are one."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

Attributes = list[tuple[str, str | None]]


@dataclass
class Form:
    elements: int = 0
    values: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """Every form that is posted, with its values as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.form: Form | None = None
        self.name = ""  # of the select or text area that is open
        self.options: list[tuple[str, bool]] = []
        self.text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        given = dict(attrs)
        if tag == "form":
            self.form = Form() if given.get("method") == "post" else None
            self.found += [self.form] if self.form else []
        if self.form is None:
            return
        self.form.elements += 1
        name = given.get("name") or ""
        if tag == "option":
            self.options.append((given.get("value") or "", "selected" in given))
        elif tag in ("select", "textarea"):
            self.name, self.options, self.text = name, [], []
        elif tag == "input" and name and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.form.values[name] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self.form and tag == "select" and self.name:
            chosen = [value for value, is_chosen in self.options if is_chosen] or [value for value, _ in self.options]
            self.form.values[self.name] = chosen[0] if chosen else ""
        elif self.form and tag == "textarea" and self.name:
            self.form.values[self.name] = "".join(self.text or ()).removeprefix("\n")
        if tag in ("select", "textarea"):
            self.name, self.text = "", None
        elif tag == "form":
            self.form = None


def fields(html: str) -> dict[str, str]:
    """Those of the page's main form: the largest one with fields."""
    forms = Forms()
    forms.feed(html)
    return max((form for form in forms.found if form.values), key=lambda form: form.elements).values
