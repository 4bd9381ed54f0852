"""Event names that Buildium sends and the portal has no use for (MAPPING §8.6)."""

from __future__ import annotations

OUT_OF_SCOPE = frozenset(
    {
        "Applicant", "ApplicantApplication", "Application.Transaction", "AssociationBoardMember", "Association",
        "Association.MeterReading", "AssociationOwner", "OwnershipAccountTransaction", "OwnershipAccount",
        "AssociationTenant", "AssociationUnit", "Budget", "Installation", "Listing", "PhoneLog", "Rental.MeterReading",
    }
)  # fmt: skip


# In scope, but with nothing to fetch that another event doesn't announce as well.
SAID_ELSEWHERE = {
    "LeaseTransaction": "The event names no lease, and Buildium asks for a transaction by its lease.",
    "Vendor.Transaction": "Bills and their payments announce themselves; nothing else of a vendor's account is kept.",
}


def why_ignored(prefix: str) -> str:
    """The reason in words, for an event whose name before the last dot is `prefix`."""
    if prefix in OUT_OF_SCOPE:
        return f"{prefix} events are outside what the portal keeps."
    if prefix in SAID_ELSEWHERE:
        return SAID_ELSEWHERE[prefix]
    return f"“{prefix[:60]}” is not a kind of record that the portal handles."
