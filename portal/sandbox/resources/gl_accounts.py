"""General ledger accounts (MAPPING §4.7)."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import StringConstraints

from portal.sandbox.collection import Record, Values
from portal.sandbox.errors import RefusedError, broken_rule
from portal.sandbox.filters import choices
from portal.sandbox.messages import enums
from portal.sandbox.messages.base import Int32, Message
from portal.sandbox.resource import Answer, Area, Create, Event, Resource, Update
from portal.sandbox.world import World

_Name = Annotated[str, StringConstraints(min_length=1, max_length=50)]
_Description = Annotated[str, StringConstraints(max_length=250)]

TYPE_OF_SUB_TYPE = {
    "CurrentAsset": "Asset",
    "FixedAsset": "Asset",
    "CurrentLiability": "Liability",
    "LongTermLiability": "Liability",
    "Equity": "Equity",
    "Income": "Income",
    "NonOperatingIncome": "Income",
    "OperatingExpenses": "Expense",
    "NonOperatingExpenses": "Expense",
}
# What only Buildium itself sets.
READ_ONLY: Values = {
    "IsDefaultGLAccount": False,
    "DefaultAccountName": None,
    "IsBankAccount": False,
    "IsCreditCardAccount": False,
    "ExcludeFromCashBalances": False,
    "IsActive": True,
}
_STORED_ONLY = ("IsCashAsset",)


class GLAccountPost(Message):
    SubType: enums.GLSubType
    IsCashAsset: bool | None = None
    Name: _Name
    AccountNumber: Annotated[str, StringConstraints(min_length=1, max_length=12)]
    Description: _Description | None = None
    IsContraAccount: bool | None = None
    CashFlowClassification: enums.CashFlow | None = None
    ParentGLAccountId: Int32 | None = None


class GLAccountPut(Message):
    Name: _Name
    SubType: enums.GLSubType
    ParentGLAccountId: Int32 | None = None
    IsCashAsset: bool | None = None
    AccountNumber: Annotated[str, StringConstraints(max_length=12)] | None = None
    Description: _Description | None = None
    IsContraAccount: bool | None = None
    CashFlowClassification: enums.CashFlow | None = None


def gl_answer(world: World, account: Record) -> Answer:
    """The account with its sub accounts nested, one level deep."""
    children = world.find("gl_accounts", "ParentGLAccountId", account.id)
    shown = {name: value for name, value in account.values.items() if name not in _STORED_ONLY}
    return {
        "Id": account.id,
        **shown,
        "IsContraAccount": bool(account["IsContraAccount"]),
        "Type": TYPE_OF_SUB_TYPE[account["SubType"]],
        "SubAccounts": [gl_answer(world, child) for child in children],
    }


def free_name(world: World, name: str) -> str:
    """`name` cut to the 50 characters of an account, numbered where another account has it already."""
    taken = {record["Name"].casefold() for record in world.all("gl_accounts")}
    candidate, number = name[:50], 1
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{name[:44]} ({number})"
    return candidate


def _create(world: World, body: GLAccountPost) -> Record:
    _check(world, body, None)
    return world.insert("gl_accounts", {**READ_ONLY, **body.model_dump()})


def _update(world: World, account: Record, body: GLAccountPut) -> Record:
    _check(world, body, account)
    return world.change(account, body.model_dump())


def _check(world: World, body: GLAccountPost | GLAccountPut, own: Record | None) -> None:
    if body.IsCashAsset is not None and body.SubType != "CurrentAsset":
        raise broken_rule("IsCashAsset", "IsCashAsset can only have a value if SubType is CurrentAsset.")
    for field in ("IsContraAccount", "CashFlowClassification"):
        if body.IsCashAsset and getattr(body, field) is not None:
            raise broken_rule(field, f"{field} must be null if IsCashAsset is true.")
    for field in ("Name", "AccountNumber"):
        _check_unique(world, field, getattr(body, field), own)
    if body.ParentGLAccountId is not None:
        _check_parent(world, body.ParentGLAccountId, own)


def _check_unique(world: World, field: str, value: str | None, own: Record | None) -> None:
    for other in world.all("gl_accounts"):
        if (own is None or other.id != own.id) and world.same(other[field], value):
            raise broken_rule(field, f"{field} '{value}' is already used by another general ledger account.")


def _check_parent(world: World, parent_id: int, own: Record | None) -> None:
    field = "ParentGLAccountId"
    parent = world.needed("gl_accounts", parent_id, field)
    has_children = own is not None and bool(world.find("gl_accounts", field, own.id))
    if parent[field] is not None or has_children or (own is not None and own.id == parent_id):
        raise broken_rule(field, "Sub accounts can only be one level deep.")


def _listed(world: World, account: Record) -> bool:
    """Whether children also stand at the top level isn't stated; by default they don't (MAPPING §11)."""
    return world.switches.sub_accounts_at_top or account["ParentGLAccountId"] is None


def _delete(world: World, account: Record) -> None:
    if account["IsBankAccount"] or world.find("gl_accounts", "ParentGLAccountId", account.id):
        raise RefusedError(409, message="The account belongs to a bank account or has sub accounts.")


GL_ACCOUNTS = Resource(
    kind="gl_accounts",
    path="/v1/glaccounts",
    area=Area("Accounting > General Ledger Accounts"),
    answer=gl_answer,
    create=Create(GLAccountPost, _create),
    update=Update(GLAccountPut, _update),
    event=Event("GLAccount", "GLAccountId"),
    indexes=("ParentGLAccountId",),
    listed=_listed,
    on_delete=_delete,
    filters={"accounttypes": choices(get_args(enums.GLType), lambda account: [TYPE_OF_SUB_TYPE[account["SubType"]]])},
)
