"""Files: the ticket, the bytes sent to the storage, the record that appears late, and the way back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from portal.sandbox.config import SandboxConfig
from tests.sandbox import bodies, bodies_books, bodies_tasks
from tests.sandbox.running import KEY, Served, serve, wait_for

BYTES = {"Content-Type": "application/octet-stream"}
PHOTO = bytes(range(256)) * 9


class Upload(NamedTuple):
    """Where the files of a history entry stand, and a ticket for one more."""

    files: str
    url: str
    name: str
    headers: dict[str, str]

    @property
    def found_by(self) -> str:
        return f"/v1/files?physicalfilenames={self.name}"


@pytest.fixture
def files(server: Served) -> str:
    """The path of the files of a new task's first entry."""
    server.switch(file_delay=0.01)
    return files_of_a_task(server)


def files_of_a_task(server: Served) -> str:
    task = server.made("/v1/tasks/todorequests", bodies_tasks.to_do(1002))["Id"]
    entry = server.first(f"/v1/tasks/{task}/history")["Id"]
    return f"/v1/tasks/{task}/history/{entry}/files"


def ticket(server: Served, files: str, name: str = "Küche (1).jpg") -> Upload:
    answer = server.made(f"{files}/uploads", {"FileName": name})
    return Upload(files, answer["UploadUrl"], answer["PhysicalFileName"], answer["Headers"])


def send(
    server: Served, upload: Upload, content: bytes = PHOTO, headers: dict[str, str] | None = None
) -> httpx.Response:
    return server.plain.put(upload.url, content=content, headers={**BYTES, **upload.headers, **(headers or {})})


def sent(server: Served, files: str, name: str = "Küche (1).jpg", content: bytes = PHOTO) -> dict[str, Any]:
    """Upload a file and return it as the list of all files shows it."""
    upload = ticket(server, files, name)
    assert send(server, upload, content).status_code == 200
    (file,) = wait_for(lambda: server.api.get(upload.found_by).json())
    return dict(file)


