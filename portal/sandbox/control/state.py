"""Turning switches and starting over."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from portal.sandbox.control.bodies import refusal
from portal.sandbox.errors import RefusedError
from portal.sandbox.simulation import Simulation
from portal.sandbox.switches import Switches

LARGEST_SIZE = 20_000


def turn(simulation: Simulation, wanted: dict[str, Any]) -> None:
    """Set these switches, all or none. Raises RefusedError 400 for an unknown name or value."""
    try:
        checked = Switches.model_validate({**simulation.switches.model_dump(), **wanted})
    except ValidationError as error:
        raise refusal(error) from None
    for name in wanted:
        setattr(simulation.switches, name, getattr(checked, name))


def restart(simulation: Simulation, to: str, size: Any = None) -> None:
    """Back to the sample portfolio (`to` sample, optionally of another size) or to an empty company, with
    nothing in the logs, no faults, and the switches of the start."""
    if to not in ("sample", "empty"):
        raise RefusedError(400, [("to", "Must be sample or empty.")])
    units = simulation.config.size if size is None else size
    if not isinstance(units, int) or not 1 <= units <= LARGEST_SIZE:
        raise RefusedError(400, [("size", f"Must be a number of units from 1 to {LARGEST_SIZE}.")])
    simulation.faults.clear()
    simulation.courier.reset()
    simulation.restore_switches()
    simulation.reset(0 if to == "empty" else units)
    simulation.requests.clear()
    simulation.window.clear()
