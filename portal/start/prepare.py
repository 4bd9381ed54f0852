"""A task of the start, in a process of its own: migrations, then the first administrator.

Prints one line of JSON on standard output: `administrator_created` and `never_imported`. A reason that a person can
mend is the last line on standard error, with exit code REFUSED.
"""

from __future__ import annotations

import json
import os
import sys

from sqlalchemy.exc import OperationalError

from portal.accounts.users import UserError, create_first_administrator
from portal.acting import Actor, Door, acting_as
from portal.app import create_app
from portal.config import ConfigurationError, Settings
from portal.schema import SchemaAheadError, upgrade
from portal.sync.imports import never_imported

# Any other code but 0 is a fault of the program.
REFUSED = 3
ADMINISTRATOR = Actor("portal_administrator", Door.COMMAND, "First start")


def main() -> int:
    try:
        settings = Settings.from_environment(os.environ)
        upgrade(settings.database_url)
        found = first_start(settings)
    except (ConfigurationError, SchemaAheadError, UserError) as error:
        return refuse(str(error))
    except OperationalError as error:
        return refuse(f"The database doesn't answer: {str(error.orig).strip().partition(chr(10))[0]}")
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


def first_start(settings: Settings) -> dict[str, bool]:
    app = create_app(settings, "start")
    with app.app_context(), acting_as(ADMINISTRATOR):
        created = create_first_administrator(os.environ["PORTAL_ADMIN_EMAIL"], os.environ["PORTAL_ADMIN_PASSWORD"])
        return {"administrator_created": created, "never_imported": never_imported()}


def refuse(reason: str) -> int:
    sys.stderr.write(f"{reason}\n")
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
