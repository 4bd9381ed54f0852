"""The money that comes with a new lease: rent, deposit and prorations, as charges on its ledger (MAPPING §4.5).

The ledger itself isn't served; its charges exist for the webhooks, which name no lease (trap 18).
"""

from __future__ import annotations

from datetime import date

from portal.sandbox.collection import Record, Values
from portal.sandbox.messages.leases import LeasePost
from portal.sandbox.resource import Area, Event, Resource
from portal.sandbox.world import World


def check_charges(world: World, body: LeasePost) -> None:
    for number, charge in enumerate(body.Rent.Charges if body.Rent else []):
        field = f"Rent.Charges[{number}].GlAccountId"
        world.needed("gl_accounts", charge.GlAccountId, field, missing=world.switches.missing_parent_status)


def money_values(body: LeasePost) -> Values:
    """What the lease itself keeps of its money: answers show amounts only, and the day on which rent is due."""
    charges = body.Rent.Charges if body.Rent else []
    return {
        "Rent": round(sum(charge.Amount for charge in charges), 2) if body.Rent else None,
        "RentCycle": body.Rent.Cycle if body.Rent else None,
        "SecurityDeposit": body.SecurityDeposit.Amount if body.SecurityDeposit else None,
        "PaymentDueDay": date.fromisoformat(charges[0].NextDueDate).day if charges else 1,
    }


def book_charges(world: World, lease: Record, body: LeasePost) -> None:
    """The deposit and the prorations are charged at once, rent where it is due already."""
    today = world.now.date().isoformat()
    if body.SecurityDeposit:
        _book(world, lease, body.SecurityDeposit.DueDate, body.SecurityDeposit.Amount, "Security deposit")
    if body.ProratedFirstMonthRent is not None:
        _book(world, lease, body.LeaseFromDate, body.ProratedFirstMonthRent, "Prorated rent, first month")
    if body.ProratedLastMonthRent is not None:
        _book(world, lease, body.LeaseToDate, body.ProratedLastMonthRent, "Prorated rent, last month")
    for charge in body.Rent.Charges if body.Rent else []:
        if charge.NextDueDate <= today:
            _book(world, lease, charge.NextDueDate, charge.Amount, charge.Memo or "Rent")


def _book(world: World, lease: Record, day: str | None, amount: float, memo: str) -> None:
    values = {"LeaseId": lease.id, "TransactionType": "Charge", "Date": day, "Amount": amount, "Memo": memo}
    world.insert("lease_transactions", values)


LEASE_TRANSACTIONS = Resource(
    kind="lease_transactions",
    path="",
    area=Area("Rentals > Lease transactions"),
    answer=lambda world, booked: {"Id": booked.id, **booked.values},
    event=Event("LeaseTransaction", "TransactionId", lambda booked: {"TransactionType": booked["TransactionType"]}),
    indexes=("LeaseId",),
    title=lambda booked: str(booked["Memo"]),
    blank={"LeaseId": None, "TransactionType": "Payment", "Date": None, "Amount": 0.0, "Memo": None},
)
