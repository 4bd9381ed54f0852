"""What every account has: staff and other users, the chart of accounts, bank accounts."""

from __future__ import annotations

from portal.sandbox.collection import Values
from portal.sandbox.resources.bank_accounts import BANK_READ_ONLY, check_printing, gl_account_of
from portal.sandbox.resources.gl_accounts import READ_ONLY

_ROLES = {
    1: ("Administrator", "Everything"),
    2: ("Property manager", "Properties, leases and maintenance"),
    3: ("Bookkeeper", "Accounting"),
    4: ("Rental owner", "Owner portal"),
    5: ("Vendor", "Vendor portal"),
}

# First name, last name, role, active.
_STAFF = (
    ("Imogen", "Vance", 1, True),
    ("Marcus", "O'Dell", 2, True),
    ("Chloé", "Beauchamp", 2, True),
    ("Tomasz", "Wiśniewski", 2, True),
    ("Priscilla", "Nakamura-Reyes", 2, True),
    ("Delroy", "Achebe", 3, True),
    ("Hannah", "Lindqvist", 3, True),
    ("Gus", "Thibodeau", 2, False),
)
_OTHERS = (
    ("Rosalind", "Casco", "RentalOwner", 4, None),
    ("", "", "RentalOwner", 4, "Kennebec Holdings LLC"),
    ("Otis", "Pelletier", "Vendor", 5, None),
    ("", "", "Vendor", 5, "Downeast Plumbing & Heating"),
)

# Number, name, sub type, cash flow, number of the parent. Parents stand before their children.
_CHART = """
1100|Accounts Receivable|CurrentAsset|OperatingActivities|
1150|Undeposited Funds|CurrentAsset||
1200|Prepaid Expenses|CurrentAsset|OperatingActivities|
1210|Prepaid Insurance|CurrentAsset|OperatingActivities|1200
1220|Prepaid Taxes|CurrentAsset|OperatingActivities|1200
1500|Furniture and Fixtures|FixedAsset|InvestingActivities|
1510|Appliances|FixedAsset|InvestingActivities|1500
1600|Building Improvements|FixedAsset|InvestingActivities|
1900|Accumulated Depreciation|FixedAsset|InvestingActivities|
2100|Accounts Payable|CurrentLiability|OperatingActivities|
2200|Security Deposit Liability|CurrentLiability|OperatingActivities|
2210|Pet Deposit Liability|CurrentLiability|OperatingActivities|2200
2300|Prepaid Rent|CurrentLiability|OperatingActivities|
2400|Sales Tax Payable|CurrentLiability|OperatingActivities|
2700|Mortgages Payable|LongTermLiability|FinancingActivities|
2710|Second Mortgage|LongTermLiability|FinancingActivities|2700
3100|Owner Contribution|Equity|FinancingActivities|
3200|Owner Draw|Equity|FinancingActivities|
3300|Retained Earnings|Equity|FinancingActivities|
3900|Opening Balance Equity|Equity|FinancingActivities|
4100|Rent Income|Income|OperatingActivities|
4110|Commercial Rent|Income|OperatingActivities|4100
4120|Parking Rent|Income|OperatingActivities|4100
4130|Storage Rent|Income|OperatingActivities|4100
4200|Late Fee Income|Income|OperatingActivities|
4210|NSF Fee Income|Income|OperatingActivities|4200
4300|Application Fee Income|Income|OperatingActivities|
4400|Laundry Income|Income|OperatingActivities|
4500|Pet Fee Income|Income|OperatingActivities|
4600|Utility Reimbursement|Income|OperatingActivities|
4700|Convenience Fee|Income|OperatingActivities|
4900|Interest Income|NonOperatingIncome|OperatingActivities|
4950|Forfeited Deposits|NonOperatingIncome|OperatingActivities|
5100|Repairs and Maintenance|OperatingExpenses|OperatingActivities|
5110|Plumbing|OperatingExpenses|OperatingActivities|5100
5120|Electrical|OperatingExpenses|OperatingActivities|5100
5130|Heating & Cooling|OperatingExpenses|OperatingActivities|5100
5140|Painting|OperatingExpenses|OperatingActivities|5100
5150|Appliance Repair|OperatingExpenses|OperatingActivities|5100
5160|Key / Lock Replacement|OperatingExpenses|OperatingActivities|5100
5200|Landscaping and Snow|OperatingExpenses|OperatingActivities|
5210|Snow Removal|OperatingExpenses|OperatingActivities|5200
5300|Cleaning and Turnover|OperatingExpenses|OperatingActivities|
5400|Utilities|OperatingExpenses|OperatingActivities|
5410|Electricity|OperatingExpenses|OperatingActivities|5400
5420|Gas & Oil|OperatingExpenses|OperatingActivities|5400
5430|Water & Sewer|OperatingExpenses|OperatingActivities|5400
5440|Trash Removal|OperatingExpenses|OperatingActivities|5400
5500|Insurance|OperatingExpenses|OperatingActivities|
5600|Management Fees|OperatingExpenses|OperatingActivities|
5700|Legal and Professional|OperatingExpenses|OperatingActivities|
5710|Eviction Costs|OperatingExpenses|OperatingActivities|5700
5800|Advertising|OperatingExpenses|OperatingActivities|
5900|Property Taxes|OperatingExpenses|OperatingActivities|
6100|Bank Fees|OperatingExpenses|OperatingActivities|
6200|Supplies|OperatingExpenses|OperatingActivities|
7100|Mortgage Interest|NonOperatingExpenses|FinancingActivities|
7200|Depreciation Expense|NonOperatingExpenses|OperatingActivities|
7900|Miscellaneous Expense|NonOperatingExpenses|OperatingActivities|
"""
_DEFAULTS = ("1100", "1150", "2100", "2200", "2300", "3100", "3200", "4100", "4200", "5100", "5600")

