from __future__ import annotations

import os
from pathlib import Path

import redis

from portal.start.children import Child
from portal.start.valkey import EmbeddedValkey


def started(valkey: EmbeddedValkey, folder: Path) -> Child:
    child = valkey.child(folder / "valkey.log")
    child.start()
    child.wait_until_ready(10)
    return child


def test_what_was_written_survives_a_stop_and_a_kill(tmp_path: Path) -> None:
    valkey = EmbeddedValkey(tmp_path / "valkey", os.environ)
    child = started(valkey, tmp_path)
    with redis.Redis.from_url(valkey.url()) as connection:
        connection.set("name", "value")
    child.stop()
    child = started(valkey, tmp_path)
    assert child.process
    child.process.kill()
    child.process.wait()
    child = started(valkey, tmp_path)
    with redis.Redis.from_url(valkey.url()) as connection:
        assert connection.get("name") == b"value"
    child.stop()


def test_it_listens_on_no_port(tmp_path: Path) -> None:
    valkey = EmbeddedValkey(tmp_path / "valkey", os.environ)
    child = started(valkey, tmp_path)
    with redis.Redis.from_url(valkey.url()) as connection:
        assert connection.config_get("port") == {"port": "0"}
    child.stop()
