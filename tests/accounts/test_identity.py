from __future__ import annotations

from dataclasses import replace

import pytest

from portal.accounts.identity import cookie_name, local_path
from portal.config import Settings


@pytest.mark.parametrize("target", ["/bills", "/bills?status=due&page=2", "/units/1/edit#notes", "/search?q=%2F%2Fa"])
def test_a_path_within_the_portal_may_be_returned_to(target: str) -> None:
    assert local_path(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "/",
        "bills",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "\\\\evil.example",
        "http:evil.example",
        "https://evil.example/bills",
        "javascript:alert(1)",
        "/bills\r\nSet-Cookie: a=b",
        "///evil.example",
    ],
)
def test_whatever_a_browser_may_read_as_another_host_is_dropped(target: str | None) -> None:
    assert local_path(target) is None


def test_the_cookie_is_bound_to_the_host_where_there_is_tls(settings: Settings) -> None:
    assert cookie_name("session", settings) == "portal-session"
    assert cookie_name("session", replace(settings, secure_cookies=True)) == "__Host-portal-session"
