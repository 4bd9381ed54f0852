"""The people of a new lease, as rows of its form: tenants that exist, and new ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal.entities.leases.model import LeaseTenant
from portal.entities.tenants.form import E_MAIL, PHONE
from portal.entities.tenants.model import Tenant
from portal.web.fields import line
from portal.web.record_field import RecordField
from portal.web.rows import Row, RowsField

MOST = 5  # of each, in one request (MAPPING §4.5)


class KnownRow(Row):
    """Somebody who is a tenant already."""

    tenant_id = RecordField("Tenant", "tenants", required="Choose the tenant.")


class NewRow(Row):
    """Somebody new. The address is the unit’s until another one is entered on the tenant’s page."""

    first_name = line("First name", 127)
    last_name = line("Last name", 127)
    email = line("E-mail", 255, E_MAIL)
    phone_mobile = line("Mobile phone", 20, PHONE)

    def checks(self) -> Iterator[tuple[str, str]]:
        for name in ("first_name", "last_name"):
            if not self[name].data:
                yield name, f"Enter the {self[name].label.text.lower()}."


class NewTenants(RowsField):
    """Rows that make tenants and put them on the lease, besides those who are on it."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, NewRow, Tenant, "new tenant", most=MOST, **options)
        self.type = "RowsField"  # what the page takes it for

    def populate_obj(self, obj: Any, name: str) -> None:
        for _, row in self.filled():
            tenant = Tenant()
            for field in row.values():
                field.populate_obj(tenant, field.short_name)
            obj.tenants.append(LeaseTenant(tenant=tenant, move_in_date=obj.start_date))


class KnownTenants(RowsField):
    """Rows of tenants that exist; each once."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, KnownRow, LeaseTenant, "tenant", most=MOST, **options)
        self.type = "RowsField"

    def problems(self, filled: list[tuple[int, Row]]) -> Iterator[str]:
        yield from super().problems(filled)
        chosen = [row["tenant_id"].data for _, row in filled if row["tenant_id"].data]
        if len(set(chosen)) < len(chosen):
            yield "The same tenant is listed twice."

    def child(self, by_id: dict[str, Any], row: Row, place: int) -> Any:
        """As an object too, not only by its id: its name is part of what is saved."""
        child = super().child(by_id, row, place)
        child.tenant = chosen_in(row)
        return child


def chosen_in(row: Any) -> Tenant | None:
    """The tenant that a row of KnownTenants names."""
    tenant: Tenant | None = row["tenant_id"].chosen
    return tenant
