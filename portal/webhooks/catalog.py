"""The names of Buildium's events (MAPPING §8.6), and what the portal does with each, in words."""

from __future__ import annotations

from collections.abc import Mapping

from portal.sync.current import current_sync
from portal.webhooks.scope import why_ignored

CREATED, UPDATED, DELETED = "Created", "Updated", "Deleted"
ALL = (CREATED, UPDATED, DELETED)

# What comes before the last dot of a name → what comes after it.
OPERATIONS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "Rental", "RentalUnit", "Lease", "LeaseTenant", "Vendor", "VendorCategory", "Task", "Task.History",
            "TaskCategory", "WorkOrder", "Bill", "Bill.Payment", "BankAccount", "BankAccount.Transaction", "GLAccount",
        ),
        ALL,
    ),
    "Lease.MoveOut": (CREATED,),
    **dict.fromkeys(
        (
            "LeaseTransaction", "Vendor.Transaction", "Applicant", "Association", "Association.MeterReading",
            "AssociationBoardMember", "AssociationOwner", "AssociationTenant", "AssociationUnit", "Budget",
            "Installation", "Listing", "OwnershipAccount", "OwnershipAccountTransaction", "PhoneLog",
            "Rental.MeterReading",
        ),
        ALL,
    ),
    "ApplicantApplication": (CREATED, UPDATED),
    "Application.Transaction": (CREATED, UPDATED),
}  # fmt: skip

NAMES = tuple(f"{prefix}.{operation}" for prefix, operations in OPERATIONS.items() for operation in operations)


def entity_of(name: str) -> str | None:
    """The kind of record that an event is about; None where the portal handles none."""
    resource = current_sync().resources.by_event.get(name.rpartition(".")[0])
    return resource.name if resource else None


def doing(name: str) -> str:
    """What the portal does when an event of this name comes."""
    prefix, _, operation = name.rpartition(".")
    entity = entity_of(name)
    if entity is None:
        return why_ignored(prefix)
    what = entity.replace("_", " ").replace("gl ", "ledger ")
    if operation == DELETED:
        return f"Looks for the {what} in Buildium; one that is gone there is marked as gone here. Nothing is deleted."
    return f"Fetches the {what} as it is in Buildium now, and brings what differs here."