def code_of(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["Content-Type"] == "application/xml"
    return response.status_code, response.text.partition("<Code>")[2].partition("</Code>")[0]


def test_a_file_is_sent_in_two_steps_and_found_by_its_physical_name(server: Served, files: str) -> None:
    file = sent(server, files)
    assert (file["Title"], file["ContentType"], file["Size"]) == ("Küche (1).jpg", "image/jpeg", len(PHOTO))
    assert file["PhysicalFileName"].endswith(".jpg")
    (attached,) = server.api.get(files).json()
    # Begun kilobytes here, bytes there.
    assert (attached["Id"], attached["Size"]) == (file["Id"], 3)
    assert server.api.get(f"{files}/{file['Id']}").json() == attached
    assert server.first(files.removesuffix("/files").rpartition("/")[0])["FileIds"] == [file["Id"]]


def test_a_ticket_alone_saves_nothing(server: Served, files: str) -> None:
    upload = ticket(server, files)
    assert server.api.get(files).json() == server.api.get(upload.found_by).json() == []


def test_the_file_appears_a_while_after_its_bytes(server: Served, files: str) -> None:
    server.switch(file_delay=3600)
    upload = ticket(server, files)
    assert send(server, upload).status_code == 200
    assert server.api.get(files).json() == server.api.get(upload.found_by).json() == []
    hidden = server.control("GET", "/records/files?search=K%C3%BCche")["items"][-1]["id"]
    assert server.api.get(f"/v1/files/{hidden}").status_code == 404
    assert server.first(files.removesuffix("/files").rpartition("/")[0])["FileIds"] == []
    server.control("PATCH", f"/records/files/{hidden}", {"AppearsAt": datetime.now(UTC).isoformat()})
    assert [file["Id"] for file in server.api.get(files).json()] == [hidden]


def test_the_same_bytes_come_back(server: Served, files: str) -> None:
    file = sent(server, files)
    for path in (f"{files}/{file['Id']}", f"/v1/files/{file['Id']}"):
        response = server.api.post(f"{path}/downloadrequest")
        assert (response.status_code, bool(response.headers["Location"])) == (201, True)
        fetched = server.plain.get(response.json()["DownloadUrl"])
        assert (fetched.content, fetched.headers["Content-Type"]) == (PHOTO, "image/jpeg")


def test_the_storage_refuses_the_credentials_of_the_api(server: Served, files: str) -> None:
    upload = ticket(server, files)
    for name, value in KEY.items():
        assert code_of(send(server, upload, headers={name: value})) == (400, "InvalidArgument")
    file = sent(server, files)
    url = server.api.post(f"{files}/{file['Id']}/downloadrequest").json()["DownloadUrl"]
    assert server.plain.get(url, headers=KEY).status_code == 400
    assert [each["Id"] for each in server.api.get(files).json()] == [file["Id"]]


def test_every_header_must_be_sent_as_received(server: Served, files: str) -> None:
    upload = ticket(server, files)
    assert upload.headers
    for name in upload.headers:
        left = {other: value for other, value in upload.headers.items() if other != name}
        assert code_of(server.plain.put(upload.url, content=PHOTO, headers={**BYTES, **left})) == (
            403,
            "SignatureDoesNotMatch",
        )
        assert send(server, upload, headers={name: upload.headers[name] + "x"}).status_code == 403
    for kind in ("image/jpeg", "application/octet-stream; charset=utf-8"):
        assert send(server, upload, headers={"Content-Type": kind}).status_code == 403
    assert server.plain.put(upload.url.replace("Signature=", "Signature=0"), content=PHOTO).status_code == 403
    assert send(server, upload).status_code == 200


def test_tickets_run_out(server: Served, files: str) -> None:
    file = sent(server, files)
    server.switch(file_ticket_seconds=0)
    assert code_of(send(server, ticket(server, files))) == (403, "AccessDenied")
    url = server.api.post(f"{files}/{file['Id']}/downloadrequest").json()["DownloadUrl"]
    assert code_of(server.plain.get(url)) == (403, "AccessDenied")
    assert len(server.api.get(files).json()) == 1


def test_a_ticket_for_sending_does_not_fetch_and_none_fits_another_file(server: Served, files: str) -> None:
    one, other = ticket(server, files), ticket(server, files)
    send(server, one)
    assert code_of(server.plain.get(one.url)) == (403, "SignatureDoesNotMatch")
    assert server.plain.put(one.url.replace(one.name, other.name), content=b"", headers=one.headers).status_code == 403


def test_sending_twice_makes_one_file(server: Served, files: str) -> None:
    upload = ticket(server, files)
    for content in (b"first", b"second one"):
        assert send(server, upload, content).status_code == 200
    (file,) = wait_for(lambda: server.api.get(upload.found_by).json())
    assert file["Size"] == 10


def test_large_files_are_refused_by_the_storage(server: Served, files: str) -> None:
    server.switch(file_size_limit=100)
    assert code_of(send(server, ticket(server, files), b"x" * 101)) == (400, "EntityTooLarge")
    assert send(server, ticket(server, files), b"x" * 100).status_code == 200
    server.switch(file_size_limit=100_000_000)
    assert code_of(send(server, ticket(server, files), b"x" * 32_000_001)) == (400, "EntityTooLarge")


@pytest.mark.parametrize(("name", "status"), [("run.EXE", 422), ("a.vbs", 422), ("exe", 201), ("plan.pdf", 201)])
def test_some_types_are_refused_by_the_ticket(server: Served, files: str, name: str, status: int) -> None:
    assert server.api.post(f"{files}/uploads", json={"FileName": name}).status_code == status


@pytest.mark.parametrize(("name", "status"), [("x" * 251 + ".jpg", 201), ("x" * 252 + ".jpg", 422), ("", 422)])
def test_a_file_name_has_1_to_255_characters(server: Served, files: str, name: str, status: int) -> None:
    assert server.api.post(f"{files}/uploads", json={"FileName": name}).status_code == status


@pytest.mark.parametrize("name", ["../../etc/passwd", "東京.png", "a\x00b.pdf", "..", "a/b\\c", "no-extension"])
def test_odd_names_come_back_unchanged_and_lead_nowhere(server: Served, files: str, name: str) -> None:
    file = sent(server, files, name, b"content")
    assert file["Title"] == name
    assert set(file["PhysicalFileName"]) <= set("0123456789abcdefghijklmnopqrstuvwxyz.")


def test_a_deleted_file_is_gone_for_good_and_needs_the_right_to_delete(server: Served, files: str) -> None:
    file = sent(server, files)
    path = f"{files}/{file['Id']}"
    url = server.api.post(f"{path}/downloadrequest").json()["DownloadUrl"]
    server.switch(permissions={"Tasks > Tasks": "View+Edit"})
    assert server.api.delete(path).status_code == 403
    server.switch(permissions={})
    assert server.api.delete(path).status_code == 204
    assert server.api.delete(path).status_code == 404
    assert server.api.get(f"/v1/files/{file['Id']}").status_code == 404
    assert code_of(server.plain.get(url)) == (404, "NoSuchKey")


def test_a_key_that_may_only_view_can_fetch_but_not_send(server: Served, files: str) -> None:
    file = sent(server, files)
    server.switch(permissions={"Tasks > Tasks": "View", "Documents > Files": "None"})
    assert server.api.post(f"{files}/{file['Id']}/downloadrequest").status_code == 201
    assert server.api.post(f"{files}/uploads", json={"FileName": "a.pdf"}).status_code == 403
    assert server.api.get("/v1/files").status_code == 403


def test_a_file_is_served_under_its_own_entry_only(server: Served, files: str) -> None:
    file = sent(server, files)
    other = files_of_a_task(server)
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/downloadrequest")):
        assert server.api.request(method, f"{other}/{file['Id']}{path}").status_code == 404
    mixed = files.rpartition("/history")[0] + other.partition("/history")[1] + other.partition("/history")[2]
    assert server.api.get(mixed).status_code == 404
    assert server.api.post(f"{mixed}/uploads", json={"FileName": "a.pdf"}).status_code == 404


def test_the_old_way_of_uploading_is_gone(server: Served, files: str) -> None:
    assert server.api.post(f"{files}/uploadrequests", json={"FileName": "a.pdf"}).status_code == 404


def test_nothing_comes_of_a_file_whose_entry_was_deleted_meanwhile(server: Served, files: str) -> None:
    upload = ticket(server, files)
    server.control("DELETE", f"/records/tasks/{files.split('/')[3]}")
    assert send(server, upload).status_code == 200
    assert server.api.get(upload.found_by).json() == []


def test_a_deleted_entry_takes_its_files_along(server: Served, files: str) -> None:
    file = sent(server, files)
    server.control("DELETE", f"/records/task_history/{files.split('/')[5]}")
    assert server.api.get(f"/v1/files/{file['Id']}").status_code == 404


@pytest.fixture
def bill_files(server: Served, property_id: int) -> str:
    """The path of the files of a new bill."""
    server.switch(file_delay=0.01)
    line = bodies_books.line(property_id, bodies_books.expense_account_id(server))
    bill = server.made("/v1/bills", bodies_books.bill(bodies_books.vendor_id(server), [line]))
    return f"/v1/bills/{bill['Id']}/files"


def test_bills_have_files_in_the_same_way(server: Served, bill_files: str) -> None:
    file = sent(server, bill_files, "invoice.pdf")
    (attached,) = server.api.get(bill_files).json()
    assert (attached["Id"], attached["ContentType"], attached["Size"]) == (file["Id"], "application/pdf", 3)
    path = f"{bill_files}/{file['Id']}"
    assert server.plain.get(server.api.post(f"{path}/downloadrequest").json()["DownloadUrl"]).content == PHOTO
    server.switch(permissions={"Accounting > Bills": "View+Edit"})
    assert server.api.delete(path).status_code == 403
    server.switch(permissions={})
    assert server.api.delete(path).status_code == 204
    assert server.api.get(bill_files).json() == []


def test_files_of_bills_and_tasks_are_kept_apart(server: Served, files: str, bill_files: str) -> None:
    of_task, of_bill = sent(server, files)["Id"], sent(server, bill_files)["Id"]
    assert server.api.get(f"{bill_files}/{of_task}").status_code == 404
    assert server.api.get(f"{files}/{of_bill}").status_code == 404
    assert server.api.post("/v1/bills/999999/files/uploads", json={"FileName": "a.pdf"}).status_code == 404


def test_general_documents_are_found_by_entity_category_words_and_day(server: Served, property_id: int) -> None:
    values = {"Title": "Lease rules", "Description": "For the lobby", "EntityType": "Rental", "EntityId": property_id}
    made = server.control("POST", "/records/files", {**values, "CategoryId": 7, "PhysicalFileName": "r", "Size": 40})
    today, tomorrow = bodies.in_days(0), bodies.in_days(1)
    for query in (
        f"entitytype=Rental&entityid={property_id}&categoryid=7",
        f"titleordescription=LOBBY&uploadedfrom={today}&uploadedto={today}",
        "physicalfilenames=r&physicalfilenames=other",
    ):
        assert [file["Id"] for file in server.api.get(f"/v1/files?{query}").json()] == [made["id"]]
    assert server.api.get(f"/v1/files?uploadedfrom={tomorrow}").json() == []
    assert server.api.get("/v1/files?entityid=1").status_code == 422
    assert server.api.get("/v1/files?entitytype=Task&entityid=1").status_code == 400


def test_a_document_without_bytes_of_its_own_has_made_up_ones(server: Served) -> None:
    made = server.control("POST", "/records/files", {"Title": "Rules.txt", "PhysicalFileName": "r.txt", "Size": 25})
    url = server.api.post(f"/v1/files/{made['id']}/downloadrequest").json()["DownloadUrl"]
    assert server.plain.get(url).content == b"Rules.txt".ljust(25, b"\n")


def test_a_sample_photo_is_a_picture(server: Served) -> None:
    name = {"Title": "Leak.jpg", "PhysicalFileName": "leak.jpg", "ContentType": "image/jpeg", "Size": 9000}
    made = server.control("POST", "/records/files", name)
    url = server.api.post(f"/v1/files/{made['id']}/downloadrequest").json()["DownloadUrl"]
    content = server.plain.get(url).content
    assert (content[:3], len(content)) == (b"\xff\xd8\xff", 9000)


def test_only_general_documents_can_be_changed(server: Served, files: str) -> None:
    body = {"Title": "New", "Description": "Better", "CategoryId": 8}
    document = server.control("POST", "/records/files", {"Title": "Old"})["id"]
    assert server.api.put(f"/v1/files/{document}", json=body).json()["CategoryId"] == 8
    assert server.api.put(f"/v1/files/{sent(server, files)['Id']}", json=body).status_code == 422


def test_uploads_are_logged_and_can_meet_faults(server: Served, files: str) -> None:
    upload = ticket(server, files)
    server.fault("status", path="/_storage/*", status=503)
    assert send(server, upload).status_code == 503
    assert send(server, upload).status_code == 200
    statuses = [item["status"] for item in server.control("GET", "/requests?path=/_storage/")["items"]]
    assert statuses == [200, 503]


def test_the_bytes_survive_a_restart(tmp_path: Path) -> None:
    config = SandboxConfig(home=tmp_path, size=12, rate=0)
    with serve(config) as served:
        files = files_of_a_task(served)
        file, waiting = sent(served, files), ticket(served, files)
    with serve(config) as served:
        url = served.api.post(f"{files}/{file['Id']}/downloadrequest").json()["DownloadUrl"]
        assert served.plain.get(url).content == PHOTO
        path = httpx.URL(waiting.url).raw_path.decode()
        assert send(served, waiting._replace(url=path)).status_code == 200
        served.control("POST", "/reset")
    assert list((tmp_path / "files").iterdir()) == []
