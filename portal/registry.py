"""Every kind of record the portal knows, parents before children: a child is sent only when its parent has arrived."""

from __future__ import annotations

from portal.entities.bank_accounts.mapping import BANK_ACCOUNT
from portal.entities.gl_accounts.mapping import GL_ACCOUNT
from portal.entities.owners.mapping import OWNER
from portal.entities.properties.mapping import PROPERTY
from portal.entities.staff_users.mapping import STAFF_USER
from portal.entities.units.mapping import UNIT
from portal.sync.resource import Resources

RESOURCES = Resources((STAFF_USER, GL_ACCOUNT, BANK_ACCOUNT, PROPERTY, UNIT, OWNER))
