"""What the shares of a property add up to."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from portal.entities.ownerships.model import Ownership
from portal.extensions import db

TOO_MUCH = "The other owners have {others:f}% already: {left:f}% is left."
WHOLE = Decimal(100)


def shares_of_others(its_property: Any, own: Ownership | None) -> tuple[Decimal, Decimal]:
    """Ownership and disbursement of everybody else, in percent. The property stays locked until the end of the
    transaction, so that two people can't both take the last share."""
    model = type(its_property)
    db.session.execute(select(model.id).where(model.id == its_property.id).with_for_update(key_share=True))
    ownership, disbursement = Ownership.ownership_percentage, Ownership.disbursement_percentage
    sums = select(func.sum(ownership), func.sum(disbursement))
    others = sums.where(Ownership.property_id == its_property.id)
    if own is not None:
        others = others.where(Ownership.id != own.id)
    ownership_sum, disbursement_sum = db.session.execute(others).one()
    return ownership_sum or Decimal(0), disbursement_sum or Decimal(0)


def shares_note(its_property: Any) -> str:
    """Why the shares of a property aren't right yet; empty where they are."""
    owned: list[Ownership] = its_property.ownerships
    if not owned:
        return ""
    notes = [
        note_of("Ownership", [each.ownership_percentage for each in owned]),
        note_of("Disbursement", [each.disbursement_percentage for each in owned]),
    ]
    return " ".join(filter(None, notes))


def note_of(what: str, shares: list[Decimal | None]) -> str:
    if all(share is None for share in shares):
        return f"{what} has no percentages yet. Buildium’s interface has none, so they have to be entered here."
    total = sum((share or Decimal(0) for share in shares), Decimal(0))
    if total == WHOLE:
        return ""
    return f"{what} adds up to {plain(total)}%: {plain(WHOLE - total)}% is missing."


def plain(value: Decimal) -> str:
    return format(value.normalize(), "f")
