"""Every kind of record the portal knows, parents before children: a child is sent only when its parent has arrived."""

from __future__ import annotations

from portal.entities.bank_accounts.mapping import BANK_ACCOUNT
from portal.entities.gl_accounts.mapping import GL_ACCOUNT
from portal.entities.owners.entity import OWNERS
from portal.entities.ownerships.entity import OWNERSHIPS
from portal.entities.properties.entity import PROPERTIES
from portal.entities.staff_users.mapping import STAFF_USER
from portal.entities.units.entity import UNITS
from portal.entity import Entity
from portal.sync.resource import Resources

ENTITIES: tuple[Entity, ...] = (
    Entity(None, STAFF_USER),
    Entity(None, GL_ACCOUNT),
    Entity(None, BANK_ACCOUNT),
    PROPERTIES,
    UNITS,
    OWNERS,
    OWNERSHIPS,
)

RESOURCES = Resources(tuple(entity.resource for entity in ENTITIES if entity.resource))
