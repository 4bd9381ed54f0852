"""Which units somebody lives in, and whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from portal.entities.ownerships.model import Ownership
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from portal.web.formats import today

OCCUPANCY: Mapping[str, str] = {"occupied": "Occupied", "vacant": "Vacant"}


def is_occupied() -> ColumnElement[bool]:
    """Somebody lives there today, under a lease that runs."""
    return is_occupied_on(today())


def is_occupied_on(day: date) -> ColumnElement[bool]:
    # Leases know units, and not the reverse.
    lease: Any = Unit.leases.property.mapper.class_
    return Unit.leases.any(lease.covers(day, today()))


def is_of(owner_id: UUID) -> ColumnElement[bool]:
    """Its property belongs to the owner, alone or with others."""
    return Unit.property.has(Property.ownerships.any(Ownership.owner_id == owner_id))
