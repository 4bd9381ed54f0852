"""The control API: JSON in and out, no Buildium credentials, no limits, from this machine only.

GET    /_control/                              counts, counters, faults, held requests, switches
GET    /_control/switches       PATCH          read or set `Switches`
POST   /_control/reset                         {"to": "sample" | "empty", "size": units}
GET    /_control/faults         POST DELETE    `FaultRule`s; DELETE also releases what is held or hanging
DELETE /_control/faults/<id>
GET    /_control/holds                         requests that wait now; POST /_control/holds/release lets them go
GET    /_control/requests       DELETE         ?method= &path= (beginning) &since= (number) &limit=
GET    /_control/records                       counts; /records/<kind> ?search= &offset= &limit=; POST creates
GET    /_control/records/<kind>/<id>           PATCH (?quiet=1: no webhook) DELETE, as in the web pages
GET    /_control/webhooks/deliveries  DELETE   ?event= (beginning) &state= &limit=
GET    /_control/webhooks/faults  POST DELETE  `WebhookFault`s
POST   /_control/webhooks/send | storm | enable
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from portal.sandbox.control import edits
from portal.sandbox.control.bodies import checked, object_body
from portal.sandbox.control.guard import only_from_here
from portal.sandbox.control.state import restart, turn
from portal.sandbox.control.webhooks import add_webhook_routes
from portal.sandbox.errors import RefusedError
from portal.sandbox.faults.rules import FaultRule
from portal.sandbox.simulation import Simulation


def control(simulation: Simulation) -> Blueprint:
    """The blueprint that steers this simulation."""
    blueprint = Blueprint("control", __name__, url_prefix="/_control")
    blueprint.before_request(lambda: only_from_here(simulation.config))
    blueprint.add_url_rule("/", view_func=lambda: jsonify(edits.overview(simulation)), endpoint="overview")
    _add_state_routes(blueprint, simulation)
    _add_fault_routes(blueprint, simulation)
    _add_record_routes(blueprint, simulation)
    add_webhook_routes(blueprint, simulation)
    return blueprint


def _add_state_routes(blueprint: Blueprint, simulation: Simulation) -> None:
    @blueprint.route("/switches", methods=["GET", "PATCH"])
    def switches() -> Response:
        if request.method == "PATCH":
            turn(simulation, object_body())
        return jsonify(simulation.switches.model_dump())

    @blueprint.post("/reset")
    def reset() -> Response:
        body = object_body()
        restart(simulation, str(body.get("to", "sample")), body.get("size"))
        return jsonify(simulation.store.counts())

    @blueprint.route("/requests", methods=["GET", "DELETE"])
    def requests() -> Response:
        if request.method == "DELETE":
            simulation.requests.clear()
        found = simulation.requests.listed(
            method=request.args.get("method", ""),
            path=request.args.get("path", ""),
            since=request.args.get("since", 0, int),
            limit=request.args.get("limit", 100, int),
        )
        return jsonify({**simulation.requests.counters(), "items": found})


def _add_fault_routes(blueprint: Blueprint, simulation: Simulation) -> None:
    faults = simulation.faults

    @blueprint.route("/faults", methods=["GET", "POST", "DELETE"])
    def all_faults() -> tuple[Response, int] | Response:
        if request.method == "POST":
            return jsonify(faults.add(checked(FaultRule)).model_dump()), 201
        if request.method == "DELETE":
            faults.clear()
        return jsonify(faults.listed())

    @blueprint.delete("/faults/<int:rule_id>")
    def one_fault(rule_id: int) -> tuple[str, int]:
        if not faults.remove(rule_id):
            raise RefusedError(404)
        return "", 204

    @blueprint.get("/holds")
    def holds() -> Response:
        return jsonify(faults.held())

    @blueprint.post("/holds/release")
    def release() -> tuple[str, int]:
        faults.release()
        return "", 204


def _add_record_routes(blueprint: Blueprint, simulation: Simulation) -> None:
    @blueprint.get("/records")
    def counts() -> Response:
        return jsonify(simulation.store.counts())

    @blueprint.route("/records/<kind>", methods=["GET", "POST"])
    def records(kind: str) -> tuple[Response, int] | Response:
        if request.method == "POST":
            return jsonify(edits.stored(edits.add(simulation, kind, request.get_data()))), 201
        offset, limit = request.args.get("offset", 0, int), request.args.get("limit", 50, int)
        found, total = edits.list_records(
            simulation, kind, search=request.args.get("search", ""), offset=offset, limit=limit
        )
        return jsonify({"total": total, "items": [edits.stored(record) for record in found]})

    @blueprint.route("/records/<kind>/<int:record_id>", methods=["GET", "PATCH", "DELETE"])
    def record(kind: str, record_id: int) -> tuple[str, int] | Response:
        if request.method == "DELETE":
            edits.delete(simulation, kind, record_id)
            return "", 204
        if request.method == "PATCH":
            quiet = request.args.get("quiet", "0") != "0"
            return jsonify(edits.stored(edits.edit(simulation, kind, record_id, object_body(), quiet=quiet)))
        return jsonify(edits.stored(edits.read(simulation, kind, record_id)))
