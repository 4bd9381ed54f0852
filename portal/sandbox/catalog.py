"""Everything the simulated Buildium serves. A new resource is one file in `resources/` and one line here."""

from __future__ import annotations

from portal.sandbox.resource import Resource, Single
from portal.sandbox.resources.account import ACCOUNT, LOCK_PERIOD
from portal.sandbox.resources.bank_accounts import BANK_ACCOUNTS
from portal.sandbox.resources.gl_accounts import GL_ACCOUNTS
from portal.sandbox.resources.rental_owners import OWNERS
from portal.sandbox.resources.rental_units import UNITS
from portal.sandbox.resources.rentals import RENTALS
from portal.sandbox.resources.users import USERS

SINGLES: tuple[Single, ...] = (ACCOUNT, LOCK_PERIOD)
RESOURCES: tuple[Resource, ...] = (USERS, BANK_ACCOUNTS, GL_ACCOUNTS, RENTALS, UNITS, OWNERS)
BY_KIND = {resource.kind: resource for resource in RESOURCES}
