from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, request, url_for
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from portal.security import CONTENT_POLICY, HEADERS
from tests.apps import another_portal, plain_client
from tests.people import sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.config import Settings

NUL = "\0"
ANSWERS = [
    "/login",
    "/healthz",
    "/nowhere",
    "/account/password",
    "/static/style/base.css",
    "/static/nowhere.css",
    "/metrics",
]


def test_every_endpoint_names_who_may_use_it(app: Flask) -> None:
    without = [
        rule.endpoint for rule in app.url_map.iter_rules() if not hasattr(app.view_functions[rule.endpoint], "access")
    ]
    assert not without


def test_only_these_pages_are_for_everybody(app: Flask) -> None:
    public = {endpoint for endpoint, view in app.view_functions.items() if getattr(view, "access", "") == "public"}
    expected = {"static", "accounts.sign_in", "accounts.enter", "health.healthz", "health.readyz", "health.metrics"}
    assert public - {"webhooks.buildium"} == expected


def test_a_stranger_gets_no_page_but_the_way_in(app: Flask, client: FlaskClient) -> None:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if getattr(view, "access", "") == "public":
            continue
        with app.test_request_context():
            address = url_for(rule.endpoint, **{name: example(rule, name) for name in rule.arguments})
        method = "POST" if "GET" not in (rule.methods or set()) else "GET"
        response = client.open(address, method=method)
        assert response.status_code == 303, rule
        assert response.location.startswith("/login"), rule


