"""The part of the control API that concerns webhooks: `/_control/webhooks…`."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, ConfigDict, Field

from portal.sandbox.control import edits
from portal.sandbox.control.bodies import checked
from portal.sandbox.simulation import Simulation
from portal.sandbox.webhooks.courier import Courier
from portal.sandbox.webhooks.faults import WebhookFault
from portal.sandbox.webhooks.signing import minified, payload


class Send(BaseModel):
    """An event of any name, or with `raw` any body at all, to be signed and delivered."""

    model_config = ConfigDict(extra="forbid")

    event: str = "Rental.Updated"
    ids: dict[str, Any] = Field(default_factory=dict)
    raw: str | None = None
    forge: bool = False
    stale: Annotated[float, Field(ge=0)] = 0


class Storm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    count: Annotated[int, Field(ge=1, le=100_000)]
    kind: str = ""


def add_webhook_routes(blueprint: Blueprint, simulation: Simulation) -> None:
    _add_watching(blueprint, simulation.courier)
    _add_sending(blueprint, simulation)


def _add_watching(blueprint: Blueprint, courier: Courier) -> None:

    @blueprint.route("/webhooks/faults", methods=["GET", "POST", "DELETE"])
    def webhook_faults() -> tuple[Response, int] | Response:
        if request.method == "POST":
            return jsonify(courier.faults.add(checked(WebhookFault)).model_dump()), 201
        if request.method == "DELETE":
            courier.faults.clear()
        return jsonify(courier.faults.listed())

    @blueprint.route("/webhooks/deliveries", methods=["GET", "DELETE"])
    def deliveries() -> Response:
        if request.method == "DELETE":
            courier.history.clear()
        found = courier.history.listed(
            event=request.args.get("event", ""),
            state=request.args.get("state", ""),
            limit=request.args.get("limit", 100, int),
        )
        return jsonify({**courier.history.counters(), "waiting": courier.waiting(), "items": found})

    @blueprint.post("/webhooks/enable")
    def enable() -> tuple[str, int]:
        courier.enable()
        return "", 204


def _add_sending(blueprint: Blueprint, simulation: Simulation) -> None:
    @blueprint.post("/webhooks/send")
    def send() -> tuple[str, int]:
        wanted = checked(Send)
        body = minified(payload(wanted.event, wanted.ids)) if wanted.raw is None else wanted.raw.encode()
        faults = {**({"forge": 0} if wanted.forge else {}), **({"stale": wanted.stale} if wanted.stale else {})}
        simulation.courier.send_raw(body, event=wanted.event if wanted.raw is None else "raw", faults=faults)
        return "", 202

    @blueprint.post("/webhooks/storm")
    def storm() -> tuple[Response, int]:
        wanted = checked(Storm)
        return jsonify({"queued": edits.storm(simulation, wanted.count, wanted.kind)}), 202
