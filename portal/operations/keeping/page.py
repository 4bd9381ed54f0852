"""What is kept for how long, and since when it is there."""

from __future__ import annotations

from flask import render_template

from portal.extensions import db
from portal.operations.blueprint import operations
from portal.operations.keeping.kept import RULES, kept
from portal.sync.models import SyncSchedule
from portal.web.access import Permission, requires


@operations.get("/kept")
@requires(Permission.VIEW_SYNC)
def what_is_kept() -> str:
    last = db.session.get(SyncSchedule, "housekeeping")
    return render_template("sync/kept.html", rules=[kept(rule) for rule in RULES], last=last and last.last_finished_at)
