"""Leases and tenants for the tour of every page: people who stay and who leave, the longest texts, a unit let twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.database import now
from portal.entities.leases.model import Lease, LeaseTenant
from portal.entities.properties.model import Property
from portal.entities.tenants.model import Tenant
from portal.extensions import db
from tests.live import Live
from tests.records import unit_of


def leases(live: Live, house_id: UUID, longest: str) -> dict[str, Any]:
    """The ids of leases, tenants, a unit that is let, and somebody's place on a lease that ends."""
    house = db.session.get_one(Property, house_id)
    unit, other = unit_of(house, "L1"), unit_of(house, "L2")
    live.save(unit, other)
    year = now().year
    jane = Tenant(first_name="Jane", last_name="Lessee", email="jane@example.com", tax_id="123-45-6789")
    jane.emergency_name, jane.alternate_address_line1 = "John", "9 Elm Street"
    jane.alternate_postal_code, jane.alternate_country = "04102", "UnitedStates"
    leaving = LeaseTenant(tenant=Tenant(first_name="Lee", last_name="Leaver", phone_mobile="(207) 555-0143"))
    leaving.move_out(date(year, 12, 30), date(year, 12, 1))
    dates = {"start_date": date(year, 1, 1), "end_date": date(year + 1, 12, 31)}
    with db.session.no_autoflush:
        lease = Lease(
            unit=unit, property=house, tenants=[LeaseTenant(tenant=jane), leaving], rent=Decimal(1200), **dates
        )
        tall = Tenant(first_name=longest[:30], last_name=longest[:30], comment=longest * 9)
        long = Lease(unit=other, property=house, tenants=[LeaseTenant(tenant=tall)], notes=longest * 9, **dates)
        live.save(lease, long)
    return {
        "lease": lease.id,
        "lease_long": long.id,
        "leaver": leaving.id,
        "tenant": jane.id,
        "tenant_long": tall.id,
        "unit_let": unit.id,
    }
