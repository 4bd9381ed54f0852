"""Lease ↔ Lease (MAPPING §4.5). A create brings the people and the money; a PUT only the terms; move-outs and the note
are requests of their own (errands.py)."""

from __future__ import annotations

from typing import Any

from portal.entities.checks import agree
from portal.entities.days import moment_in
from portal.entities.leases.checks import check
from portal.entities.leases.errands import NOTE, PEOPLE, errands
from portal.entities.leases.model import Lease, LeaseTenant
from portal.sync.conversions import date_out, day, money, money_out
from portal.sync.items import Items
from portal.sync.likeness import Likeness, Trait
from portal.sync.resource import Body, Children, Direction, Field, Resource, Search, at
from portal.words import LEASE_TYPES

MOST_TENANTS = 5  # of each, new and known ones, in one create


def people_of(body: Body) -> list[Body]:
    """Everybody who was ever on the lease, each with the move-out that an answer lists apart."""
    outs = {each.get("TenantId"): each for each in body.get("MoveOutData") or ()}
    return [{**each, **outs.get(each.get("Id"), {})} for each in body.get("Tenants") or ()]


def is_unsent(part: LeaseTenant) -> bool:
    return part.tenant.buildium_tenant_id is None


PERSON = (
    Field("tenant_id", "Id", refers_to="tenant", label="Tenant"),
    Field("status", "Status", Direction.PULL),
    day("move_in_date", "MoveInDate", direction=Direction.PULL),
    day("move_out_date", "MoveOutDate"),
    day("notice_given_date", "NoticeGivenDate"),
)

FIELDS = (
    Field("lease_type", "LeaseType", required=True, choices=frozenset(LEASE_TYPES), label="Lease type"),
    Field("unit_id", "UnitId", refers_to="unit", required=True),
    day("start_date", "LeaseFromDate", required=True, label="Start"),
    day("end_date", "LeaseToDate", label="End"),
    Field("is_eviction_pending", "IsEvictionPending", Direction.UPDATE, required=True, label="Eviction pending"),
    Field("auto_move_out", "AutomaticallyMoveOutTenants", Direction.UPDATE, label="Automatic move-out"),
    Field(
        "tenants",
        PEOPLE,
        Direction.SWITCH,
        read=people_of,
        items=Items(LeaseTenant, PERSON, key="tenant_id", position="", unsent=is_unsent),
    ),
    Field("notes", NOTE, Direction.SWITCH),
    Field("property_id", "PropertyId", Direction.PULL, refers_to="property"),
    Field("status", "LeaseStatus", Direction.PULL),
    Field("term_type", "TermType", Direction.PULL),
    Field("renewal_offer_status", "RenewalOfferStatus", Direction.PULL),
    money("deposit_amt", "AccountDetails.SecurityDeposit", direction=Direction.PULL, label="Security deposit"),
    money("rent", "AccountDetails.Rent", direction=Direction.PULL),
    Field("buildium_created_at", "CreatedDateTime", Direction.PULL, to_local=moment_in),
    Field("buildium_updated_at", "LastUpdatedDateTime", Direction.PULL, to_local=moment_in),
)


def request(record: Lease, path: str, body: Body, ids: Any) -> tuple[str, Body]:
    """What Buildium takes once, with the lease itself: rent, deposit, prorations, and the wish for a welcome e-mail."""
    once = {
        "Rent": rent_of(record, ids),
        "SecurityDeposit": deposit_of(record),
        "ProratedFirstMonthRent": money_out(record.prorated_first_month_rent),
        "ProratedLastMonthRent": money_out(record.prorated_last_month_rent),
    }
    given = {key: value for key, value in once.items() if value is not None}
    return path, {**body, **given, "SendWelcomeEmail": bool(record.send_welcome_email)}


def rent_of(record: Lease, ids: Any) -> Body | None:
    if not record.rent:
        return None
    charge = {
        "Amount": money_out(record.rent),
        "GlAccountId": ids.remote("gl_account", record.rent_gl_account_id),
        "NextDueDate": date_out(record.first_rent_due_on or record.start_date),
    }
    return {"Cycle": record.rent_cycle or "Monthly", "Charges": [charge]}


def deposit_of(record: Lease) -> Body | None:
    if not record.deposit_amt:
        return None
    due = record.security_deposit_due_date or record.start_date
    return {"DueDate": date_out(due), "Amount": money_out(record.deposit_amt)}


def sought(sent: Body) -> dict[str, Any]:
    """By its dates, which the lists can be asked for; there is no filter for the unit but a part of its number."""
    query = {"leasedatefrom": sent.get("LeaseFromDate"), "leasedateto": sent.get("LeaseToDate")}
    return {key: value for key, value in query.items() if value}


def same(sent: Body, found: Body) -> bool:
    """The same unit and dates, and as far as an answer tells it, the same people."""
    if not agree(sent, found, "UnitId", "LeaseFromDate", "LeaseToDate"):
        return False
    there = {each.get("Id") for each in found.get("Tenants") or ()}
    known = set(sent.get("TenantIds") or ())
    named = {name_of(each) for each in sent.get("Tenants") or ()}
    strangers = [each for each in found.get("CurrentTenants") or () if each.get("Id") not in known]
    return known <= there and (not named or {name_of(each) for each in strangers} <= named)


def name_of(person: Body) -> tuple[str, str]:
    return str(person.get("FirstName")).casefold(), str(person.get("LastName")).casefold()


def tenants_in(answer: Body) -> list[int]:
    return [each["Id"] for each in answer.get("Tenants") or () if isinstance(each.get("Id"), int)]


def derive(body: Body) -> dict[str, Any]:
    """Once Buildium has the lease, the wish for a welcome e-mail was granted: no later create may repeat it."""
    return {"send_welcome_email": False} | ({"buildium_note_id": at(body, "Note.Id")} if "Note" in body else {})


LEASE = Resource(
    name="lease",
    model=Lease,
    path="/v1/leases",
    id_column="buildium_lease_id",
    fields=FIELDS,
    permission="Rentals > Leases",
    events={"Lease": "LeaseId", "Lease.MoveOut": "LeaseId"},
    has_changed_filter=True,
    likeness=Likeness((Trait("first day", ("LeaseFromDate",)),), (Trait("last day", ("LeaseToDate",)),), ("UnitId",)),
    search=Search(sought, same),
    children=Children(
        resource="tenant", relationship="tenants", through="tenant", remote="Tenants", known="TenantIds",
        parent="LeaseId", at_most=MOST_TENANTS, named=tenants_in,
    ),
    request=request,
    errands=errands,
    more={"Note": lambda lease: f"notes/{lease.buildium_note_id}" if lease.buildium_note_id else None},
    check=check,
    derive=derive,
    loads=("tenants",),
    named_after="unit",
    carries=(
        "deposit_amt", "security_deposit_due_date", "rent", "rent_cycle", "rent_gl_account_id", "first_rent_due_on",
        "prorated_first_month_rent", "prorated_last_month_rent", "send_welcome_email",
    ),
)  # fmt: skip
