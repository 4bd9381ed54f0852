"""Business rules that several resources share."""

from __future__ import annotations

from portal.sandbox.errors import broken_rule
from portal.sandbox.messages.shared import SaveAddress


def check_address(address: SaveAddress, field: str) -> None:
    """A state of the United States or a province of Canada must be a real one (MAPPING §3.1)."""
    if not address.state_is_valid():
        raise broken_rule(f"{field}.State", f"'{address.State}' is not a state or province of {address.Country}.")
