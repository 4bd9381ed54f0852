"""`portal check`: proves an installation, one sentence per part."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import current_app
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from portal.config import Settings
from portal.database import now
from portal.extensions import db
from portal.operations.alerts.channels import mail_fault
from portal.operations.alerts.messages import EMAIL, channels
from portal.operations.alerts.models import Alert, AlertState
from portal.operations.machinery.lamps import signs, task_health, tasks
from portal.operations.machinery.workers import workforce
from portal.operations.moments import relative
from portal.operations.words import kind
from portal.schema import current, head, unknown
from portal.sync import breaker
from portal.sync.current import current_sync
from portal.sync.models import SyncRun
from portal.sync.runs import Kind
from portal.web.formats import plural

Answer = tuple[bool, str]
QUIET = timedelta(days=7)
UNSENT = timedelta(minutes=15)
# Tables of the portal without Row Level Security, or with one that its owner may pass by.
UNLOCKED = text(
    """
    select string_agg(relname, ', ' order by relname) from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> 'alembic_version'
      and not (relrowsecurity and relforcerowsecurity)
    """
)


def run() -> list[tuple[str, bool, str]]:
    """(part, whether it is fine, words) of every part. Inside an app context, as somebody who may read everything."""
    parts: dict[str, Callable[[], Answer]] = {
        "Configuration": configuration,
        "Database": database,
        "Row Level Security": row_level_security,
        "Redis": redis,
        "Workers": workers,
        "Scheduler": scheduler,
        "Buildium": credentials,
        "Webhooks": webhooks,
        "Owners' caches": owners_caches,
        "Import": last_import,
        "Alerts": alerts,
    }
    return [(name, *answer(check)) for name, check in parts.items()]


def answer(check: Callable[[], Answer]) -> Answer:
    try:
        return check()
    except SQLAlchemyError as error:
        return False, f"The database refused: {str(getattr(error, 'orig', error)).strip().splitlines()[0]}"
    finally:
        db.session.rollback()


def configuration() -> Answer:
    settings: Settings = current_app.extensions["settings"]
    missing = [
        name
        for name, value in {
            "BUILDIUM_CLIENT_ID": settings.buildium_client_id,
            "BUILDIUM_CLIENT_SECRET": settings.buildium_client_secret,
            "BUILDIUM_WEBHOOK_SECRETS": settings.buildium_webhook_secrets,
        }.items()
        if not value
    ]
    if missing:
        return False, f"{', '.join(missing)} is not set." if len(missing) == 1 else f"{', '.join(missing)} are not set."
    keys = plural(len(settings.encryption_keys), "encryption key")
    return True, f"Complete: Buildium at {settings.buildium_base_url}, {keys}, times in {settings.time_zone.key}."


def database() -> Answer:
    settings: Settings = current_app.extensions["settings"]
    version = current(settings.database_url)
    server = db.session.scalar(text("show server_version"))
    if version == head():
        return True, f"PostgreSQL {server}, migrated to {version}."
    if unknown(version):
        return False, f"It was migrated to {version} by a newer portal: start that one."
    return False, f"It is at {version or 'nothing'}, this portal needs {head()}: start “portal up”, or migrate it."


def row_level_security() -> Answer:
    unlocked = db.session.scalar(UNLOCKED)
    role = db.session.scalar(text("select current_user"))
    if unlocked:
        return False, f"It is off for: {unlocked}."
    return role.startswith("portal_"), f"It is forced for every table; this command reads as {role}."


def redis() -> Answer:
    found = workforce()
    if found is None:
        return False, "It doesn't answer. Saves are kept and sent once it is back."
    return True, f"It answers; {plural(sum(lane.waiting for lane in found.lanes), 'job')} waiting."


def workers() -> Answer:
    found = workforce()
    if found is None:
        return False, "Unknown: Redis doesn't answer."
    if found.idle_lanes:
        lanes = " and ".join(lane.name for lane in found.idle_lanes)
        return False, f"No worker is running for {lanes}. Start one: portal worker --lane {found.idle_lanes[0].name}"
    return True, ", ".join(f"{lane.healthy} for {lane.name}" for lane in found.lanes)


def scheduler() -> Answer:
    schedule = tasks()
    health = {task.name: task_health(task) for task in schedule}
    if not schedule or all(each == "down" for each in health.values()):
        return False, "It is not running. Start it: portal scheduler"
    troubled = [name for name, each in health.items() if each in ("down", "failed")]
    if troubled:
        return False, f"In trouble: {', '.join(troubled)}. See Sync › Workers."
    last = max((task.last_started_at for task in schedule if task.last_started_at), default=None)
    return True, f"On time, last task {relative(last) or 'not due yet'}."


def credentials() -> Answer:
    return breaker.account()


def webhooks() -> Answer:
    if not current_sync().webhook_secrets:
        return False, "No secret is configured, so every event is refused: set BUILDIUM_WEBHOOK_SECRETS."
    found = signs()
    if found.last_event is None:
        return True, "Secrets are configured; none has arrived yet."
    if now() - found.last_event > QUIET:
        return False, f"The last one came {relative(found.last_event)}: Buildium may have suspended the subscription."
    return True, f"The last one came {relative(found.last_event)}."


def owners_caches() -> Answer:
    wrong = db.session.scalar(text("select count(*) from owner_cache_differences()"))
    if wrong:
        return False, f"{plural(wrong, 'row')} of owners_list_cache or property_ownerships_cache are wrong."
    return True, "owners_list_cache and property_ownerships_cache say what the owners say."


def last_import() -> Answer:
    newest = select(SyncRun.batch).where(SyncRun.kind == Kind.IMPORT.value).order_by(SyncRun.created_at.desc()).limit(1)
    runs = db.session.scalars(select(SyncRun).where(SyncRun.batch == newest.scalar_subquery())).all()
    if not runs:
        return False, "Nothing was imported yet: portal import"
    failed = [kind(run.entity_type).lower() for run in runs if run.state == "failed"]
    if failed:
        return False, f"It failed for: {', '.join(failed)}. See Sync › Imports."
    going = [run for run in runs if run.state in ("queued", "running")]
    if going:
        return True, f"Under way: {len(runs) - len(going)} of {len(runs)} kinds of records are done."
    read = sum(run.seen for run in runs)
    return True, f"{plural(read, 'record')} read, {relative(max(run.created_at for run in runs))}."


def alerts() -> Answer:
    """The mail server is spoken to, up to the sign-in; an address for alerts isn't: it would take it for one."""
    settings: Settings = current_app.extensions["settings"]
    reached = channels()
    if not reached:
        return True, "Nobody is told: neither PORTAL_ALERT_EMAILS nor PORTAL_ALERT_WEBHOOK_URL is set."
    waiting = (Alert.state != AlertState.SENT.value, Alert.created_at < now() - UNSENT)
    stuck = db.session.scalar(select(func.count()).select_from(Alert).where(*waiting))
    if stuck:
        return False, f"{plural(stuck, 'alert')} could not be sent. See Sync › Alerts."
    if EMAIL in reached and (fault := mail_fault(settings.alerting)):
        return False, fault
    return True, f"They go to {' and '.join(reached.values())}."
