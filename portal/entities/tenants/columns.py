"""What pages say of a tenant beyond its own columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement

from portal.entities.tenants.model import Tenant
from portal.web.formats import address_lines
from portal.web.screen import Column


def on_lease(**values: Any) -> ColumnElement[bool]:
    """Tenants of a lease whose attributes have these values."""
    condition: ColumnElement[bool] = Tenant.leases.any(**values)
    return condition


def address_of(prefix: str) -> Callable[[Tenant], str]:
    return lambda tenant: address_lines(tenant, prefix)


def phone(tenant: Tenant) -> str | None:
    return tenant.phone_mobile or tenant.phone_home or tenant.phone_work


def home(tenant: Tenant) -> Any:
    """The lease under which the tenant lives now, or will, or did last."""
    rank = {"Active": 0, "Future": 1}
    last_first = sorted(tenant.leases, key=lambda it: it.start_date, reverse=True)
    return min(last_first, key=lambda it: rank.get(it.status, 2), default=None)


HOME = Column("lease", "Lease", "record", value=home, to="leases")
