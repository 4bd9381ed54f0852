"""The quick parser reads the portal's forms as the strict one does."""

from __future__ import annotations

import httpx
import pytest

from tests.chaos.page import fields
from tests.system.person import Page

PLAIN = """
<form method="get"><input name="q" value="no"></form>
<form method="post"><input name="csrf_token" value="other"></form>
<form method="post">
  <input type="hidden" name="version" value="3"><input name="name" value="A &amp; B"><input name="empty">
  <input type="checkbox" name="off" value="y"><input type="checkbox" name="on" value="y" checked>
  <input type="radio" name="kind" value="1"><input type="radio" name="kind" value="2" checked>
  <select name="state"><option value="">None<option value="ME" selected>Maine</option></select>
  <select name="first"><option value="1">One</option><option value="2">Two</option></select>
  <textarea name="notes">
Two
lines &lt;b&gt;</textarea>
  <button name="press" value="1">Save</button>
</form>
"""


@pytest.mark.parametrize("html", [PLAIN, PLAIN.replace('method="post"', "method='post' action=/x")])
def test_both_parsers_agree(html: str) -> None:
    assert fields(html) == Page(httpx.Response(200, text=f"<!doctype html><body>{html}")).fields()
