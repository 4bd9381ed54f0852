"""Reading the dashboard's pages as a person does."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

import html5lib

if TYPE_CHECKING:
    from flask.testing import FlaskClient

NUMBER = re.compile(r"[\d,]+$")


def page(client: FlaskClient, url: str) -> Element:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    found: Element = html5lib.parse(response.text, namespaceHTMLElements=False)
    return found


def text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def row_count(client: FlaskClient, url: str) -> int:
    """Rows of all pages of the list."""
    number, address = 0, url
    while address:
        found = page(client, address)
        number += len(found.findall(".//tbody/tr"))
        links = [each for each in found.findall(".//nav[@aria-label='Pages']//a") if text(each) == "Next"]
        address = links[0].get("href", "") if links else ""
    return number


def tabs(client: FlaskClient, url: str) -> dict[str, tuple[int, str]]:
    """Words of a state's tab → (its number, its address)."""
    found = page(client, url).findall(".//nav[@aria-label='States']//a")
    numbers = {}
    for each in found:
        match = NUMBER.search(text(each))
        assert match
        numbers[text(each)[: match.start()].strip()] = (int(match[0].replace(",", "")), each.get("href", ""))
    return numbers


def receipt(client: FlaskClient, url: str, data: dict[str, str] | None = None) -> str:
    """What the page says after the form was sent."""
    response = client.post(url, data=data or {})
    assert response.status_code == 303, response.status_code
    after = client.get(response.headers["Location"])
    found = re.findall(r'role="status">(.*?)</div>\s*</div>\s*</div>', after.text, re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", " ".join(found)))
