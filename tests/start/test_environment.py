from __future__ import annotations

from pathlib import Path

import pytest

from portal.config import Settings
from portal.start import secrets
from portal.start.environment import Surroundings, database_url, of_commands, of_the_portal, of_the_sandbox
from portal.start.errors import StartError


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str]:
    return {"PATH": "/usr/bin", "PORTAL_HOME": str(tmp_path), "PORT": "8100", "SANDBOX_PORT": "8101"}


def generated(given: dict[str, str]) -> dict[str, str]:
    path = Surroundings(given).home.secrets
    return secrets.provide(path, given, embedded_database=Surroundings(given).embeds_postgres, has_data=False)


def portal(given: dict[str, str]) -> dict[str, str]:
    return of_the_portal(Surroundings(given), generated(given))


def test_what_the_parts_get_makes_complete_settings(given: dict[str, str]) -> None:
    settings = Settings.from_environment(portal(given))
    assert settings.buildium_base_url == "http://127.0.0.1:8101"
    assert settings.buildium_webhook_secrets


def test_what_was_set_is_passed_on_unchanged(given: dict[str, str]) -> None:
    own = {
        "DATABASE_URL": "postgresql://somewhere/portal",
        "REDIS_URL": "redis://somewhere",
        "SECRET_KEY": "mine",
        "PORTAL_ENCRYPTION_KEYS": "mine too",
        "BUILDIUM_BASE_URL": "https://api.buildium.com",
    }
    environment = portal(given | own)
    assert environment.items() >= own.items()
    # Credentials of the sandbox must never be taken for credentials of the real one.
    assert "BUILDIUM_CLIENT_SECRET" not in environment


def test_the_sandbox_knows_its_own_settings_and_no_secret_of_the_portal(given: dict[str, str]) -> None:
    environment = portal(given | {"SANDBOX_SIZE": "20"})
    sandbox = of_the_sandbox(Surroundings(given), environment)
    assert sandbox["SANDBOX_CLIENT_SECRET"] == environment["BUILDIUM_CLIENT_SECRET"]
    assert sandbox["SANDBOX_WEBHOOK_URL"] == "http://127.0.0.1:8100/webhooks/buildium"
    assert sandbox["SANDBOX_WEBHOOK_SECRET"] == environment["BUILDIUM_WEBHOOK_SECRETS"]
    assert sandbox["SANDBOX_SIZE"] == "20"
    assert not {"DATABASE_URL", "SECRET_KEY", "PORTAL_ENCRYPTION_KEYS"} & set(sandbox)


def test_the_first_password_reaches_no_part(given: dict[str, str]) -> None:
    assert "PORTAL_ADMIN_PASSWORD" not in portal(given | {"PORTAL_ADMIN_PASSWORD": "hush"})


def test_a_command_in_another_terminal_finds_the_same_portal(given: dict[str, str]) -> None:
    environment = portal(given)
    assert of_commands(given) == environment


def test_a_command_where_no_portal_ever_was_says_so(given: dict[str, str]) -> None:
    with pytest.raises(StartError, match=r"There is no portal in .*: run “portal up” first"):
        of_commands(given)


def test_the_address_for_backups_is_the_superusers(given: dict[str, str], tmp_path: Path) -> None:
    assert database_url(given).startswith("postgresql://postgres@/portal?host=")
    own = {"DATABASE_URL": "postgresql+psycopg://me@there/portal"}
    assert database_url(given | own) == "postgresql://me@there/portal"
