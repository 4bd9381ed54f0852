"""All of Buildium's events (MAPPING §8.6): each is fetched by a resource, or acknowledged with the reason in words."""

from __future__ import annotations

import pytest

from portal.registry import RESOURCES
from portal.webhooks.scope import OUT_OF_SCOPE, SAID_ELSEWHERE, why_ignored

ALL = ("Created", "Updated", "Deleted")
EVENTS = {
    **dict.fromkeys(
        (
            "Applicant", "AssociationBoardMember", "Association", "Association.MeterReading", "AssociationOwner",
            "OwnershipAccountTransaction", "OwnershipAccount", "AssociationTenant", "AssociationUnit", "BankAccount",
            "BankAccount.Transaction", "Bill", "Bill.Payment", "Budget", "GLAccount", "Installation", "LeaseTenant",
            "LeaseTransaction", "Lease", "Listing", "PhoneLog", "Rental.MeterReading", "Rental", "RentalUnit",
            "TaskCategory", "Task.History", "Task", "VendorCategory", "Vendor", "Vendor.Transaction", "WorkOrder",
        ),
        ALL,
    ),
    "ApplicantApplication": ("Created", "Updated"),
    "Application.Transaction": ("Created", "Updated"),
    "Lease.MoveOut": ("Created",),
}  # fmt: skip
NAMES = [f"{prefix}.{operation}" for prefix, operations in EVENTS.items() for operation in operations]


def test_these_are_all_98_events_of_34_groups() -> None:
    assert (len(EVENTS), len(set(NAMES))) == (34, 98)


@pytest.mark.parametrize("name", NAMES)
def test_an_event_is_handled_or_named_as_out_of_scope(name: str) -> None:
    prefix = name.rpartition(".")[0]
    handled, ignored = prefix in RESOURCES.by_event, prefix in OUT_OF_SCOPE or prefix in SAID_ELSEWHERE
    assert handled != ignored
    assert handled or "is not a kind of record" not in why_ignored(prefix)


def test_no_resource_waits_for_an_event_that_buildium_never_sends() -> None:
    assert set(RESOURCES.by_event) <= set(EVENTS)
