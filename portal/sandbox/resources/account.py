"""The account itself and its accounting lock period (MAPPING §4.18): read-only, one of each."""

from __future__ import annotations

from portal.sandbox.resource import Answer, Area, Single
from portal.sandbox.world import World

ACCOUNT_ID = 450123
COMPANY_NAME = "Harbor & Vine Property Management"
COMPANY_ADDRESS = {
    "AddressLine1": "18 Harbor Street",
    "AddressLine2": "Floor 3",
    "AddressLine3": None,
    "City": "Portland",
    "State": "ME",
    "PostalCode": "04101",
    "Country": "UnitedStates",
}


def _account(world: World) -> Answer:
    bank_accounts = world.all("bank_accounts")
    return {
        "Id": ACCOUNT_ID,
        "CompanyName": COMPANY_NAME,
        "Url": "https://harborandvine.managebuilding.com",
        "Contact": {
            "FirstName": "Imogen",
            "LastName": "Vance",
            "Address": COMPANY_ADDRESS,
            "PhoneNumber": "(207) 555-0100",
        },
        "AccountingSettings": {
            "AccountingBookId": 1,
            "DefaultBankAccountId": bank_accounts[0].id if bank_accounts else None,
            "DefaultAccountingBasis": "Accrual",
            "TrustAccountWarning": "ByProperty",
            "FiscalYearEndMonth": 12,
            "FiscalYearEndDay": 31,
        },
    }


def _lock_period(world: World) -> Answer:
    staff = [user.id for user in world.all("users") if "Staff" in user["UserTypes"]]
    locked = {"LockDate": world.switches.lock_date} if world.switches.lock_date else None
    return {"Global": locked, "Overrides": [], "FinancialAdministratorUserIds": staff[:1]}


ACCOUNT = Single("/v1/administration/account", Area("Administration > Account Information"), _account)
LOCK_PERIOD = Single(
    "/v1/administration/accountinglockperiod", Area("Administration > Application Settings"), _lock_period
)
