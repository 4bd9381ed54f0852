"""Bank account ↔ Bank account (MAPPING §4.6). Pulled as reference data; not sent yet."""

from __future__ import annotations

from portal.entities.bank_accounts.model import BankAccount
from portal.sync.conversions import money
from portal.sync.resource import Direction, Field, Resource

FIELDS = (
    Field("name", "Name", required=True),
    Field("description", "Description"),
    Field("bank_account_type", "BankAccountType", required=True),
    Field("country", "Country", required=True),
    # The answer's AccountNumber is masked: only its unmasked twin may be kept.
    Field("account_number", "AccountNumber", read="AccountNumberUnmasked"),
    Field("routing_number", "RoutingNumber"),
    Field("check_printing_info", "CheckPrintingInfo"),
    Field("is_active", "IsActive", Direction.PULL),
    money("buildium_balance", "Balance", direction=Direction.PULL),
    Field("gl_account", "GLAccountId", Direction.PULL, read="GLAccount.Id", refers_to="gl_account"),
)

BANK_ACCOUNT = Resource(
    name="bank_account",
    model=BankAccount,
    path="/v1/bankaccounts",
    id_column="buildium_bank_id",
    fields=FIELDS,
    permission="Accounting > Bank Accounts",
    events={"BankAccount": "BankAccountId", "BankAccount.Transaction": "BankAccountId"},
    pushed=False,
    secrets=frozenset({"AccountNumber", "AccountNumberUnmasked", "RoutingNumber"}),
    here=("balance",),
)