def example(rule: Rule, name: str) -> Any:
    kind = type(rule._converters[name]).__name__
    if kind == "UUIDConverter":
        return "00000000-0000-4000-8000-000000000000"
    return 1 if kind == "IntegerConverter" else "x"


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_carries_the_headers(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    for name, value in HEADERS.items():
        assert response.headers[name] == value, name
    assert "Strict-Transport-Security" not in response.headers
    assert response.headers["X-Request-Id"]


def test_errors_that_nobody_expected_carry_the_headers_too(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = client.application
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.view_functions, "health.healthz", broken)
    response = client.get("/healthz")
    assert response.status_code == 500
    assert response.headers["Content-Security-Policy"] == CONTENT_POLICY


def broken() -> str:
    raise RuntimeError("broken on purpose")


broken.access = "public"  # type: ignore[attr-defined]


def test_browsers_are_told_to_stay_with_tls_where_cookies_are_secure(settings: Settings) -> None:
    with another_portal(replace(settings, secure_cookies=True)) as app:
        response = plain_client(app).get("/healthz")
    assert response.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert app.config["SESSION_COOKIE_SECURE"]
    assert app.config["SESSION_COOKIE_NAME"].startswith("__Host-")


def test_the_content_policy_allows_nothing_inline_and_nothing_foreign() -> None:
    assert "unsafe" not in CONTENT_POLICY
    assert "http" not in CONTENT_POLICY
    assert CONTENT_POLICY.startswith("default-src 'none'")


def test_no_page_needs_what_the_content_policy_forbids(client: FlaskClient) -> None:
    sign_in(client, "administrator")
    for path in ("/account/password", "/account/sessions", "/users", "/users/new", "/nowhere"):
        page = client.get(path).text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", page), path
        assert not re.search(r"""(src|href|action)=["'](https?:)?//""", page), path


def test_pages_are_not_kept_by_browsers_and_proxies(client: FlaskClient) -> None:
    sign_in(client)
    assert client.get("/account/password").headers["Cache-Control"] == "no-store"
    assert client.get("/login").headers["Cache-Control"] == "no-store"


def test_a_static_file_is_kept_for_ever_under_the_name_of_its_content(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        address = url_for("static", filename="style/base.css")
    assert len(parse_qs(urlsplit(address).query)["v"][0]) == 12
    kept = client.get(address)
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Cookie" not in kept.headers.get("Vary", "")
    assert client.get("/static/style/base.css").headers["Cache-Control"] == "no-cache"


def test_a_missing_static_file_is_not_kept(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        assert url_for("static", filename="nowhere.css") == "/static/nowhere.css"
    assert "immutable" not in client.get("/static/nowhere.css?v=1").headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/static/../wsgi.py", "/static/%2e%2e/wsgi.py", "/static//etc/passwd"])
def test_static_files_end_at_their_folder(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code in {404, 308}


@pytest.mark.parametrize("path", ["/login?next=%00", "/login?%00=1", "/%00", "/users?q=a%00b"])
def test_a_nul_in_the_address_is_refused(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 400
    assert "NUL" in response.text


def test_a_nul_in_a_field_is_refused_before_the_database_sees_it(client: FlaskClient) -> None:
    for data in ({"email": f"a{NUL}b@example.com"}, {f"na{NUL}me": "x"}, {"file": (BytesIO(b""), f"a{NUL}.txt")}):
        response = client.post("/login", data=data)
        assert response.status_code == 422
        assert "NUL" in response.text


@pytest.mark.parametrize(
    "text",
    ["\u202egnp.exe", "𝔘𝔫𝔦 👩‍👩‍👧", "e\u0301\u0301\u0301", "=cmd()", "../../etc/passwd", "' or 1=1 --", "\ud800"],
)
def test_odd_text_is_only_text(client: FlaskClient, text: str) -> None:
    response = client.post("/login", data={"email": text.encode("utf-8", "surrogatepass"), "password": "x"})
    assert response.status_code == 422


def test_a_form_of_more_than_two_megabytes_is_refused(client: FlaskClient) -> None:
    response = client.post("/login", data={"email": "x" * (2 * 1024 * 1024 + 1)})
    assert response.status_code == 413
    assert "too much at once" in response.text


def test_a_form_of_thousands_of_parts_is_refused(client: FlaskClient) -> None:
    fields = {f"field{number}": "x" for number in range(2001)}
    assert client.post("/login", data=fields, content_type="multipart/form-data").status_code == 413


@pytest.mark.parametrize(
    "path", ["/login", "/logout", "/account/password", "/account/sessions/end-others", "/users/new"]
)
def test_a_post_without_its_token_is_refused_with_a_way_to_go_on(
    app: Flask, client: FlaskClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, "administrator")
    monkeypatch.setitem(app.config, "WTF_CSRF_CHECK_DEFAULT", True)
    response = client.post(path, data={"email": "a@example.com"}, headers={"Referer": "http://localhost/users?page=2"})
    assert response.status_code == 400
    assert "open for too long" in response.text
    assert 'href="/users?page=2"' in response.text


def test_a_post_with_the_token_of_its_page_passes(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_CHECK_DEFAULT", True)
    page = client.get("/login").text
    (token,) = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert client.post("/login", data={"csrf_token": token}).status_code == 422


@pytest.mark.parametrize(
    "referrer",
    ["http://evil.example/users", "javascript:alert(1)", "//evil.example", "http://localhost//evil.example", ""],
)
def test_an_error_page_leads_back_to_our_own_pages_only(client: FlaskClient, referrer: str) -> None:
    page = client.get("/nowhere", headers={"Referer": referrer}).text
    assert 'class="button" href="/"' in page
    assert "evil" not in page


def test_an_address_from_a_proxy_counts_only_where_proxies_are_trusted(settings: Settings) -> None:
    seen: list[str | None] = []
    for proxies in (0, 1):
        with another_portal(replace(settings, trusted_proxies=proxies)) as app:
            app.before_request(note_address(seen))
            plain_client(app).get("/healthz", headers={"X-Forwarded-For": "203.0.113.7"})
    assert seen == ["127.0.0.1", "203.0.113.7"]


def note_address(seen: list[str | None]) -> Callable[[], None]:
    return lambda: seen.append(request.remote_addr)
