"""The first page after sign-in, and the search of everything."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portal.home import dashboard
from portal.home import search as searching
from portal.web.access import Permission, may, requires
from portal.web.record_sync import record_sync

home = Blueprint("home", __name__)


@home.get("/")
@requires(Permission.VIEW_RECORDS)
def index() -> ResponseReturnValue:
    attention = record_sync().attention() if may(Permission.VIEW_SYNC) else ()
    return render_template("home/index.html", dashboard=dashboard.read(), attention=attention)


@home.get("/search")
@requires(Permission.VIEW_RECORDS)
def search() -> ResponseReturnValue:
    sought = searching.cleaned(request.args.get("q", ""))
    return render_template("home/search.html", sought=sought, groups=searching.search(sought))
