from __future__ import annotations

import io
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from portal.storage import MEGABYTE, FileRefusedError, Storage, storage

PDF = b"%PDF-1.7\n1 0 obj"
PNG = b"\x89PNG\r\n\x1a\n and so on"


@pytest.fixture
def kept(tmp_path: Path) -> Storage:
    return Storage(tmp_path / "files", 2 * MEGABYTE)


def files(storage: Storage) -> list[Path]:
    return [path for path in storage.folder.rglob("*") if path.is_file()]


def test_a_file_is_kept_under_a_name_of_ours(kept: Storage) -> None:
    file = kept.keep(io.BytesIO(PDF), "Invoice 12.PDF")
    assert (file.name, file.content_type, file.size) == ("Invoice 12.PDF", "application/pdf", len(PDF))
    assert UUID(file.key.removesuffix(".pdf"))
    assert kept.path(file.key).read_bytes() == PDF
    assert files(kept) == [kept.path(file.key)]
    assert kept.path(file.key).stat().st_mode & 0o077 == 0


def test_a_removed_file_is_gone_and_may_be_removed_again(kept: Storage) -> None:
    file = kept.keep(io.BytesIO(PDF), "a.pdf")
    kept.remove(file.key)
    kept.remove(file.key)
    assert files(kept) == []


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("a.jpg", b"\xff\xd8\xff\xe0"),
        ("a.JPEG", b"\xff\xd8\xff\xe1"),
        ("a.gif", b"GIF89a"),
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBP"),
        ("a.heic", b"\x00\x00\x00\x18ftypheic"),
        ("a.mp4", b"\x00\x00\x00\x18ftypisom"),
        ("a.tif", b"II*\x00"),
        ("a.docx", b"PK\x03\x04"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("a.txt", "Prüfung\r\n\tja".encode()),
        ("a.csv", b"\xef\xbb\xbfa,b\n1,2"),
        ("long.txt", ("ü" * 5000).encode()),
    ],
)
def test_wanted_kinds_are_kept(kept: Storage, name: str, start: bytes) -> None:
    assert kept.keep(io.BytesIO(start), name).size == len(start)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("page.html", b"<script>", "aren’t taken"),
        ("picture.svg", b"<svg onload=x>", "aren’t taken"),
        ("run.exe", b"MZ", "aren’t taken"),
        ("nothing", PDF, "aren’t taken"),
        (".pdf", PDF, "aren’t taken"),
        ("", PDF, "aren’t taken"),
        ("a.pdf", b"", "The file is empty."),
        ("a.pdf", b"<html>", "isn’t such a file"),
        ("a.png", PDF, "isn’t such a file"),
        ("a.txt", b"<html><script>", "isn’t such a file"),
        ("a.csv", b"a,\x00", "isn’t such a file"),
        ("a.txt", b"\xff\xfe\xfd\xfc and more of it", "isn’t such a file"),
    ],
)
def test_others_are_refused_in_words_and_leave_nothing_behind(
    kept: Storage, name: str, content: bytes, words: str
) -> None:
    with pytest.raises(FileRefusedError, match=words):
        kept.keep(io.BytesIO(content), name)
    assert files(kept) == []


def test_a_file_that_is_too_large_leaves_nothing_behind(kept: Storage) -> None:
    content = PDF + b"x" * (2 * MEGABYTE)
    with pytest.raises(FileRefusedError, match="larger than 2 MB"):
        kept.keep(io.BytesIO(content), "a.pdf")
    assert files(kept) == []
    assert kept.keep(io.BytesIO(content[: 2 * MEGABYTE]), "a.pdf").size == 2 * MEGABYTE


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/roof.png", "roof.png"),
        ("C:\\Users\\me\\roof.png", "roof.png"),
        ("roof\u202egnp.png", "roofgnp.png"),
        ("x" * 300 + ".png", "x" * 251 + ".png"),
    ],
)
def test_names_lose_what_is_no_name(kept: Storage, name: str, shown: str) -> None:
    assert kept.keep(io.BytesIO(PNG), name).name == shown


@pytest.mark.parametrize("key", ["", "../secret", "a" * 32, "A" * 32 + ".pdf", "a" * 32 + ".pdf/../../x"])
def test_no_other_path_is_a_key(kept: Storage, key: str) -> None:
    with pytest.raises(KeyError):
        kept.path(key)


def test_the_app_has_a_storage_of_the_settings(app: Flask) -> None:
    with app.app_context():
        assert storage().folder == app.extensions["settings"].files_folder
        assert storage().most == 20 * MEGABYTE
