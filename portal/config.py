"""Settings: everything the environment decides, read once and then frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

REQUIRED = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PORTAL_ENCRYPTION_KEYS", "BUILDIUM_BASE_URL")


class ConfigurationError(Exception):
    """A setting is missing or can't be used. The message is one sentence for the person who starts the portal."""


@dataclass(frozen=True)
class Alerting:
    """Where it is said that something needs a person. Without e-mail addresses and without an address of a webhook
    nothing is sent; the dashboard shows it all the same."""

    smtp_url: str = field(default="", repr=False)
    emails: tuple[str, ...] = ()
    sender: str = ""
    webhook_url: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    quiet_minutes: int = 240
    digest_hour: int | None = 7

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Alerting:
        """Raises ConfigurationError for addresses that can't be used, and for half of what one channel needs."""
        given = words(environment.get("PORTAL_ALERT_EMAILS", ""))
        emails = tuple(address(each, "PORTAL_ALERT_EMAILS") for each in given)
        sender = environment.get("PORTAL_ALERT_FROM", "") or (emails[0] if emails else "")
        webhook_url, secret = environment.get("PORTAL_ALERT_WEBHOOK_URL", ""), "PORTAL_ALERT_WEBHOOK_SECRET"
        if emails and not environment.get("PORTAL_SMTP_URL"):
            raise ConfigurationError("PORTAL_ALERT_EMAILS is set, so PORTAL_SMTP_URL must say which server sends them.")
        if webhook_url and not environment.get(secret):
            raise ConfigurationError(f"PORTAL_ALERT_WEBHOOK_URL is set, so {secret} must hold what signs the messages.")
        return cls(
            smtp_url=server(environment.get("PORTAL_SMTP_URL", ""), "PORTAL_SMTP_URL", ("smtp", "smtps")),
            emails=emails,
            sender=address(sender, "PORTAL_ALERT_FROM") if sender else "",
            webhook_url=server(webhook_url, "PORTAL_ALERT_WEBHOOK_URL", ("http", "https")),
            webhook_secret=environment.get(secret, ""),
            quiet_minutes=whole(environment, "PORTAL_ALERT_QUIET_MINUTES", 240),
            digest_hour=hour(environment.get("PORTAL_DIGEST_HOUR", "7")),
        )


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
    undo_hours: int = 24
    history_days: int = 365
    portal_url: str = "http://127.0.0.1:8000"
    alerting: Alerting = field(default_factory=Alerting)
    files_folder: Path | None = None
    file_megabytes: int = 20
    bills_need_approval: bool = False
    begins_in_shadow: bool = False

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
            undo_hours=whole(environment, "PORTAL_UNDO_HOURS", 24),
            history_days=whole(environment, "PORTAL_HISTORY_DAYS", 365),
            portal_url=own_address(environment),
            alerting=Alerting.from_environment(environment),
            files_folder=Path(environment.get("PORTAL_FILES") or portal_home(environment) / "files"),
            file_megabytes=whole(environment, "PORTAL_FILE_MEGABYTES", 20),
            bills_need_approval=environment.get("PORTAL_BILLS_NEED_APPROVAL", "") == "1",
            begins_in_shadow=environment.get("PORTAL_BEGIN_IN_SHADOW", "") == "1",
        )


def portal_home(environment: Mapping[str, str]) -> Path:
    """The folder of embedded data and generated secrets."""
    return Path(environment.get("PORTAL_HOME") or "var").resolve()


def own_address(environment: Mapping[str, str]) -> str:
    """Where people find the portal: what links in e-mails begin with."""
    given = environment.get("PORTAL_URL") or f"http://127.0.0.1:{environment.get('PORT') or '8000'}"
    return server(given.rstrip("/"), "PORTAL_URL", ("http", "https"))


def server(url: str, name: str, schemes: tuple[str, ...]) -> str:
    """`url` as it is; raises ConfigurationError, without repeating it (it may hold a password), where it is none."""
    try:
        parts = urlsplit(url)
        usable = not url or (parts.scheme in schemes and bool(parts.hostname) and parts.port != 0)
    except ValueError:
        usable = False
    if not usable:
        raise ConfigurationError(f"{name} must look like {schemes[-1]}://name.of.server and can't be read.")
    return url


def address(email: str, name: str) -> str:
    local, _, domain = email.partition("@")
    if not (local and domain and email.isascii() and email.isprintable() and not set(email) & set(' ",;<>')):
        raise ConfigurationError(f"{name} holds “{email}”, which is no e-mail address.")
    return email


def hour(value: str) -> int | None:
    """An hour of the day; None for “off”."""
    if value == "off":
        return None
    if not value.isdigit() or int(value) > 23:
        raise ConfigurationError(f"PORTAL_DIGEST_HOUR is “{value}”, but must be an hour from 0 to 23, or off.")
    return int(value)


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
