"""Going on with a task: a new status, a note and files in one step; a text that is corrected."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import FileStorage

from portal.database import now
from portal.entities.tasks.history import TaskHistory, TaskHistoryFile
from portal.entities.tasks.model import STEPS, Task
from portal.entities.tasks.queries import writer
from portal.extensions import db
from portal.storage import FileRefusedError, Kept, storage
from portal.web.uploads import receive, takes_files

LONGEST_NOTE = 65_500
MOST_FILES = 10
TRIES = 3


@takes_files
def history(record_id: Any) -> ResponseReturnValue:
    """The box that updates a task, as a page of its own where something is wrong with what was sent."""
    task = db.get_or_404(Task, record_id)
    if request.method == "GET":
        return box(task, "", [])
    note, verb = request.form.get("note", "").replace("\r\n", "\n").strip(), request.form.get("to", "")
    given = [each for each in request.files.getlist("files") if each.filename]
    problems = problems_of(note, verb, given)
    kept = [] if problems else keep_all(given, problems)
    if problems:
        return box(task, note, problems), HTTPStatus.UNPROCESSABLE_ENTITY
    go_on(record_id, verb, note, kept)
    flash("The task is updated.")
    return redirect(url_for("tasks.show", record_id=record_id, _anchor="history"), HTTPStatus.SEE_OTHER)


def box(task: Task, note: str, problems: list[tuple[str, str]]) -> str:
    return render_template("tasks/history.html", record=task, note=note, problems=problems)


def problems_of(note: str, verb: str, given: Sequence[FileStorage]) -> list[tuple[str, str]]:
    """(id of the input, message)."""
    found = []
    if verb and verb not in STEPS:
        abort(HTTPStatus.BAD_REQUEST, "There is no such step for a task.")
    if len(note) > LONGEST_NOTE:
        found.append(("note", f"The note has {len(note):,} characters. Buildium takes {LONGEST_NOTE:,} at most."))
    if not (note or verb or given):
        found.append(("note", "Write a note or choose a file; a new status has a button of its own."))
    if len(given) > MOST_FILES:
        found.append(("files", f"Choose {MOST_FILES} files at most; the others can follow with another note."))
    return found


def keep_all(given: Sequence[FileStorage], problems: list[tuple[str, str]]) -> list[Kept]:
    """Store the files. Where one is refused, none stays, and `problems` says why."""
    kept: list[Kept] = []
    for each in given:
        try:
            kept.append(receive(each))
        except FileRefusedError as error:
            problems.append(("files", f"{each.filename}: {error} Then choose all files again."))
    if problems:
        for one in kept:
            storage().remove(one.key)
    return kept


def go_on(task_id: Any, verb: str, note: str, kept: Sequence[Kept]) -> None:
    """One entry for all of it. A save of somebody else at this very moment means to look again. Commits."""
    for _ in range(TRIES - 1):
        with suppress(StaleDataError):
            update(db.session.get_one(Task, task_id), verb, note, kept)
            return
        db.session.rollback()
    update(db.session.get_one(Task, task_id), verb, note, kept)


def update(task: Task, verb: str, note: str, kept: Sequence[Kept]) -> None:
    if kept and not note:
        # Only an update with a message is sure to have an entry, which the files then belong to.
        note = f"Added: {', '.join(each.name for each in kept)}"
    if verb in task.steps:
        entry = getattr(task, verb)(writer(), now(), note)
    elif note:
        entry = task.add_note(note, writer(), now())
    else:
        return
    entry.files = [file_of(each) for each in kept]
    db.session.commit()


def file_of(kept: Kept) -> TaskHistoryFile:
    return TaskHistoryFile(
        file_name=kept.name, file_type=kept.content_type, file_size=kept.size, file_url=kept.key, upload_state="waiting"
    )


def entry(record_id: Any, entry_id: Any) -> ResponseReturnValue:
    """Correct the text of an entry that was written here."""
    found = entry_of(record_id, entry_id)
    if not found.is_note:
        abort(HTTPStatus.CONFLICT, "Only notes that were written here can be changed here.")
    if request.method == "GET":
        return render_template("tasks/entry.html", record=found.task, entry=found, text=found.text, problem="")
    text = request.form.get("text", "").replace("\r\n", "\n").strip()
    problem = "" if 0 < len(text) <= LONGEST_NOTE else f"Enter 1 to {LONGEST_NOTE:,} characters."
    if problem:
        page = render_template("tasks/entry.html", record=found.task, entry=found, text=text, problem=problem)
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    if text != found.text:
        found.write_over(text, now())
        db.session.commit()
    flash("The note is changed.")
    return redirect(url_for("tasks.show", record_id=record_id, _anchor="history"), HTTPStatus.SEE_OTHER)


def entry_of(record_id: Any, entry_id: Any) -> TaskHistory:
    found = db.get_or_404(TaskHistory, entry_id)
    if found.task_id != record_id:
        abort(HTTPStatus.NOT_FOUND)
    return found
