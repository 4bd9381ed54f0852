"""Flask's extensions: created here, configured in app.py, so that nothing below has to import the app."""

from __future__ import annotations

from typing import cast

from flask import current_app
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from werkzeug.local import LocalProxy

from portal.database import Base
from portal.queues import Queues

db = SQLAlchemy(model_class=Base)
migrate = Migrate()
login_manager = LoginManager()
csrf = CSRFProtect()


def queues_of_this_app() -> Queues:
    return cast(Queues, current_app.extensions["queues"])


# Each app has its own: several live side by side in one process of the tests.
queues = cast(Queues, LocalProxy(queues_of_this_app))
