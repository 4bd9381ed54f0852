"""Settings: everything the environment decides, read once and then frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

REQUIRED = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PORTAL_ENCRYPTION_KEYS", "BUILDIUM_BASE_URL")


class ConfigurationError(Exception):
    """A setting is missing or can't be used. The message is one sentence for the person who starts the portal."""


@dataclass(frozen=True)
class Settings:
    """What one running portal was told. Secrets stay out of the representation, so that no log shows them."""

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    encryption_keys: tuple[str, ...] = field(repr=False)
    buildium_base_url: str = "https://api.buildium.com"
    buildium_client_id: str = ""
    buildium_client_secret: str = field(default="", repr=False)
    buildium_webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    buildium_calls_per_second: int = 10
    buildium_web_url: str = ""
    time_zone: ZoneInfo = ZoneInfo("UTC")
    country: str = "UnitedStates"
    secure_cookies: bool = False
    session_hours: int = 12
    trusted_proxies: int = 0
    metrics_token: str = field(default="", repr=False)
    log_days: int = 90
    event_days: int = 30
    files_folder: Path | None = None
    file_megabytes: int = 20
    bills_need_approval: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the settings from variables; raises ConfigurationError naming the first variable that is wrong."""
        for name in REQUIRED:
            if not environment.get(name):
                raise ConfigurationError(f"{name} is not set. See “Commands and settings” in the README.")
        return cls(
            database_url=driver(environment["DATABASE_URL"]),
            redis_url=environment["REDIS_URL"],
            secret_key=environment["SECRET_KEY"],
            encryption_keys=words(environment["PORTAL_ENCRYPTION_KEYS"]),
            buildium_base_url=environment["BUILDIUM_BASE_URL"].rstrip("/"),
            buildium_client_id=environment.get("BUILDIUM_CLIENT_ID", ""),
            buildium_client_secret=environment.get("BUILDIUM_CLIENT_SECRET", ""),
            buildium_webhook_secrets=words(environment.get("BUILDIUM_WEBHOOK_SECRETS", "")),
            buildium_calls_per_second=whole(environment, "BUILDIUM_CALLS_PER_SECOND", 10),
            buildium_web_url=environment.get("BUILDIUM_WEB_URL", "").rstrip("/"),
            time_zone=zone(environment.get("PORTAL_TIME_ZONE", "UTC")),
            country=environment.get("PORTAL_COUNTRY", "UnitedStates"),
            secure_cookies=environment.get("PORTAL_SECURE_COOKIES", "") == "1",
            session_hours=whole(environment, "PORTAL_SESSION_HOURS", 12),
            trusted_proxies=whole(environment, "PORTAL_TRUSTED_PROXIES", 0, least=0),
            metrics_token=environment.get("PORTAL_METRICS_TOKEN", ""),
            log_days=whole(environment, "PORTAL_LOG_DAYS", 90),
            event_days=whole(environment, "PORTAL_EVENT_DAYS", 30),
            files_folder=Path(environment.get("PORTAL_FILES") or portal_home(environment) / "files"),
            file_megabytes=whole(environment, "PORTAL_FILE_MEGABYTES", 20),
            bills_need_approval=environment.get("PORTAL_BILLS_NEED_APPROVAL", "") == "1",
        )


def portal_home(environment: Mapping[str, str]) -> Path:
    """The folder of embedded data and generated secrets."""
    return Path(environment.get("PORTAL_HOME") or "var").resolve()


def words(value: str) -> tuple[str, ...]:
    return tuple(word for word in value.replace(",", " ").split() if word)


def driver(url: str) -> str:
    """SQLAlchemy's spelling of a PostgreSQL address; raises ConfigurationError for any other database."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in {"postgres", "postgresql", "postgresql+psycopg"}:
        raise ConfigurationError("DATABASE_URL must begin with postgresql:// (the portal runs on PostgreSQL only).")
    return f"postgresql+psycopg://{rest}"


def zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigurationError(
            f"PORTAL_TIME_ZONE is “{name}”, which is no time zone (try America/New_York)."
        ) from error


def whole(environment: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    value = environment.get(name) or str(default)
    if not value.isdigit() or int(value) < least:
        raise ConfigurationError(f"{name} is “{value}”, but must be a whole number of at least {least}.")
    return int(value)
