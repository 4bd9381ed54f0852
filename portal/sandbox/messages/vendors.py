"""The messages of vendors and their categories (MAPPING §4.8, §4.9)."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import StringConstraints

from portal.sandbox.messages.base import Int32, IsoDate, LongText, Message, NonEmpty
from portal.sandbox.messages.shared import (
    PersonOrCompany,
    PhoneSlots,
    SaveAddress,
    TaxInformationPost,
    TaxInformationPut,
)

_InsuranceText = Annotated[str, StringConstraints(max_length=65)]


class VendorCategory(Message):
    Name: NonEmpty


class Insurance(Message):
    Provider: _InsuranceText | None = None
    PolicyNumber: _InsuranceText | None = None
    ExpirationDate: IsoDate | None = None


class Vendor(PersonOrCompany):
    """What the two messages share; their tax information differs."""

    PrimaryEmail: str | None = None
    AlternateEmail: str | None = None
    PhoneNumbers: PhoneSlots | None = None
    Address: SaveAddress | None = None
    CategoryId: Int32
    ExpenseGlAccountId: Int32 | None = None
    AccountNumber: Annotated[str, StringConstraints(max_length=30)] | None = None
    Website: Annotated[str, StringConstraints(max_length=100)] | None = None
    VendorInsurance: Insurance | None = None
    Comments: LongText | None = None

    def website_is_valid(self) -> bool:
        """A website has its scheme and a host; none at all is always fine."""
        if not self.Website:
            return True
        try:
            parts = urlsplit(self.Website)
        except ValueError:
            return False
        return parts.scheme in ("http", "https") and bool(parts.netloc)


class VendorPost(Vendor):
    TaxInformation: TaxInformationPost | None = None


class VendorPut(Vendor):
    TaxInformation: TaxInformationPut | None = None
