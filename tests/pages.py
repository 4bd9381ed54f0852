"""What must hold for every page, checked on every page that a test gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib
from html5lib.constants import E

TITLE_SEPARATOR = " · "
UNLABELLED_TYPES = {"hidden", "submit", "button", "image", "reset"}


def faults(html: str) -> list[str]:
    """What is wrong with the page, one sentence each; an empty list for a good page."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    page = parser.parse(html)
    return [
        *(f"line {line}: {E[code] % values}" for (line, _), code, values in parser.errors),
        *heading_faults(page),
        *id_faults(page),
        *label_faults(page),
        *form_faults(page),
    ]


def heading_faults(page: Element) -> Iterator[str]:
    headings = [text(each) for each in page.iter("h1")]
    title = next((text(each) for each in page.iter("title")), "")
    if len(headings) != 1:
        yield f"the page has {len(headings)} h1, not one"
    elif headings[0] != title.partition(TITLE_SEPARATOR)[0]:
        yield f"h1 is “{headings[0]}”, but the title begins “{title.partition(TITLE_SEPARATOR)[0]}”"


def id_faults(page: Element) -> Iterator[str]:
    for name, number in Counter(each.get("id") for each in page.iter() if each.get("id")).items():
        if number > 1:
            yield f"the id {name} is there {number} times"


def label_faults(page: Element) -> Iterator[str]:
    ids = {each.get("id") for each in page.iter()}
    labelled = {each.get("for") for each in page.iter("label") if text(each)}
    wrapped = {field for label in page.iter("label") if text(label) for field in label.iter()}
    for field in page.iter():
        if field.tag not in {"input", "select", "textarea"} or field.get("type") in UNLABELLED_TYPES:
            continue
        named_by = (field.get("aria-labelledby") or "").split()
        if missing := [name for name in named_by if name not in ids]:
            yield f"the field {field.get('name')} is labelled by {missing[0]}, which isn't there"
        if not (named_by or field.get("aria-label") or field in wrapped or field.get("id") in labelled):
            yield f"the field {field.get('name')} has no label"


def form_faults(page: Element) -> Iterator[str]:
    for form in page.iter("form"):
        if (form.get("method") or "get").lower() != "post":
            continue
        if not any(field.get("name") == "csrf_token" and field.get("value") for field in form.iter("input")):
            yield f"the form to {form.get('action') or 'this page'} has no CSRF token"


def text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())