# Name, type, account number, routing number, balance, active.
_BANKS = (
    ("Harbor Operating Account", "Checking", "004417829931", "011200365", 184_220.17, True),
    ("Harbor Trust Account", "Checking", "004417829949", "011200365", 96_004.50, True),
    ("Security Deposit Escrow", "Savings", "88120034", "011201458", 412_900.00, True),
    ("Compte d'exploitation – Montréal", "Checking", "5021187", "000110001", 23_118.92, True),
    ("Old Casco Savings (closed)", "Savings", "9930", "011201458", 0.0, False),
)


def users(signed_in: str) -> list[Values]:
    """Eight staff members, the first an administrator and the last inactive, then owners and vendors; who is active
    signed in last at the given moment."""
    staff = [_user(first, last, "Staff", role, None, active) for first, last, role, active in _STAFF]
    others = [_user(first, last, kind, role, company, True) for first, last, kind, role, company in _OTHERS]
    return [{**user, "LastLogin": signed_in if user["IsActive"] else None} for user in staff + others]


def chart() -> list[tuple[Values, str]]:
    """The default chart of accounts, parents first, each with the account number of its parent or ''."""
    return [_account(*line.split("|")) for line in _CHART.strip().splitlines()]


def bank_accounts() -> list[tuple[Values, Values]]:
    """Each bank account with the ledger account it owns; ids are still missing."""
    return [_bank(number, *facts) for number, facts in enumerate(_BANKS)]


def _user(first: str, last: str, kind: str, role: int, company: str | None, active: bool) -> Values:
    address = f"{(first or company or '').split()[0]}.{last}".lower().strip(".").replace("'", "")
    role_name, description = _ROLES[role]
    return {
        "UserTypes": [kind],
        "IsActive": active,
        "LastLogin": None,
        "FirstName": first or None,
        "LastName": last or None,
        "CompanyName": company,
        "Email": f"{address}@{'harborandvine.example' if kind == 'Staff' else 'example.com'}",
        "AlternateEmail": None,
        "PhoneNumbers": [{"Number": f"(207) 555-01{role}{len(last)}", "Type": "Office"}],
        "UserRole": {"Id": role, "Name": role_name, "Description": description, "NumberOfUsers": 3},
        "IsCompany": company is not None,
    }


def _account(number: str, name: str, sub_type: str, cash_flow: str, parent: str) -> tuple[Values, str]:
    default = number in _DEFAULTS
    values = {
        **READ_ONLY,
        "Name": name,
        "AccountNumber": number,
        "Description": f"{name}, as Buildium sets it up." if default else None,
        "SubType": sub_type,
        "IsCashAsset": True if number == "1150" else None,
        "IsContraAccount": True if number == "1900" else None,
        "CashFlowClassification": cash_flow or None,
        "ParentGLAccountId": None,
        "IsDefaultGLAccount": default,
        "DefaultAccountName": name if default else None,
    }
    return values, parent


def _bank(
    number: int, name: str, kind: str, account: str, routing: str, balance: float, active: bool
) -> tuple[Values, Values]:
    values = {
        **BANK_READ_ONLY,
        "Name": name,
        "Description": "Rents in, bills and owner draws out." if number == 0 else None,
        "BankAccountType": kind,
        "Country": "Canada" if routing.startswith("000") else "UnitedStates",
        "AccountNumber": account,
        "RoutingNumber": routing,
        "CheckPrintingInfo": check_printing(None),
        "Balance": balance,
        "IsActive": active,
    }
    return values, gl_account_of(name, f"10{number + 1}0")
