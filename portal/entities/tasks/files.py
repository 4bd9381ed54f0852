"""The files of a task's history: handing one out, sending it again, taking it away, and asking Buildium for one."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.database import now
from portal.entities.tasks.history import TaskHistoryFile
from portal.entities.tasks.views import entry_of
from portal.extensions import db, queues
from portal.storage import storage
from portal.web.uploads import hand_out

JOBS = "portal.entities.tasks.jobs"
PEOPLE = "people"  # the lane of what somebody waits for


def file(record_id: Any, file_id: Any) -> ResponseReturnValue:
    """The bytes, to be saved. A picture may stand in a page, too: it is one by its bytes, and nothing else runs."""
    found = find(record_id, file_id)
    return hand_out(found.file_url, found.file_name, found.file_type)


def asking(record_id: Any, file_id: Any) -> ResponseReturnValue:
    """Have a worker fetch the bytes of a file that only Buildium has."""
    found = find(record_id, file_id)
    if found.file_url is None and found.buildium_file_id is not None:
        found.asked_for_at, found.problem = now(), None
        db.session.commit()
        queues.enqueue(PEOPLE, f"{JOBS}.fetch", str(file_id), job_id=f"fetch-{file_id}")
        flash(f"“{found.file_name}” is being fetched from Buildium. Reload the page in a moment.")
    return to_history(record_id)


def listing(record_id: Any, entry_id: Any) -> ResponseReturnValue:
    """Have a worker ask which files Buildium has for an entry."""
    entry_of(record_id, entry_id)
    queues.enqueue(PEOPLE, f"{JOBS}.list_files", str(entry_id), job_id=f"list-{entry_id}")
    flash("The names of the files are being fetched from Buildium. Reload the page in a moment.")
    return to_history(record_id)


def sending(record_id: Any, file_id: Any) -> ResponseReturnValue:
    """Send a file that Buildium didn't take, once more."""
    found = find(record_id, file_id)
    if found.upload_state == "failed":
        found.send_again()
        db.session.commit()
        flash(f"“{found.file_name}” is sent again.")
    return to_history(record_id)


def removal(record_id: Any, file_id: Any) -> ResponseReturnValue:
    """Asks first. What Buildium has goes there, too, which nobody can undo."""
    found = find(record_id, file_id)
    if request.method == "GET":
        return render_template("tasks/removal.html", record=found.task_history.task, file=found)
    name, key = found.file_name, found.file_url
    if found.buildium_file_id is None and found.upload_state in ("waiting", "failed"):
        found.task_history.files.remove(found)
    elif found.buildium_file_id is None:
        abort(HTTPStatus.CONFLICT, "The file is on its way to Buildium. Remove it when it has arrived.")
    else:
        found.upload_state, key = "removing", None
    db.session.commit()
    if key:
        storage().remove(key)
    flash(f"“{name}” is removed.")
    return to_history(record_id)


def find(record_id: Any, file_id: Any) -> TaskHistoryFile:
    found = db.get_or_404(TaskHistoryFile, file_id)
    if found.task_history.task_id != record_id:
        abort(HTTPStatus.NOT_FOUND)
    return found


def to_history(record_id: Any) -> ResponseReturnValue:
    return redirect(url_for("tasks.show", record_id=record_id, _anchor="history"), HTTPStatus.SEE_OTHER)
