from __future__ import annotations

import base64
from pathlib import Path

import pytest

from portal.config import ConfigurationError
from portal.start import secrets
from portal.start.errors import StartError


def provide(
    folder: Path, environment: dict[str, str] | None = None, *, embedded: bool = True, has_data: bool = False
) -> dict[str, str]:
    path = folder / "secrets.json"
    return secrets.provide(path, environment or {}, embedded_database=embedded, has_data=has_data)


def test_missing_secrets_are_generated_once_and_stay(tmp_path: Path) -> None:
    first = provide(tmp_path)
    assert provide(tmp_path) == first
    assert len(base64.b64decode(first["PORTAL_ENCRYPTION_KEYS"])) == 32
    assert len(first["SECRET_KEY"]) == 64


def test_only_their_owner_may_read_them(tmp_path: Path) -> None:
    provide(tmp_path)
    path = tmp_path / "secrets.json"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    secrets.load(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_the_environment_sets_is_not_generated(tmp_path: Path) -> None:
    assert "SECRET_KEY" not in provide(tmp_path, {"SECRET_KEY": "my own"})


@pytest.mark.parametrize("name", ["SECRET_KEY", "PORTAL_ENCRYPTION_KEYS"])
def test_a_database_of_ones_own_wants_secrets_of_ones_own(tmp_path: Path, name: str) -> None:
    environment = {"SECRET_KEY": "x", "PORTAL_ENCRYPTION_KEYS": "y"}
    del environment[name]
    with pytest.raises(ConfigurationError, match=f"{name} is not set, and it must be where DATABASE_URL is"):
        provide(tmp_path, environment, embedded=False)


def test_lost_encryption_keys_are_never_replaced_while_there_is_data(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="its encryption keys are gone: restore"):
        provide(tmp_path, has_data=True)


def test_a_damaged_file_is_told_and_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text("{")
    with pytest.raises(StartError, match="can't be read"):
        provide(tmp_path)
    assert path.read_text() == "{"


def test_the_first_password_stays_the_same_until_it_was_shown(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    password = secrets.first_password(path)
    assert secrets.first_password(path) == password
    secrets.forget_first_password(path)
    assert password not in path.read_text()


def test_a_new_encryption_key_stands_before_the_old_one(tmp_path: Path) -> None:
    old = provide(tmp_path)["PORTAL_ENCRYPTION_KEYS"]
    secrets.add_encryption_key(tmp_path / "secrets.json")
    newest, _, rest = provide(tmp_path)["PORTAL_ENCRYPTION_KEYS"].partition(",")
    assert rest == old
    assert len(base64.b64decode(newest)) == 32


def test_a_key_from_the_environment_is_not_the_files_to_change(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="put a new one in front of PORTAL_ENCRYPTION_KEYS yourself"):
        secrets.add_encryption_key(tmp_path / "secrets.json")
