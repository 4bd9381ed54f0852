"""The disk is full: PostgreSQL's, and that of the files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.acting import Actor, Door, acting_as
from portal.buildium.signatures import sign
from portal.config import Settings, driver
from portal.entities.properties.model import Property
from portal.extensions import db
from portal.schema import upgrade
from portal.start.accounts import unprivileged_account
from portal.start.postgres import EmbeddedPostgres
from portal.storage import storage
from portal.sync.models import SyncStatus
from tests.apps import another_portal
from tests.faults.desk import Desk, words_of
from tests.webhooks.test_inbox import SECRET, URL

pytestmark = pytest.mark.slow

MACHINE = Actor.machine(Door.COMMAND)
SMALL = {"max_wal_size": "32MB", "min_wal_size": "32MB", "max_connections": "30", "shared_buffers": "16MB"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture(scope="module")
def disk() -> Iterator[Path]:
    """A disk of 200 MB."""
    folder = Path(tempfile.mkdtemp(prefix="portal-disk-"))
    folder.chmod(0o711)
    mount = ["mount", "-t", "tmpfs", "-o", "size=200m,mode=0755", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False, capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("a small disk can't be mounted here: that needs root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    folder.rmdir()


@pytest.fixture(scope="module")
def small_portal(disk: Path, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A portal whose database and files are on that disk."""
    postgres = EmbeddedPostgres(disk / "postgres", os.environ, unprivileged_account(), durable=False)
    child = postgres.child(tmp_path_factory.mktemp("small") / "postgres.log", SMALL)
    child.start()
    child.wait_until_ready(60)
    try:
        postgres.provide()
        url = driver(postgres.url())
        upgrade(url)
        with another_portal(replace(settings, database_url=url, files_folder=disk / "files")) as app:
            yield app
            app.extensions["reception"].inbox.close()
    finally:
        child.stop()


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Not one page is left inside the block."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096):
            with suppress(OSError):
                while file.write(b"\1" * size) == size:
                    pass
        with pytest.raises(OSError, match="No space left"):
            file.write(b"\1" * 4096)
    try:
        yield
    finally:
        filler.unlink()


@pytest.mark.fault(31)
def test_on_a_full_disk_a_save_is_refused_in_words_whole_and_goes_through_once_there_is_room(
    disk: Path, small_portal: Flask
) -> None:
    with small_portal.app_context(), acting_as(MACHINE):
        house = Property(name="Before", country="UnitedStates")
        db.session.add(house)
        db.session.commit()
        page = f"/properties/{house.id}/edit"
        desk = Desk(small_portal)
        # As long as a description may be, and so random that nothing of it can be packed.
        long = Random(1).randbytes(30_000).hex()
        form = {**desk.fields(page), "name": "After", "structure_description": long}
        with full(disk):
            answer = desk.send(page, form)
            assert answer.status_code == 507
            words = words_of(answer.text)
            assert "The disk is full" in words
            assert "Nothing was saved. Whoever runs the portal must free some space." in words
            assert "Before" in desk.read(f"/properties/{house.id}")
        assert stored() == ("Before", 1)
        assert desk.send(page, form).status_code == 303
        assert stored() == ("After", 2)
        assert "Saved here, waiting to send" in desk.read(f"/properties/{house.id}")


def stored() -> tuple[str, int]:
    db.session.rollback()
    name = db.session.scalars(select(Property.name)).one()
    return name, db.session.scalar(select(func.max(SyncStatus.local_version))) or 0


@pytest.mark.fault(31)
def test_a_file_for_which_there_is_no_room_leaves_nothing_behind(disk: Path, small_portal: Flask) -> None:
    with small_portal.app_context():
        content = PNG + Random(2).randbytes(1 << 20)
        with full(disk), pytest.raises(OSError, match="No space left"):
            storage().keep(BytesIO(content), "roof.png")
        assert [each for each in storage().folder.rglob("*") if each.is_file()] == []
        assert storage().keep(BytesIO(content), "roof.png").size == len(content)


@pytest.mark.fault(31)
def test_a_webhook_that_can_not_be_kept_is_to_be_sent_again(disk: Path, small_portal: Flask) -> None:
    """Twenty refusals suspend a subscription, so it is said that the fault is ours and passes."""
    body = json.dumps({"EventName": "Rental.Updated", "Filler": Random(3).randbytes(25_000).hex()}).encode()
    now = str(int(time.time()))
    signed = {"buildium-webhook-timestamp": now, "buildium-webhook-signature": sign(SECRET, now, body)}
    with full(disk):
        answers = {small_portal.test_client().post(URL, data=body, headers=signed).status_code for _ in range(3)}
    assert answers == {503}
    assert small_portal.test_client().post(URL, data=body, headers=signed).status_code == 202
