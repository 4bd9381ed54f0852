"""Uploads and downloads of files: which views take large requests, and how a stored file is handed out."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, request, send_file
from werkzeug.datastructures import FileStorage

from portal.storage import ENDINGS, KINDS, MEGABYTE, FileRefusedError, Kept, storage

View = TypeVar("View", bound=Callable[..., Any])

# What one `<input type="file">` offers to choose.
ACCEPT = ",".join(f".{ending}" for ending in KINDS)


def start(app: Flask) -> None:
    """Before anything reads the form: views that take files have a limit of their own."""
    app.before_request(allow_size)
    app.jinja_env.globals.update(file_accept=ACCEPT, file_words=file_words)


def takes_files(view: View) -> View:
    """Mark a view that large requests may be sent to."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def allow_size() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_files", False):
        # A little more than the storage takes, so that it is the one to say which file is too large.
        request.max_content_length = storage().most + MEGABYTE


def file_words() -> str:
    """What may be uploaded, as the hint of the field."""
    return f"Up to {storage().most // MEGABYTE} MB: {ENDINGS}."


def receive(given: FileStorage | None) -> Kept:
    """Store the file of a request. Raises FileRefusedError."""
    if given is None or not given.filename:
        raise FileRefusedError("Choose a file.")
    return storage().keep(given.stream, given.filename)


def hand_out(key: str | None, name: str, content_type: str | None) -> Response:
    """The stored file, always to be saved and never shown by the browser; 404 where its bytes aren't here."""
    try:
        path = storage().path(key or "")
    except KeyError:
        abort(HTTPStatus.NOT_FOUND, "The portal doesn’t have this file. It may be in Buildium only.")
    if not path.is_file():
        abort(HTTPStatus.NOT_FOUND, "This file is not in the portal’s storage any more.")
    answer = send_file(path, content_type or "application/octet-stream", as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer
