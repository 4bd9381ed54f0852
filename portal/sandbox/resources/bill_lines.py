"""The lines of a bill (MAPPING §4.10). They are kept inside the bill, each with an id of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import StringConstraints

from portal.sandbox.collection import Values
from portal.sandbox.errors import RefusedError, broken_rule
from portal.sandbox.messages import enums
from portal.sandbox.messages.base import Int32, Message
from portal.sandbox.resource import Answer
from portal.sandbox.resources.gl_accounts import gl_answer
from portal.sandbox.world import World

# The line ids of a bill follow from its own, so that they are unique over all bills and never given out again.
LINES_OF_A_BILL = 1_000
_NOT_FOR_BILLS = frozenset({"Accounts Payable", "Accounts Receivable", "Undeposited Funds"})


class AccountingEntitySave(Message):
    Id: Int32
    AccountingEntityType: enums.AccountingEntityType
    UnitId: Int32 | None = None


class MarkupSave(Message):
    Amount: float
    Type: enums.MarkupType


class BillLinePost(Message):
    AccountingEntity: AccountingEntitySave
    GlAccountId: Int32
    Amount: float
    Markup: MarkupSave | None = None
    Memo: Annotated[str, StringConstraints(max_length=240)] | None = None


class BillLinePut(BillLinePost):
    Id: Int32 | None = None


def entity_values(entity_id: int, unit_id: int | None = None, kind: str = "Rental") -> Values:
    """The stored accounting entity of a line: a property, optionally with a unit, or the company."""
    return {"Id": entity_id, "AccountingEntityType": kind, "UnitId": unit_id}


def line_values(
    entity: Values, gl_account_id: int, amount: float, memo: str | None = None, markup: Values | None = None
) -> Values:
    """The stored values of a line; `numbered` gives it its id."""
    return {
        "Id": None,
        "AccountingEntity": entity,
        "GlAccountId": gl_account_id,
        "Amount": round(float(amount), 2),
        "Markup": markup,
        "Memo": memo,
    }


def numbered(bill_id: int, lines: Sequence[Values], given: int = 0) -> tuple[list[Values], int]:
    """The lines with an id each, and how many the bill has given out so far; raises RefusedError 422 at the end."""
    done = []
    for line in lines:
        if line["Id"] is None:
            given += 1
            line = {**line, "Id": bill_id * LINES_OF_A_BILL + given}
        done.append(line)
    if given >= LINES_OF_A_BILL:
        raise broken_rule("Lines", f"A bill can have {LINES_OF_A_BILL - 1} lines in its life.")
    return done, given


def stored_lines(lines: Sequence[BillLinePost]) -> list[Values]:
    """What a request says of its lines, as it is kept."""
    return [{"Id": None, **line.model_dump(), "Amount": round(line.Amount, 2)} for line in lines]


def check_lines(world: World, lines: Sequence[BillLinePost], missing: int) -> None:
    """Raises RefusedError `missing` for what doesn't exist, 422 for what a bill can't have."""
    if not lines:
        raise broken_rule("Lines", "A bill needs at least one line.")
    for number, line in enumerate(lines):
        field = f"Lines[{number}]"
        check_entity(world, line.AccountingEntity, f"{field}.AccountingEntity", missing)
        _check_account(world, line.GlAccountId, f"{field}.GlAccountId", missing)
        if line.Markup and line.Markup.Type == "Percent" and line.Markup.Amount > 100:
            raise broken_rule(f"{field}.Markup.Amount", "A markup in percent cannot exceed 100.")


def check_entity(world: World, entity: AccountingEntitySave, field: str, missing: int) -> None:
    """A property with a unit of its own, or the company; there are no associations here (MAPPING §3.4)."""
    if entity.AccountingEntityType == "Company":
        if entity.Id != world.switches.company_entity_id or entity.UnitId is not None:
            raise broken_rule(f"{field}.Id", "This is not the company, or a unit is given that it cannot have.")
        return
    building = world.get("rentals", entity.Id) if entity.AccountingEntityType == "Rental" else None
    if building is None:
        raise RefusedError(missing, [(f"{field}.Id", f"{entity.AccountingEntityType} {entity.Id} does not exist.")])
    unit = world.get("units", entity.UnitId)
    if entity.UnitId is not None and (unit is None or unit["PropertyId"] != building.id):
        raise broken_rule(f"{field}.UnitId", "The unit does not belong to the property.")


def line_answer(world: World, line: Values) -> Answer:
    account = world.get("gl_accounts", line["GlAccountId"])
    return {
        "Id": line["Id"],
        "AccountingEntity": _entity_answer(line["AccountingEntity"]),
        "GLAccount": gl_answer(world, account) if account else None,
        "Amount": line["Amount"],
        "Markup": line["Markup"],
        "Memo": line["Memo"],
    }


def _entity_answer(entity: Values) -> Answer:
    href = f"/v1/rentals/{entity['Id']}" if entity["AccountingEntityType"] == "Rental" else None
    unit_id = entity["UnitId"]
    unit = None if unit_id is None else {"Id": unit_id, "Href": f"/v1/rentals/units/{unit_id}"}
    return {"Id": entity["Id"], "AccountingEntityType": entity["AccountingEntityType"], "Href": href, "Unit": unit}


def _check_account(world: World, account_id: int, field: str, missing: int) -> None:
    account = world.needed("gl_accounts", account_id, field, missing=missing)
    if account["IsBankAccount"] or account["DefaultAccountName"] in _NOT_FOR_BILLS:
        raise broken_rule(field, f"The general ledger account '{account['Name']}' is not valid for a bill.")
