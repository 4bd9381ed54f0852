"""The pages of leases."""

from __future__ import annotations

from sqlalchemy.orm import selectinload

from portal.entities.leases import columns as shown
from portal.entities.leases.form import MONEY, LeaseForm
from portal.entities.leases.mapping import LEASE
from portal.entities.leases.model import Lease, LeaseTenant
from portal.entities.leases.views import move_outs, withdrawal
from portal.entity import Entity, marks, wanted
from portal.web.access import Permission
from portal.web.record_sync import MARKS
from portal.web.screen import Column, Related, Route, Screen, Section
from portal.words import RENEWAL_OFFERS

LEASES = Entity(
    screen=Screen(
        singular="lease",
        plural="leases",
        model=Lease,
        form=LeaseForm,
        icon="file-earmark-text",
        key="int",
        columns=(
            shown.UNIT,
            shown.PEOPLE,
            shown.START,
            shown.END,
            shown.RENT,
            shown.TYPE,
            shown.STATUS,
            shown.TERM,
            shown.DEPOSIT,
            shown.EVICTION,
            shown.RENEWAL,
            shown.BUILDIUM,
            shown.CHANGED,
        ),
        order="-start_date",
        empty="A lease says who lives in a unit, from when until when, and for how much.",
        search=Lease.search_text,
        filters=shown.FILTERS,
        loads=(selectinload(Lease.tenants).joinedload(LeaseTenant.tenant),),
        sections=(
            Section(
                "Lease",
                (
                    Column("property_id", "Property", "record", value=lambda it: it.property, to="properties"),
                    Column("unit_id", "Unit", "record", value=lambda it: it.unit, to="units"),
                    shown.TYPE,
                    Column("term_type", "Term now", value=shown.term),
                    Column("start_date", "Start", "day"),
                    Column("end_date", "End", "day"),
                    Column("auto_move_out", "Everybody moves out at the end", "flag"),
                    Column("is_eviction_pending", "Eviction pending", "flag"),
                    Column("renewal_offer_status", "Renewal offer", words=RENEWAL_OFFERS),
                    Column("notes", "Notes", wide=True),
                ),
            ),
            Section(
                "Money",
                (
                    shown.RENT,
                    shown.CYCLE,
                    Column("rent_gl_account_id", "Income account", value=lambda it: it.rent_gl_account),
                    Column("first_rent_due_on", "First due", "day"),
                    Column("deposit_amt", "Security deposit", "money"),
                    Column("security_deposit_due_date", "Deposit due", "day"),
                    Column("prorated_first_month_rent", "First part of a month", "money"),
                    Column("prorated_last_month_rent", "Last part of a month", "money"),
                ),
            ),
            Section(
                "Record",
                (
                    shown.BUILDIUM,
                    Column("buildium_created_at", "Created in Buildium", "moment"),
                    Column("created_at", "Created", "moment"),
                    shown.CHANGED,
                ),
            ),
        ),
        related=(
            Related(
                "Other leases of the unit",
                Lease.others_of_unit,
                "leases",
                "unit_id",
                ("unit", "tenants", "start_date", "end_date", "status", "rent"),
                "Nobody else has had this unit under a lease.",
                "New lease",
            ),
        ),
        routes=(
            Route("/<int:record_id>/move-outs", "move_outs", move_outs, Permission.EDIT_RECORDS, ("GET", "POST")),
            Route(
                "/<int:record_id>/move-outs/<uuid:person_id>/withdrawal",
                "withdrawal",
                withdrawal,
                Permission.EDIT_RECORDS,
                ("GET", "POST"),
            ),
        ),
        marks={
            **marks(LEASE),
            **dict.fromkeys((*MONEY, "tenants", "new_tenants", "send_welcome_email"), MARKS["create"]),
        },
        wanted=wanted(LEASE) - {"is_eviction_pending"},
        buildium_id="buildium_lease_id",
        buildium_page="manager/app/leases/{id}",
    ),
    resource=LEASE,
)
