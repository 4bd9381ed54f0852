from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.entities.bills.model import Bill, BillFile
from portal.storage import MEGABYTE, storage
from tests.entities.bill_rows import bill_of, new_books
from tests.people import sign_in
from tests.web.conftest import Store, Stored
from tests.web.pages import errors, parsed, words

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

PDF = b"%PDF-1.7 a scan"


@pytest.fixture
def bill(store: Store) -> Bill:
    books = new_books()
    store(*books.records())
    bill = bill_of(books)
    store(bill)
    return bill


def send(client: FlaskClient, bill: Bill, content: bytes = PDF, name: str = "Scan.pdf", **more: str) -> Any:
    data = {"file": (io.BytesIO(content), name, "text/html"), **more}
    return client.post(f"/bills/{bill.id}/files", data=data)


def the_file(stored: Stored) -> tuple[UUID, str]:
    """(id, key) of the only file."""
    (file,) = stored(select(BillFile))
    return file.id, file.file_url


def test_a_file_is_kept_and_given_back_to_be_saved(manager: FlaskClient, bill: Bill, stored: Stored) -> None:
    answer = send(manager, bill, description=" The invoice ")
    assert answer.location == f"/bills/{bill.id}#files"
    (file,) = stored(select(BillFile))
    assert (file.file_name, file.file_type, file.file_size) == ("Scan.pdf", "application/pdf", len(PDF))
    assert (file.description, file.upload_state, file.bill_id) == ("The invoice", "waiting", bill.id)
    file_id, _ = the_file(stored)
    page = manager.get(f"/bills/{bill.id}")
    assert "Waiting to be sent to Buildium" in words(parsed(page))
    given = manager.get(f"/bills/{bill.id}/files/{file_id}")
    assert given.data == PDF
    assert given.headers["Content-Disposition"] == "attachment; filename=Scan.pdf"
    assert given.headers["Content-Type"] == "application/pdf"
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert given.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"<script>", "page.html", "aren’t taken"),
        (b"<html>", "page.pdf", "isn’t such a file"),
        (b"", "empty.pdf", "The file is empty."),
        (PDF, "", "Choose a file."),
        (PDF + b"x" * 200_000, "large.pdf", "larger than"),
    ],
)
def test_what_is_refused_is_said_beside_the_field(
    manager: FlaskClient,
    bill: Bill,
    stored: Stored,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    name: str,
    words: str,
) -> None:
    monkeypatch.setattr(storage(), "most", 200_000)
    answer = send(manager, bill, content, name)
    assert answer.status_code == 422
    assert words in errors(answer)["file"]
    assert stored(select(BillFile)) == []


def multipart(content: bytes) -> dict[str, Any]:
    """A form with a file, written by hand: the client would leave a temporary file of its own open."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    return {"data": head + content + b"\r\n--x--\r\n", "content_type": "multipart/form-data; boundary=x"}


def test_only_this_page_takes_a_large_request_and_no_larger_one_than_a_file(
    manager: FlaskClient, bill: Bill, stored: Stored
) -> None:
    large, small = PDF + b"x" * 22 * MEGABYTE, PDF + b"x" * 3 * MEGABYTE
    assert manager.post(f"/bills/{bill.id}/files", **multipart(large)).status_code == 413
    assert manager.post("/bills/new", **multipart(small)).status_code == 413
    assert manager.post(f"/bills/{bill.id}/files", **multipart(small)).status_code == 303
    assert stored(select(BillFile.file_size)) == [len(small)]


def test_a_file_that_was_not_sent_yet_can_be_removed(manager: FlaskClient, bill: Bill, stored: Stored) -> None:
    send(manager, bill)
    file_id, key = the_file(stored)
    path = storage().path(key)
    assert path.is_file()
    assert manager.post(f"/bills/{bill.id}/files/{file_id}/removal").status_code == 303
    assert stored(select(BillFile)) == []
    assert not path.exists()


def test_one_that_buildium_has_stays(manager: FlaskClient, bill: Bill, store: Store, stored: Stored) -> None:
    file = BillFile(bill_id=bill.id, file_name="a.pdf", upload_state="sent", buildium_file_id=7)
    file_id = file.id
    store(file)
    assert manager.post(f"/bills/{bill.id}/files/{file_id}/removal").status_code == 409
    assert "In Buildium" in manager.get(f"/bills/{bill.id}").text
    assert manager.get(f"/bills/{bill.id}/files/{file_id}").status_code == 404


def test_a_file_is_only_found_at_its_own_bill(manager: FlaskClient, bill: Bill, store: Store, stored: Stored) -> None:
    send(manager, bill)
    file_id, key = the_file(stored)
    other = Bill(vendor_id=bill.vendor_id, date=bill.date, due_date=bill.due_date, amount=1)
    store(other)
    assert manager.get(f"/bills/{other.id}/files/{file_id}").status_code == 404
    assert manager.post(f"/bills/{other.id}/files/{file_id}/removal").status_code == 404
    storage().remove(key)
    assert manager.get(f"/bills/{bill.id}/files/{file_id}").status_code == 404


def test_a_viewer_reads_files_and_adds_none(manager: FlaskClient, app: Flask, bill: Bill, stored: Stored) -> None:
    send(manager, bill)
    file_id, _ = the_file(stored)
    viewer = app.test_client()
    sign_in(viewer, "viewer")
    assert viewer.get(f"/bills/{bill.id}/files/{file_id}").data == PDF
    assert send(viewer, bill).status_code == 403
    assert viewer.post(f"/bills/{bill.id}/files/{file_id}/removal").status_code == 403
