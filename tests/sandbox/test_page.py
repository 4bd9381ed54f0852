"""The sandbox's own pages: they show everything, work without scripts, and are protected."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx
import pytest

from tests.sandbox import bodies
from tests.sandbox.running import Served, Subscriber


class Page(HTMLParser):
    """What of a page can be checked without a browser."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(response.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def opened(server: Served, path: str) -> tuple[str, Page]:
    response = server.plain.get(path)
    assert response.status_code == 200
    return response.text, Page(response)


@pytest.mark.parametrize("path", ["/", "/_page/records/owners", "/_page/records/rentals/1001"])
def test_every_page_is_protected_and_free_of_scripts(server: Served, path: str) -> None:
    response = server.plain.get(path)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    page = Page(response)
    assert not page.all("script")
    assert len(page.all("h1")) == 1
    assert not [attributes for _, attributes in page.tags if "style" in attributes or "onclick" in attributes]
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert server.plain.get(str(page.all("link")[0]["href"])).headers["Content-Type"].startswith("text/css")


def test_the_first_page_shows_counts_requests_and_deliveries(
    subscribed: Served, subscriber: Subscriber, property_id: int
) -> None:
    subscribed.api.post(f"/v1/rentals/{property_id}/inactivationrequest")
    subscriber.next()
    text, _ = opened(subscribed, "/")
    assert re.search(r"units\s*</a>\s*</dt>\s*<dd>\s*60", text)
    assert f"POST /v1/rentals/{property_id}/inactivationrequest" in text
    assert "Rental.Updated" in text
    assert subscriber.url in text


def test_every_record_can_be_opened_and_searched(server: Served) -> None:
    for kind, count in server.control("GET", "/records").items():
        _, page = opened(server, f"/_page/records/{kind}")
        links = [str(link["href"]) for link in page.all("a") if f"/{kind}/" in str(link["href"])]
        assert bool(links) is bool(count), kind
        for link in links[:1]:
            opened(server, link)
    text, page = opened(server, "/_page/records/users?search=vance")
    assert "Imogen Vance" in text
    assert len([link for link in page.all("a") if "/users/" in str(link["href"])]) == 1


def test_saving_an_unchanged_record_changes_nothing(server: Served) -> None:
    before = server.control("GET", "/records/rentals/1006")
    _, page = opened(server, "/_page/records/rentals/1006")
    assert {"Name", "Reserve"} <= {field["name"] for field in page.all("input") if field.get("name")}
    assert server.plain.post("/_page/records/rentals/1006", data={"Name": before["values"]["Name"]}).status_code == 303
    assert server.control("GET", "/records/rentals/1006") == before


def test_a_record_is_edited_with_a_form_and_sends_its_webhook(
    subscribed: Served, subscriber: Subscriber, property_id: int
) -> None:
    form = {"Name": "Edited\r\nby hand", "YearBuilt": "1905", "Reserve": "12.5", "IsActive": "false"}
    assert subscribed.plain.post(f"/_page/records/rentals/{property_id}", data=form).status_code == 303
    changed = subscribed.api.get(f"/v1/rentals/{property_id}").json()
    assert [changed[name] for name in form] == ["Edited\nby hand", 1905, 12.5, False]
    assert subscriber.next().event["EventName"] == "Rental.Updated"


def test_bad_json_in_a_form_is_explained(server: Served, property_id: int) -> None:
    response = server.plain.post(f"/_page/records/rentals/{property_id}", data={"Address": "{nonsense"})
    assert response.status_code == 400
    assert "<strong>Address</strong>" in response.text


def test_a_record_is_deleted_with_a_form(server: Served) -> None:
    assert server.plain.post("/_page/records/units/1001/deletion").status_code == 303
    assert server.api.get("/v1/rentals/units/1001").status_code == 404
    assert server.plain.get("/_page/records/units/1001").status_code == 404


def test_odd_names_are_shown_escaped(server: Served, bank_account_id: int) -> None:
    made = server.made("/v1/rentals", bodies.rental(bank_account_id, Name="</textarea><script>alert(1)</script>"))
    _, page = opened(server, f"/_page/records/rentals/{made['Id']}")
    assert not page.all("script")


def test_faults_are_set_and_cleared_with_forms(server: Served) -> None:
    form = {"fault": "status", "method": "GET", "path": "/v1/users", "times": "", "status": "418", "seconds": ""}
    assert server.plain.post("/_page/faults", data=form).status_code == 303
    assert server.plain.get("/v1/users").status_code == 418
    text, _ = opened(server, "/")
    assert "until cleared" in text
    server.plain.post("/_page/faults/clearing")
    assert server.control("GET", "/faults") == []
    assert server.plain.post("/_page/faults", data={"fault": "status", "status": "7"}).status_code == 400


def test_switches_are_set_with_a_form(server: Served) -> None:
    form = {"rate_limit": "3", "retry_after": "seconds", "schema_status": "422", "permissions": '{"X": "View"}'}
    assert server.plain.post("/_page/switches", data=form).status_code == 303
    switches = server.control("GET", "/switches")
    assert [switches[name] for name in form] == [3, "seconds", 422, {"X": "View"}]
    server.plain.post("/_page/switches", data={"rate_limit": "", "key_works": "false"})
    switches = server.control("GET", "/switches")
    assert (switches["rate_limit"], switches["key_works"]) == (None, False)


def test_the_switches_form_as_it_is_shown_changes_nothing(server: Served) -> None:
    from portal.sandbox.pages.forms import switch_inputs
    from portal.sandbox.switches import Switches

    before = server.control("GET", "/switches")
    shown = {field.name: field.value for field in switch_inputs(Switches(**before))}
    assert server.plain.post("/_page/switches", data=shown).status_code == 303
    assert server.control("GET", "/switches") == before


def test_webhook_faults_storms_and_starting_over_have_forms(subscribed: Served, subscriber: Subscriber) -> None:
    form = {"fault": "duplicate", "events": "*", "times": "1", "seconds": "", "copies": "2"}
    assert subscribed.plain.post("/_page/webhooks/faults", data=form).status_code == 303
    assert subscribed.plain.post("/_page/webhooks/storm", data={"count": "5"}).status_code == 303
    subscriber.events(7)
    subscribed.plain.post("/_page/webhooks/faults/clearing")
    subscribed.plain.post("/_page/webhooks/enabling")
    subscribed.plain.post("/_page/holds/release")
    assert subscribed.plain.post("/_page/reset", data={"to": "sample", "size": "12"}).status_code == 303
    assert subscribed.count("units") == 12
