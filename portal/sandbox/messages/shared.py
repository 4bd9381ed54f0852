"""Messages that several records share (MAPPING §3): addresses, phones, tax information."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import StringConstraints

from portal.sandbox.messages import countries, enums
from portal.sandbox.messages.base import Message, NonEmpty

Line = Annotated[str, StringConstraints(max_length=100)]
Phone = Annotated[str, StringConstraints(min_length=10, max_length=20)]
PartyName = Annotated[str, StringConstraints(max_length=127)]
TaxName = Annotated[str, StringConstraints(max_length=40)]


class SaveAddress(Message):
    AddressLine1: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    AddressLine2: Line | None = None
    AddressLine3: Line | None = None
    City: Line | None = None
    State: str | None = None
    PostalCode: NonEmpty
    Country: countries.Country

    def state_is_valid(self) -> bool:
        """A state is checked for the United States and Canada only; none at all is always fine."""
        known = countries.STATES_OF.get(self.Country)
        return known is None or not self.State or self.State.strip().casefold() in known


class PersonOrCompany(Message):
    """Owners and vendors. Which of the names are needed is a rule, not a matter of the message."""

    FirstName: PartyName | None = None
    LastName: PartyName | None = None
    IsCompany: bool
    CompanyName: PartyName | None = None


class PhoneSlots(Message):
    Home: Phone | None = None
    Work: Phone | None = None
    Mobile: Phone | None = None
    Fax: Phone | None = None


class TaxInformationPost(Message):
    TaxPayerId: str | None = None
    TaxPayerType: enums.TaxPayerType | None = None
    TaxPayerName1: TaxName | None = None
    TaxPayerName2: TaxName | None = None
    Address: SaveAddress | None = None


class TaxInformationPut(TaxInformationPost):
    IncludeIn1099: bool


# Requests name four slots, answers list numbers with types of other names (MAPPING §2.1).
_TYPE_OF_SLOT = {"Home": "Home", "Work": "Office", "Mobile": "Cell", "Fax": "Fax"}


def phone_list(slots: PhoneSlots | None) -> list[dict[str, Any]]:
    """The array an answer shows for the four slots of a request; empty slots are left out."""
    given = slots.model_dump() if slots else {}
    return [{"Number": given[slot], "Type": kind} for slot, kind in _TYPE_OF_SLOT.items() if given.get(slot)]


def moment_text(moment: datetime) -> str:
    """A UTC moment as answers print it: `2026-03-17T09:30:00Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
