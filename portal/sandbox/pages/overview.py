"""The first page: counts, switches, faults, webhooks, recent requests; and the forms that change them."""

from __future__ import annotations

from typing import get_args

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from portal.sandbox.control import edits
from portal.sandbox.control.bodies import checked
from portal.sandbox.control.state import restart, turn
from portal.sandbox.faults.rules import FaultName, FaultRule
from portal.sandbox.pages.forms import filled, switch_inputs, switch_values
from portal.sandbox.simulation import Simulation
from portal.sandbox.webhooks.faults import WebhookFault, WebhookFaultName

RECENT = 25


def add_overview_routes(blueprint: Blueprint, simulation: Simulation) -> None:
    @blueprint.get("/")
    def overview() -> str:
        return render_template(
            "overview.html",
            state=edits.overview(simulation),
            switches=switch_inputs(simulation.switches),
            fault_names=get_args(FaultName),
            webhook_fault_names=get_args(WebhookFaultName),
            requests=simulation.requests.listed(limit=RECENT),
            deliveries=simulation.courier.history.listed(limit=RECENT),
            size=simulation.config.size,
        )

    @blueprint.post("/_page/switches")
    def switches() -> AnyResponse:
        turn(simulation, switch_values(request.form))
        return _back("switches")

    @blueprint.post("/_page/reset")
    def reset() -> AnyResponse:
        size = request.form.get("size", type=int)
        restart(simulation, request.form.get("to", ""), size)
        return _back("records")

    _add_fault_forms(blueprint, simulation)
    _add_webhook_forms(blueprint, simulation)


def _add_fault_forms(blueprint: Blueprint, simulation: Simulation) -> None:
    @blueprint.post("/_page/faults")
    def add_fault() -> AnyResponse:
        # An empty "how many times" is: until cleared.
        simulation.faults.add(checked(FaultRule, {"times": None, **filled(request.form)}))
        return _back("faults")

    @blueprint.post("/_page/faults/clearing")
    def clear_faults() -> AnyResponse:
        simulation.faults.clear()
        return _back("faults")

    @blueprint.post("/_page/holds/release")
    def release() -> AnyResponse:
        simulation.faults.release()
        return _back("faults")


def _add_webhook_forms(blueprint: Blueprint, simulation: Simulation) -> None:
    courier = simulation.courier

    @blueprint.post("/_page/webhooks/faults")
    def add_webhook_fault() -> AnyResponse:
        courier.faults.add(checked(WebhookFault, {"times": None, **filled(request.form)}))
        return _back("webhooks")

    @blueprint.post("/_page/webhooks/faults/clearing")
    def clear_webhook_faults() -> AnyResponse:
        courier.faults.clear()
        return _back("webhooks")

    @blueprint.post("/_page/webhooks/enabling")
    def enable() -> AnyResponse:
        courier.enable()
        return _back("webhooks")

    @blueprint.post("/_page/webhooks/storm")
    def storm() -> AnyResponse:
        edits.storm(simulation, min(max(request.form.get("count", 100, int), 1), 100_000))
        return _back("webhooks")


def _back(section: str) -> AnyResponse:
    return redirect(f"/#{section}", 303)
