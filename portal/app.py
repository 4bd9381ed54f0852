"""create_app: the only place where everything meets."""

from __future__ import annotations

import logging
import os
from typing import Any

from flask import Flask
from flask_login import current_user
from jinja2 import StrictUndefined
from sqlalchemy.exc import DBAPIError
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import errors, health, logs, security, storage
from portal.accounts import identity, user_pages
from portal.accounts.views import accounts
from portal.acting import guard
from portal.config import ConfigurationError, Settings
from portal.extensions import csrf, db, login_manager, migrate
from portal.home.reports import reports
from portal.home.views import home
from portal.operations import start as operations
from portal.registry import ENTITIES, RESOURCES
from portal.resources import resource_root
from portal.sync import start as sync
from portal.vault import vault
from portal.web import cells, formats, uploads
from portal.web.access import may
from portal.web.views import blueprint
from portal.webhooks import views as inbox
from portal.webhooks.process import drain_if_due

LOG = logging.getLogger("portal.app")
MEGABYTE = 1024 * 1024


def create_app(settings: Settings | None = None, program: str = "web") -> Flask:
    """The portal. `program` names the connections in PostgreSQL; only pages (“web”) get its short time limits.

    Raises ConfigurationError where the settings, read from the environment when None, can't be used.
    """
    settings = settings or Settings.from_environment(os.environ)
    root = resource_root()
    app = Flask(__name__, template_folder=str(root / "templates"), static_folder=str(root / "static"))
    # Before anything asks for the environment: Flask makes it once.
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.config.from_mapping(configuration(settings, program))
    app.extensions["settings"] = settings
    open_vault(settings)
    storage.start(app, settings)
    logs.start(app)
    start_database(app, root / "migrations")
    start_sync(app, settings)
    start_pages(app, settings)
    return app


def configuration(settings: Settings, program: str) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(program),
        "MAX_CONTENT_LENGTH": 2 * MEGABYTE,
        "MAX_FORM_MEMORY_SIZE": MEGABYTE,
        "MAX_FORM_PARTS": 2000,
        "BILLS_NEED_APPROVAL": settings.bills_need_approval,
        "SESSION_COOKIE_NAME": identity.cookie_name("page", settings),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        # The token lives as long as the browser's sign-in, so that a form left open over lunch can still be sent.
        "WTF_CSRF_TIME_LIMIT": None,
    }


def engine_options(program: str) -> dict[str, Any]:
    limits = {"statement_timeout": "30s", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "60s"}
    return {
        "pool_pre_ping": True,
        "pool_size": 10,
        "max_overflow": 10,
        "pool_timeout": 10,
        # Values would otherwise stand in the text of every database error, and from there in the log.
        "hide_parameters": True,
        "connect_args": {
            "connect_timeout": 5,
            "application_name": f"portal {program}",
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()) if program == "web" else "",
        },
    }


def open_vault(settings: Settings) -> None:
    try:
        vault.configure(settings.encryption_keys)
    except ValueError as error:
        raise ConfigurationError("PORTAL_ENCRYPTION_KEYS must hold base64 keys of 32 bytes, newest first.") from error


def start_database(app: Flask, migrations: os.PathLike[str]) -> None:
    db.init_app(app)
    app.teardown_appcontext(let_go)
    migrate.init_app(app, db, directory=str(migrations))
    with app.app_context():
        guard(db.engine)


def let_go(_: BaseException | None) -> None:
    """End the session before Flask-SQLAlchemy does: where its connection is gone by now, what has been answered, and
    maybe saved, must not end as an error of the server."""
    try:
        db.session.remove()
    except DBAPIError as error:
        LOG.warning("the database was gone at the end: %s", type(error.orig).__name__)
        db.session.registry.clear()


def start_sync(app: Flask, settings: Settings) -> None:
    sync.start(app, settings, RESOURCES)
    inbox.start(app, settings.database_url)


def start_pages(app: Flask, settings: Settings) -> None:
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    # In the order in which a request passes them.
    uploads.start(app)
    identity.start(app)
    security.start(app, settings)
    csrf.init_app(app)
    # Instead of init_app, which makes every answer, even a style sheet, depend on the cookie (for “remember me”).
    app.login_manager = login_manager  # type: ignore[attr-defined]
    errors.start(app)
    health.start(app, settings)
    start_templates(app, settings)
    for pages in (home, reports, accounts, user_pages.blueprint()):
        app.register_blueprint(pages)
    for entity in ENTITIES:
        if entity.screen:
            app.register_blueprint(blueprint(entity.screen))
    operations.start(app)
    csrf.exempt(inbox.webhooks)  # signed by Buildium instead
    app.register_blueprint(inbox.webhooks)
    app.extensions["beside_pages"] = drain_if_due


def start_templates(app: Flask, settings: Settings) -> None:
    formats.start(app)
    cells.start(app)
    # Globals instead of a context processor: macros see them too, and an error page asks nobody who is signed in.
    app.jinja_env.globals.update(
        may=may,
        current_user=current_user,
        time_zone=settings.time_zone,
        buildium_web_url=settings.buildium_web_url,
    )
