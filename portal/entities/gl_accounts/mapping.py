"""General ledger account ↔ General ledger account (MAPPING §4.7). Pulled as reference data; not sent yet."""

from __future__ import annotations

from portal.entities.gl_accounts.model import GlAccount
from portal.sync.resource import Body, Direction, Field, Resource

FIELDS = (
    Field("account_number", "AccountNumber"),
    Field("name", "Name", required=True),
    Field("description", "Description"),
    Field("sub_type", "SubType", required=True),
    Field("is_contra_account", "IsContraAccount"),
    Field("cash_flow_classification", "CashFlowClassification"),
    Field("buildium_parent_gl_account_id", "ParentGLAccountId"),
    Field("parent_id", "Parent", Direction.PULL, read="ParentGLAccountId", refers_to="gl_account"),
    Field("type", "Type", Direction.PULL),
    Field("is_default_gl_account", "IsDefaultGLAccount", Direction.PULL),
    Field("default_account_name", "DefaultAccountName", Direction.PULL),
    Field("is_bank_account", "IsBankAccount", Direction.PULL),
    Field("exclude_from_cash_balances", "ExcludeFromCashBalances", Direction.PULL),
    Field("is_active", "IsActive", Direction.PULL),
    Field("is_credit_card_account", "IsCreditCardAccount", Direction.PULL),
)


def with_sub_accounts(body: Body) -> list[Body]:
    """Parents first; Buildium doesn't say whether children are also listed by themselves (MAPPING §4.7)."""
    children = [each for each in body.get("SubAccounts") or [] if isinstance(each, dict)]
    return [{**body, "SubAccounts": None}, *(below for each in children for below in with_sub_accounts(each))]


GL_ACCOUNT = Resource(
    name="gl_account",
    model=GlAccount,
    path="/v1/glaccounts",
    id_column="buildium_gl_account_id",
    fields=FIELDS,
    permission="Accounting > General Ledger Accounts",
    events={"GLAccount": "GLAccountId"},
    pushed=False,
    expand=with_sub_accounts,
    here=("is_cash_asset",),
)
