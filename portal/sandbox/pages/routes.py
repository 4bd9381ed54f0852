"""The sandbox's own pages: `/` and `/_page/…`. Plain forms, no scripts, from this machine only."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from portal.sandbox.catalog import BY_KIND
from portal.sandbox.control import edits
from portal.sandbox.control.guard import only_from_here
from portal.sandbox.errors import RefusedError
from portal.sandbox.pages.forms import changed_values, record_inputs
from portal.sandbox.pages.overview import add_overview_routes
from portal.sandbox.simulation import Simulation

PAGE_SIZE = 50
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def pages(simulation: Simulation) -> Blueprint:
    """The blueprint of the pages of this simulation."""
    blueprint = Blueprint("pages", __name__)
    blueprint.before_request(lambda: only_from_here(simulation.config))
    blueprint.after_request(_protected)
    blueprint.register_error_handler(RefusedError, _refused)
    add_overview_routes(blueprint, simulation)
    _add_record_routes(blueprint, simulation)
    return blueprint


def _add_record_routes(blueprint: Blueprint, simulation: Simulation) -> None:
    @blueprint.get("/_page/records/<kind>")
    def records(kind: str) -> str:
        search, offset = request.args.get("search", ""), max(0, request.args.get("offset", 0, int))
        found, total = edits.list_records(simulation, kind, search=search, offset=offset, limit=PAGE_SIZE)
        rows = [(record.id, BY_KIND[kind].title(record), record.updated) for record in found]
        return render_template(
            "records.html", kind=kind, rows=rows, total=total, search=search, offset=offset, size=PAGE_SIZE
        )

    @blueprint.get("/_page/records/<kind>/<int:record_id>")
    def record(kind: str, record_id: int) -> str:
        found = edits.read(simulation, kind, record_id)
        title = BY_KIND[kind].title(found)
        return render_template(
            "record.html",
            kind=kind,
            record=found,
            title=title,
            inputs=record_inputs(found.values),
            has_event=BY_KIND[kind].event,
        )

    @blueprint.post("/_page/records/<kind>/<int:record_id>")
    def edit(kind: str, record_id: int) -> AnyResponse:
        changed = changed_values(edits.read(simulation, kind, record_id).values, request.form)
        if changed:
            edits.edit(simulation, kind, record_id, changed, quiet="quiet" in request.form)
        return redirect(f"/_page/records/{kind}/{record_id}", 303)

    @blueprint.post("/_page/records/<kind>/<int:record_id>/deletion")
    def delete(kind: str, record_id: int) -> AnyResponse:
        edits.delete(simulation, kind, record_id)
        return redirect(f"/_page/records/{kind}", 303)


def _protected(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


def _refused(refused: RefusedError) -> tuple[str, int]:
    return render_template("refused.html", status=refused.status, body=refused.body()), refused.status
