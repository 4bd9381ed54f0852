"""Business rules that several resources share."""

from __future__ import annotations

import re

from portal.sandbox.errors import RefusedError, broken_rule
from portal.sandbox.messages.shared import PersonOrCompany, SaveAddress, TaxInformationPost
from portal.sandbox.world import World

_TAX_ID_FORMATS = {"SSN": r"\d{3}-\d{2}-\d{4}", "EIN": r"\d{2}-\d{7}"}


def check_address(address: SaveAddress, field: str) -> None:
    """A state of the United States or a province of Canada must be a real one (MAPPING §3.1)."""
    if not address.state_is_valid():
        raise broken_rule(f"{field}.State", f"'{address.State}' is not a state or province of {address.Country}.")


def check_name(body: PersonOrCompany) -> None:
    """A company needs its name, a person both names (MAPPING §4.3, §4.8)."""
    for field in ("CompanyName",) if body.IsCompany else ("FirstName", "LastName"):
        if not getattr(body, field):
            raise broken_rule(field, f"{field} is required when IsCompany is {str(body.IsCompany).lower()}.")


def check_tax(tax: TaxInformationPost) -> None:
    """Id and type come together, and the id has the format of its type (MAPPING §3.3)."""
    if bool(tax.TaxPayerId) != bool(tax.TaxPayerType):
        field = "TaxPayerType" if tax.TaxPayerId else "TaxPayerId"
        raise broken_rule(f"TaxInformation.{field}", "TaxPayerId and TaxPayerType must be given together.")
    if tax.TaxPayerId and not re.fullmatch(_TAX_ID_FORMATS[str(tax.TaxPayerType)], tax.TaxPayerId, re.ASCII):
        raise broken_rule("TaxInformation.TaxPayerId", f"The value is not formatted as {tax.TaxPayerType}.")
    if tax.Address is not None:
        check_address(tax.Address, "TaxInformation.Address")


def check_unlocked(world: World, day: str, field: str, *, status: int = 422) -> None:
    """What is booked on or before the lock date can't be added or changed (MAPPING §4.18)."""
    if day <= world.switches.lock_date:
        text = f"The books are locked up to {world.switches.lock_date}."
        raise RefusedError(status, [(field, text)])
