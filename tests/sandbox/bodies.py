"""Valid request bodies; keywords change or add fields."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

Body = dict[str, Any]
_numbers = itertools.count(1)


def address(**changes: Any) -> Body:
    base = {"AddressLine1": "7 Wharf Lane", "City": "Portland", "State": "ME", "PostalCode": "04101"}
    return {**base, "Country": "UnitedStates", **changes}


def unit(**changes: Any) -> Body:
    return {"UnitNumber": f"U{next(_numbers)}", "Address": address(), **changes}


def full_unit(**changes: Any) -> Body:
    extras = {"UnitSize": 800, "MarketRent": 1450.5, "UnitBedrooms": "TwoBed", "UnitBathrooms": "OnePointFiveBath"}
    return unit(**{**extras, "Description": "Bright.", **changes})


def rental(bank_account_id: int, **changes: Any) -> Body:
    base = {"Name": f"Property {next(_numbers)}", "Address": address(), "RentalSubType": "MultiFamily"}
    return {**base, "OperatingBankAccountId": bank_account_id, **changes}


def full_rental(bank_account_id: int, **changes: Any) -> Body:
    extras = {"StructureDescription": "Brick.", "Reserve": 250.0, "YearBuilt": 1901}
    return rental(bank_account_id, **{**extras, **changes})


def owner(property_ids: list[int], **changes: Any) -> Body:
    base = {"IsCompany": False, "FirstName": "Ada", "LastName": f"Byron {next(_numbers)}"}
    return {**base, "Address": address(), "PropertyIds": property_ids, **changes}


def company(property_ids: list[int], **changes: Any) -> Body:
    base = {"IsCompany": True, "CompanyName": f"Company {next(_numbers)}", "Address": address()}
    return {**base, "PropertyIds": property_ids, **changes}


def full_owner(property_ids: list[int], **changes: Any) -> Body:
    extras = {
        "DateOfBirth": "1970-12-31",
        "ManagementAgreementStartDate": "2024-01-01",
        "ManagementAgreementEndDate": "2030-01-01",
        "Email": "ada@example.com",
        "AlternateEmail": "ada@example.org",
        "PhoneNumbers": phones(),
        "Comment": "Prefers letters.",
    }
    return owner(property_ids, **{**extras, **changes})


def phones() -> Body:
    return {"Home": "(207) 555-0001", "Work": "(207) 555-0002", "Mobile": "(207) 555-0003", "Fax": "(207) 555-0004"}


def tax(**changes: Any) -> Body:
    names = {"TaxPayerName1": "Ada Byron", "TaxPayerName2": "Estate", "Address": address()}
    return {"TaxPayerId": "987-65-4321", "TaxPayerType": "SSN", **names, **changes}


def bank_account(**changes: Any) -> Body:
    base = {"Name": f"Bank {next(_numbers)}", "BankAccountType": "Checking", "Country": "UnitedStates"}
    return {**base, "AccountNumber": "004417829931", "RoutingNumber": "011200365", "Description": "Main", **changes}


def checks(**changes: Any) -> Body:
    base = {"EnableRemoteCheckPrinting": True, "EnableLocalCheckPrinting": False}
    return {**base, "CheckLayoutType": "Voucher2StubTopMemo", "SignatureHeading": "VOID", **changes}


def gl_account(**changes: Any) -> Body:
    number = next(_numbers)
    base = {"Name": f"Account {number}", "AccountNumber": f"N{number}", "SubType": "OperatingExpenses"}
    return {**base, "Description": "Costs", "CashFlowClassification": "OperatingActivities", **changes}


def tenant(**changes: Any) -> Body:
    """A tenant inside a new lease, and for a PUT."""
    return {"FirstName": "Grace", "LastName": f"Hopper {next(_numbers)}", "Address": address(), **changes}


def full_tenant(**changes: Any) -> Body:
    extras = {
        "Email": "grace@example.com",
        "AlternateEmail": "grace@example.org",
        "PhoneNumbers": phones(),
        "DateOfBirth": "1986-12-09",
        "Comment": "Night shifts.",
        "TaxId": "123-12-1234",
        "EmergencyContact": {
            "Name": "Mary Hopper",
            "RelationshipDescription": "Sister",
            "Phone": "(207) 555-0009",
            "Email": "mary@example.com",
        },
        "AlternateAddress": address(AddressLine2="c/o Navy"),
        "MailingPreference": "AlternateAddress",
    }
    return tenant(**{**extras, **changes})


def lease(unit_id: int, **changes: Any) -> Body:
    """A lease of two years around today."""
    dates = {"LeaseFromDate": in_days(-365), "LeaseToDate": in_days(365)}
    return {"LeaseType": "Fixed", "UnitId": unit_id, **dates, "SendWelcomeEmail": False, **changes}


def full_lease(unit_id: int, gl_account_id: int, **changes: Any) -> Body:
    charge = {"Amount": 1450.0, "GlAccountId": gl_account_id, "NextDueDate": "2031-02-03", "Memo": "Rent"}
    parking = {**charge, "Amount": 75.5, "Memo": "Parking"}
    extras = {
        "LeaseFromDate": "2031-01-15",
        "LeaseToDate": "2032-01-14",
        "Tenants": [full_tenant()],
        "TenantIds": [],
        "ApplicantIds": [],
        "Cosigners": [cosigner()],
        "Rent": {"Cycle": "Monthly", "Charges": [charge, parking]},
        "SecurityDeposit": {"DueDate": "2031-01-15", "Amount": 2000.0},
        "ProratedFirstMonthRent": 700.0,
        "ProratedLastMonthRent": 600.0,
    }
    return lease(unit_id, **{**extras, **changes})


def cosigner(**changes: Any) -> Body:
    contact = {"Email": "c@example.com", "AlternateEmail": "d@example.com", "PhoneNumbers": phones()}
    addresses = {"Address": address(), "AlternateAddress": address(), "MailingPreference": "PrimaryAddress"}
    return {"FirstName": "Howard", "LastName": "Aiken", **contact, **addresses, **changes}


def lease_put(unit_id: int, **changes: Any) -> Body:
    terms = {"LeaseFromDate": "2031-01-15", "LeaseToDate": "2032-01-14", "IsEvictionPending": True}
    return {"LeaseType": "Fixed", "UnitId": unit_id, **terms, "AutomaticallyMoveOutTenants": True, **changes}


def move_out(tenant_id: int, **changes: Any) -> Body:
    return {"TenantId": tenant_id, "MoveOutDate": in_days(30), "NoticeGivenDate": in_days(-30), **changes}


def in_days(days: int) -> str:
    """A date so many days from today, where today is the sandbox's: UTC."""
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()
