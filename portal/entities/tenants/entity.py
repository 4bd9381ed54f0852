"""The pages of tenants."""

from __future__ import annotations

from sqlalchemy import ColumnElement
from sqlalchemy.orm import selectinload

from portal.entities.tenants.columns import HOME, address_of, on_lease, phone
from portal.entities.tenants.form import TenantForm
from portal.entities.tenants.mapping import TENANT
from portal.entities.tenants.model import Tenant
from portal.entity import Entity, marks, wanted
from portal.web.filters import Choice, Of
from portal.web.formats import address, address_lines, hidden
from portal.web.record_sync import MARKS
from portal.web.screen import Column, Related, Screen, Section, Sort, by_name
from portal.words import LEASE_STATUSES, MAILING_PREFERENCES

EMAIL = Column("email", "E-mail", "email", sort=by_name(Tenant.email, nullable=True))
BUILDIUM = Column("buildium_tenant_id", "Buildium id", shown=False)
CHANGED = Column("updated_at", "Changed", "moment", sort=Sort(Tenant.updated_at), shown=False)


def standing(value: str) -> ColumnElement[bool]:
    return on_lease(status=value) if value in LEASE_STATUSES else ~on_lease()


TENANTS = Entity(
    screen=Screen(
        singular="tenant",
        plural="tenants",
        model=Tenant,
        form=TenantForm,
        icon="person",
        columns=(
            Column("name", "Name", "name", value=str, sort=by_name(Tenant.sort_name)),
            HOME,
            EMAIL,
            Column("phone", "Phone", "phone", value=phone),
            Column("address_line1", "Address", value=address, shown=False),
            BUILDIUM,
            CHANGED,
        ),
        order="name",
        empty="Tenants are the people on your leases. Make a lease with them, or put somebody on one that exists.",
        search=Tenant.search_text,
        filters=(
            Choice("lease_status", "Lease", {**LEASE_STATUSES, "none": "Without a lease"}, standing),
            Of("lease_id", "Lease", "leases", lambda value: on_lease(id=value)),
            Of("unit_id", "Unit", "units", lambda value: on_lease(unit_id=value)),
            Of("property_id", "Property", "properties", lambda value: on_lease(property_id=value)),
        ),
        loads=(selectinload(Tenant.leases),),
        sections=(
            Section(
                "Tenant",
                (
                    Column("first_name", "First name"),
                    Column("last_name", "Last name"),
                    Column("date_of_birth", "Date of birth", "day"),
                    Column("tax_id", "Tax id", value=lambda it: hidden(it, "tax_id")),
                    Column("comment", "Comment", wide=True),
                ),
            ),
            Section(
                "Contact",
                (
                    EMAIL,
                    Column("alternate_email", "Second e-mail", "email"),
                    Column("phone_mobile", "Mobile phone", "phone"),
                    Column("phone_home", "Home phone", "phone"),
                    Column("phone_work", "Work phone", "phone"),
                    Column("phone_fax", "Fax", "phone"),
                    Column("address_line1", "Address", value=lambda it: address_lines(it) or "As the unit’s"),
                    Column("alternate_address_line1", "Second address", value=address_of("alternate_")),
                    Column("mailing_preference", "Mail goes to", words=MAILING_PREFERENCES),
                ),
            ),
            Section(
                "Emergency contact",
                (
                    Column("emergency_name", "Name"),
                    Column("emergency_relationship", "Relationship"),
                    Column("emergency_phone", "Phone"),
                    Column("emergency_email", "E-mail", "email"),
                ),
            ),
            Section("Record", (BUILDIUM, Column("created_at", "Created", "moment"), CHANGED)),
        ),
        related=(
            Related(
                "Leases",
                Tenant.leases,
                "leases",
                "tenant_id",
                ("unit", "start_date", "end_date", "status", "rent"),
                "Buildium knows no tenant without a lease.",
                "New lease",
            ),
        ),
        secrets=("tax_id",),
        marks={**marks(TENANT), "tenancies": MARKS["create"]},
        wanted=wanted(TENANT) - {"address_line1", "postal_code", "country"},
        buildium_id="buildium_tenant_id",
        buildium_page="manager/app/tenants/{id}",
    ),
    resource=TENANT,
)
