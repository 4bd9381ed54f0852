"""The leases and residents of the sample portfolio: two years of them, most units let today, some promised already."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple

from portal.sandbox.collection import Values
from portal.sandbox.sample.draft import Draft
from portal.sandbox.sample.tenancies import Home, Tenancy, tenancies
from portal.sandbox.sample.tenants import tenant_values

_VACANT = 0.065
_NOTES = (
    "Has a spare key for the bike room.",
    "Agreed on the phone: rent may come on the 5th while the bank changes.",
    "Two cats, one of them “on trial”.\nPet addendum signed.",
    "Wants the balcony door adjusted before winter — see task.",
    "Parking space 12 goes with this lease; no charge until further notice.",
)
_OFFERS = ("NotStarted", "Draft", "Sent", "Unsigned", "Accepted", "Declined")


class Let(NamedTuple):
    """A drafted lease, for everything that happens in its time: `until` is the last day on which people lived there."""

    lease_id: int
    property_id: int
    unit_id: int
    tenant_ids: tuple[int, ...]
    start: date
    until: date
    has_active_property: bool


def add_leases(draft: Draft, random: Random, homes: list[Home]) -> list[Let]:
    """Draft the leases of all units with their people, move-outs, notes and cosigners; ids go by time of creation."""
    vacant = _vacant(random, homes)
    told = [
        tenancy
        for home in homes
        for tenancy in tenancies(
            random, home, draft.today, draft.past, occupied=home.is_active and home.unit_id not in vacant
        )
    ]
    dated = [(_signed(draft, random, tenancy), number, tenancy) for number, tenancy in enumerate(told)]
    return [_add(draft, random, tenancy, signed) for signed, _, tenancy in sorted(dated, key=lambda each: each[:2])]


def _vacant(random: Random, homes: list[Home]) -> set[int]:
    """Which units of active properties stand empty today."""
    active = [home.unit_id for home in homes if home.is_active]
    return set(random.sample(active, round(len(active) * _VACANT)))


def _signed(draft: Draft, random: Random, tenancy: Tenancy) -> datetime:
    """When the lease was entered: some days before it begins, even where that is still to come."""
    day = min(tenancy.start - timedelta(days=random.randint(4, 40)), draft.today - timedelta(days=random.randint(1, 9)))
    return draft.moment(day, random.randrange(540))


def _add(draft: Draft, random: Random, tenancy: Tenancy, signed: datetime) -> Let:
    _add_people(draft, random, tenancy, signed)
    home, today = tenancy.home, draft.today
    notice = _notice(draft, random, tenancy)
    changed = draft.moment(notice, random.randrange(540)) if notice else signed
    lease_id = draft.add("leases", _values(draft, random, tenancy), signed, changed)
    for tenant_id in tenancy.party.tenant_ids:
        link = {"LeaseId": lease_id, "TenantId": tenant_id, "MoveInDate": tenancy.start.isoformat()}
        draft.add("lease_tenants", link, signed)
        if notice and tenancy.leaves:
            out = {"LeaseId": lease_id, "TenantId": tenant_id, "MoveOutDate": tenancy.leaves.isoformat()}
            draft.add("lease_moveouts", {**out, "NoticeGivenDate": notice.isoformat()}, max(signed, changed))
    _add_extras(draft, random, lease_id, tenancy, signed)
    until = min(tenancy.leaves or today, today)
    if not tenancy.is_current(today) and tenancy.leaves is None and tenancy.end:
        until = min(tenancy.end, today)
    people = tuple(tenancy.party.tenant_ids)
    return Let(lease_id, home.property_id, home.unit_id, people, tenancy.start, until, home.is_active)


def _add_people(draft: Draft, random: Random, tenancy: Tenancy, signed: datetime) -> None:
    """The people of a renewal are known already."""
    stay = tenancy.leaves is None or tenancy.leaves > draft.today
    while len(tenancy.party.tenant_ids) < tenancy.party.size:
        number = draft.next_id("tenants")
        values = tenant_values(random, number, tenancy.home.values, lives_there=stay)
        changed = signed + timedelta(days=random.randint(20, 300)) if random.random() < 0.2 else signed
        later = draft.moment(changed.date(), number)
        tenancy.party.tenant_ids.append(draft.add("tenants", values, signed, later))


def _notice(draft: Draft, random: Random, tenancy: Tenancy) -> date | None:
    """When the people said that they would leave: a month or two before, and of course in the past."""
    if tenancy.leaves is None:
        return None
    given = max(tenancy.leaves - timedelta(days=random.randint(28, 62)), tenancy.start)
    return min(given, draft.today - timedelta(days=1))


def _values(draft: Draft, random: Random, tenancy: Tenancy) -> Values:
    rent = _rent(random, tenancy, draft.today)
    is_current = tenancy.is_current(draft.today)
    ends_soon = is_current and tenancy.end is not None and tenancy.end <= draft.today + timedelta(days=90)
    return {
        "PropertyId": tenancy.home.property_id,
        "LeaseType": tenancy.kind,
        "UnitId": tenancy.home.unit_id,
        "LeaseFromDate": tenancy.start.isoformat(),
        "LeaseToDate": tenancy.end.isoformat() if tenancy.end else None,
        "Rent": rent,
        "RentCycle": "Monthly",
        "SecurityDeposit": random.choice((rent, rent, rent, round(rent * 1.5, 2), None)),
        "PaymentDueDay": random.choices((1, 5, 15), (85, 10, 5))[0],
        "IsEvictionPending": is_current and random.random() < 0.012,
        "AutomaticallyMoveOutTenants": tenancy.kind == "Fixed" and random.random() < 0.1,
        "RenewalOfferStatus": random.choice(_OFFERS) if ends_soon else None,
    }


def _rent(random: Random, tenancy: Tenancy, today: date) -> float:
    """Near what the market gives today, less the further back the lease was signed; in steps of five."""
    market = tenancy.home.values["MarketRent"] or random.randrange(900, 2600, 25)
    years_ago = max(0, (today - tenancy.start).days) / 365
    return float(round(market * random.uniform(0.95, 1.02) * 0.97**years_ago / 5) * 5)


def _add_extras(draft: Draft, random: Random, lease_id: int, tenancy: Tenancy, signed: datetime) -> None:
    if random.random() < 0.15:
        day = min(tenancy.start + timedelta(days=random.randint(0, 200)), tenancy.leaves or draft.today)
        values = {"LeaseId": lease_id, "Note": random.choice(_NOTES), "LastUpdatedByUserId": random.randint(1001, 1007)}
        draft.add("lease_notes", values, max(signed, draft.moment(day, lease_id)))
    if random.random() < 0.04:
        person = tenant_values(random, draft.next_id("cosigners") + 500_000, tenancy.home.values, lives_there=False)
        kept = ("FirstName", "LastName", "Email", "AlternateEmail", "PhoneNumbers", "Address", "AlternateAddress")
        values = {"LeaseId": lease_id, **{name: person[name] for name in kept}}
        draft.add("cosigners", {**values, "MailingPreference": person["MailingPreference"]}, signed)
