"""The files of a bill: adding one, handing one out, taking one away again."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.entities.bills.model import Bill, BillFile
from portal.extensions import db
from portal.storage import FileRefusedError, storage
from portal.web.uploads import hand_out, receive, takes_files

LONGEST_DESCRIPTION = 1000


@takes_files
def adding(record_id: Any) -> ResponseReturnValue:
    bill = db.get_or_404(Bill, record_id)
    if request.method == "GET":
        return render_template("bills/file.html", record=bill, error="")
    try:
        kept = receive(request.files.get("file"))
    except FileRefusedError as error:
        page = render_template("bills/file.html", record=bill, error=str(error))
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    description = request.form.get("description", "").strip()[:LONGEST_DESCRIPTION] or None
    columns = {"file_name": kept.name, "file_type": kept.content_type, "file_size": kept.size, "file_url": kept.key}
    bill.files.append(BillFile(description=description, **columns))
    return to_files(record_id, f"File “{kept.name}” added.")


def file(record_id: Any, file_id: Any) -> ResponseReturnValue:
    found = file_of(record_id, file_id)
    return hand_out(found.file_url, found.file_name, found.file_type)


def removal(record_id: Any, file_id: Any) -> ResponseReturnValue:
    """Only what Buildium doesn't have yet: what was sent is taken away there."""
    found = file_of(record_id, file_id)
    if found.buildium_file_id is not None or found.upload_state == "sent":
        abort(HTTPStatus.CONFLICT, "Buildium has this file already. Remove it there.")
    key, name = found.file_url, found.file_name
    db.session.delete(found)
    answer = to_files(record_id, f"File “{name}” removed.")
    if key:
        storage().remove(key)
    return answer


def file_of(record_id: Any, file_id: Any) -> BillFile:
    found = db.get_or_404(BillFile, file_id)
    if found.bill_id != record_id:
        abort(HTTPStatus.NOT_FOUND)
    return found


def to_files(record_id: Any, words: str) -> ResponseReturnValue:
    db.session.commit()
    flash(words)
    return redirect(url_for("bills.show", record_id=record_id, _anchor="files"), HTTPStatus.SEE_OTHER)
