"""Valid request bodies; keywords change or add fields."""

from __future__ import annotations

import itertools
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
