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
from portal.sandbox.api.listing import in_scope, page_of
from portal.sandbox.api.patching import patched
from portal.sandbox.catalog import REPORTS, RESOURCES, SINGLES, VIEWS
from portal.sandbox.collection import Record
from portal.sandbox.errors import RefusedError, error_body
from portal.sandbox.resource import (
    Action,
    Answer,
    CollectionAction,
    Create,
    CreateElsewhere,
    Delete,
    Patch,
    Resource,
    Single,
    Update,
)
from portal.sandbox.resources.file_tickets import STORAGE_PREFIX
from portal.sandbox.simulation import Simulation
from portal.sandbox.world import World

Run = Callable[[World], Response]
# Browsers ask for the icon by themselves; that is no call of the portal's.
OWN_PREFIXES = ("/_", "/favicon.ico")


def is_api(path: str) -> bool:
    """Whether a path belongs to the simulated API rather than to the sandbox's own pages and control."""
    return path != "/" and not path.startswith(OWN_PREFIXES)


def is_watched(path: str) -> bool:
    """Whether calls of a path are logged and can meet faults: those of the API, and those of the file storage."""
    return is_api(path) or path.startswith(STORAGE_PREFIX)


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
        for report in REPORTS:
            self._add_list(app, report)
        for resource in (*RESOURCES, *VIEWS):
            if resource.path:
                self._add(app, resource)

    def _admit(self) -> None:
        # A before_request function also runs for unknown paths, so that a wrong key is told 401 there too.
        if is_api(request.path):
            self._gate.admit(request)

    def _add_single(self, app: Flask, single: Single) -> None:
        self._route(app, "GET", single.path, single.area.to_view(), lambda world: _json(single.answer(world)))

    def _add(self, app: Flask, resource: Resource) -> None:
        self._add_list(app, resource)
        item, view = resource.path + "/{Id}", resource.area.to_view(resource.also)
        self._route(app, "GET", item, view, lambda world: _json(resource.answer(world, _found(world, resource))))
        if resource.create:
            self._add_create(app, resource, resource.create)
        if resource.update:
            self._add_update(app, resource, resource.update)
        if resource.patch:
            self._add_patch(app, resource, resource.patch)
        if resource.delete:
            self._add_delete(app, resource, resource.delete)
        if resource.elsewhere:
            self._add_elsewhere(app, resource, resource.elsewhere)
        for action in resource.actions:
            self._add_action(app, resource, action)
        for asked in resource.collection_actions:
            self._add_collection_action(app, resource, asked)

    def _add_list(self, app: Flask, resource: Resource) -> None:
        view = resource.area.to_view(resource.also)
        self._route(app, "GET", resource.path, view, lambda world: _list(world, resource))

    def _add_create(self, app: Flask, resource: Resource, create: Create) -> None:
        needs = resource.area.to_edit(create.also)
        self._route(app, "POST", resource.path, needs, lambda world: self._create(world, resource, create))

    def _add_update(self, app: Flask, resource: Resource, update: Update) -> None:
        needs = resource.area.to_edit()
        self._route(app, "PUT", resource.path + "/{Id}", needs, lambda world: self._update(world, resource, update))

    def _add_patch(self, app: Flask, resource: Resource, patch: Patch) -> None:
        def run(world: World) -> Response:
            record = _found(world, resource)
            changed = patch.run(world, record, patched(request, patch, record, world.switches))
            return _json(resource.answer(world, changed))

        self._route(app, "PATCH", resource.path + "/{Id}", resource.area.to_edit(), run)

    def _add_elsewhere(self, app: Flask, resource: Resource, elsewhere: CreateElsewhere) -> None:
        def run(world: World) -> Response:
            message = read_message(request, elsewhere.create.message, world.switches)
            record = elsewhere.create.run(world, message)
            response = _json(resource.answer(world, record), 201)
            response.headers["Location"] = f"{request.host_url.rstrip('/')}{elsewhere.place(record)}"
            return response

        self._route(app, "POST", elsewhere.path, resource.area.to_edit(elsewhere.create.also), run)

    def _add_delete(self, app: Flask, resource: Resource, delete: Delete) -> None:
        def run(world: World) -> Response:
            delete.run(world, _found(world, resource))
            return Response(status=204)

        needs = resource.area.to_edit(delete.also, delete.right)
        self._route(app, "DELETE", resource.path + "/{Id}", needs, run)

    def _add_action(self, app: Flask, resource: Resource, action: Action) -> None:
        def run(world: World) -> Response:
            answer = action.run(world, _found(world, resource))
            return Response(status=204) if answer is None else _made(answer, action.urls)

        needs = resource.area.to_edit(right=action.right)
        self._route(app, "POST", f"{resource.path}/{{Id}}/{action.name}", needs, run)

    def _add_collection_action(self, app: Flask, resource: Resource, action: CollectionAction) -> None:
        def run(world: World) -> Response:
            message = read_message(request, action.message, world.switches)
            _check_parents(world, resource)
            return _made(action.run(world, message), action.urls)

        self._route(app, "POST", f"{resource.path}/{action.name}", resource.area.to_edit(), run)

    def _route(self, app: Flask, method: str, path: str, needs: tuple[str, ...], run: Run) -> None:
        def view(**scope: int) -> Response:
            self._gate.permit(needs)
            with self._simulation.change(scope) as world:
                return run(world)

        rule = re.sub(r"\{(\w+)\}", r"<int:\1>", path)
        app.add_url_rule(rule, endpoint=f"{method} {path}", view_func=view, methods=[method])

    def _create(self, world: World, resource: Resource, create: Create) -> Response:
        message = read_message(request, create.message, world.switches)
        _check_parents(world, resource)
        record = create.run(world, message)
        response = _json(resource.answer(world, record), 201)
        response.headers["Location"] = f"{request.base_url}/{record[resource.key] if resource.key else record.id}"
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
    last = world.scope.pop("Id")
    _check_parents(world, resource)
    named = world.find(resource.kind, resource.key, last) if resource.key else [world.get(resource.kind, last)]
    for record in named:
        if record is not None and in_scope(record, world.scope) and resource.serves(world, record):
            return record
    raise RefusedError(404)


def _check_parents(world: World, resource: Resource) -> None:
    """Raises RefusedError 404 unless every record of the path exists and belongs to those before it."""
    for field, kind in resource.parents.items():
        parent = world.get(kind, world.scope[field])
        outer = {name: value for name, value in world.scope.items() if parent is not None and name in parent.values}
        if parent is None or not in_scope(parent, outer):
            raise RefusedError(404, [(field, f"{field} {world.scope[field]} does not exist.")])


def _made(answer: Answer, urls: tuple[str, ...]) -> Response:
    """201 with what isn't a record: Location is the call itself, and paths of this server become addresses."""
    host = request.host_url.rstrip("/")
    response = _json({**answer, **{name: f"{host}{answer[name]}" for name in urls}}, 201)
    response.headers["Location"] = request.base_url
    return response


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
