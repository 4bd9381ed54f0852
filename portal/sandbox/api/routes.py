"""Serving the catalogue: one Flask route per verb and path, all through the same gate and transaction."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from portal.sandbox.api.bodies import read_message
from portal.sandbox.api.gate import Gate
from portal.sandbox.api.listing import page_of
from portal.sandbox.catalog import RESOURCES, SINGLES
from portal.sandbox.collection import Record
from portal.sandbox.errors import RefusedError, error_body
from portal.sandbox.resource import Action, Area, Create, Resource, Single, Update
from portal.sandbox.simulation import Simulation
from portal.sandbox.world import World

Run = Callable[[World], Response]
# Browsers ask for the icon by themselves; that is no call of the portal's.
OWN_PREFIXES = ("/_", "/favicon.ico")


def is_api(path: str) -> bool:
    """Whether a path belongs to the simulated API rather than to the sandbox's own pages and control."""
    return path != "/" and not path.startswith(OWN_PREFIXES)


class Api:
    """The routes of every resource. `register` puts them into a Flask application."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._gate = Gate(simulation.config, simulation.switches, simulation.window)

    def register(self, app: Flask) -> None:
        app.before_request(self._admit)
        app.register_error_handler(RefusedError, _refused)
        app.register_error_handler(HTTPException, _http_error)
        for single in SINGLES:
            self._add_single(app, single)
        for resource in RESOURCES:
            self._add(app, resource)

    def _admit(self) -> None:
        # A before_request function also runs for unknown paths, so that a wrong key is told 401 there too.
        if is_api(request.path):
            self._gate.admit(request)

    def _add_single(self, app: Flask, single: Single) -> None:
        self._route(app, "GET", single.path, single.area, lambda world: _json(single.answer(world)))

    def _add(self, app: Flask, resource: Resource) -> None:
        path, item, area = resource.path, resource.path + "/{Id}", resource.area
        self._route(app, "GET", path, area, lambda world: _list(world, resource))
        self._route(app, "GET", item, area, lambda world: _json(resource.answer(world, _found(world, resource))))
        if resource.create:
            create = resource.create
            self._route(app, "POST", path, area, lambda world: self._create(world, resource, create), edit=True)
        if resource.update:
            update = resource.update
            self._route(app, "PUT", item, area, lambda world: self._update(world, resource, update), edit=True)
        for action in resource.actions:
            self._add_action(app, resource, action)

    def _add_action(self, app: Flask, resource: Resource, action: Action) -> None:
        def run(world: World) -> Response:
            action.run(world, _found(world, resource))
            return Response(status=204)

        self._route(app, "POST", f"{resource.path}/{{Id}}/{action.name}", resource.area, run, edit=True)

    def _route(self, app: Flask, method: str, path: str, area: Area, run: Run, *, edit: bool = False) -> None:
        def view(**scope: int) -> Response:
            self._gate.permit(area.edit or area.view if edit else area.view, edit=edit)
            with self._simulation.change(scope) as world:
                return run(world)

        rule = re.sub(r"\{(\w+)\}", r"<int:\1>", path)
        app.add_url_rule(rule, endpoint=f"{method} {path}", view_func=view, methods=[method])

    def _create(self, world: World, resource: Resource, create: Create) -> Response:
        message = read_message(request, create.message, world.switches)
        _check_parents(world, resource)
        record = create.run(world, message)
        response = _json(resource.answer(world, record), 201)
        response.headers["Location"] = f"{request.base_url}/{record.id}"
        link = create.link(world, record)
        if link:
            response.headers["Link"] = f'<{request.host_url.rstrip("/")}{link}>; rel="unit"'
        return response

    def _update(self, world: World, resource: Resource, update: Update) -> Response:
        message = read_message(request, update.message, world.switches)
        record = update.run(world, _found(world, resource), message)
        return _json(resource.answer(world, record))


def _list(world: World, resource: Resource) -> Response:
    _check_parents(world, resource)
    answers, total = page_of(world, resource, request.args)
    response = _json(answers)
    response.headers["X-Total-Count"] = str(total)
    return response


def _found(world: World, resource: Resource) -> Record:
    """The record that the path names; taking its id out of the scope leaves the ids of its parents."""
    record = world.get(resource.kind, world.scope.pop("Id"))
    if record is None or any(record.values.get(field) != value for field, value in world.scope.items()):
        raise RefusedError(404)
    return record


def _check_parents(world: World, resource: Resource) -> None:
    for field, kind in resource.parents.items():
        if world.get(kind, world.scope[field]) is None:
            raise RefusedError(404, [(field, f"{field} {world.scope[field]} does not exist.")])


def _json(body: Any, status: int = 200) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, content_type="application/json; charset=utf-8")


def _refused(refused: RefusedError) -> Response:
    response = _json(refused.body(), refused.status)
    response.headers.update(refused.headers)
    return response


def _http_error(error: HTTPException) -> Response:
    """Unknown paths, wrong case and unsupported verbs carry the same error body as everything else."""
    status = error.code or 500
    return _json(error_body(status, message=None if status == 404 else error.description), status)
