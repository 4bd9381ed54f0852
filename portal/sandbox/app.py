"""The simulated Buildium as a program of its own: `gunicorn "portal.sandbox.app:from_environment()"`."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from portal.sandbox.api.routes import Api, is_watched
from portal.sandbox.config import SandboxConfig
from portal.sandbox.control.routes import control
from portal.sandbox.faults.door import Door
from portal.sandbox.pages.routes import pages
from portal.sandbox.simulation import Simulation
from portal.sandbox.storage.routes import storage

EXTENSION = "sandbox"


def create_app(config: SandboxConfig) -> Flask:
    """The application; its `Simulation` is `app.extensions["sandbox"]`, whose `close()` ends threads and files.
    Raises OSError where the data folder can't be used, for example while another process holds it."""
    simulation = Simulation(config)
    app = Flask(__name__, template_folder=_templates(), static_folder="static", static_url_path="/_static")
    app.extensions[EXTENSION] = simulation
    # `/v1/rentals/` and `/v1//rentals` are not found, never redirected.
    app.url_map.merge_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]
    Api(simulation).register(app)
    app.register_blueprint(control(simulation))
    app.register_blueprint(pages(simulation))
    app.register_blueprint(storage(simulation))
    app.wsgi_app = Door(app.wsgi_app, is_watched, simulation.faults, simulation.requests)  # type: ignore[method-assign]
    return app


def from_environment() -> Flask:
    """For a WSGI server: settings from the SANDBOX_… variables."""
    return create_app(SandboxConfig.from_environment())


def _templates() -> str:
    """The folder of the page templates: in the package when installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "templates"
    return str((installed if installed.is_dir() else package.parent / "templates") / "sandbox")
