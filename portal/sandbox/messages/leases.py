"""What requests say about leases and tenants (MAPPING §4.5)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from portal.sandbox.messages import enums
from portal.sandbox.messages.base import Int32, IsoDate, LongText, Message, NonEmpty
from portal.sandbox.messages.shared import PhoneSlots, SaveAddress

_Name = Annotated[str, StringConstraints(min_length=1, max_length=127)]
_UpToFive = Field(max_length=5)


class SaveEmergencyContact(Message):
    Name: str | None = None
    RelationshipDescription: str | None = None
    Phone: str | None = None
    Email: str | None = None


class TenantPut(Message):
    """Also the message of a new tenant inside a new lease."""

    FirstName: _Name
    LastName: _Name
    Email: str | None = None
    AlternateEmail: str | None = None
    PhoneNumbers: PhoneSlots | None = None
    DateOfBirth: IsoDate | None = None
    Comment: LongText | None = None
    TaxId: str | None = None
    EmergencyContact: SaveEmergencyContact | None = None
    Address: SaveAddress
    AlternateAddress: SaveAddress | None = None
    MailingPreference: enums.MailingPreference | None = None


class TenantPost(TenantPut):
    LeaseId: Int32


class CosignerPost(Message):
    FirstName: NonEmpty
    LastName: NonEmpty
    Email: str | None = None
    AlternateEmail: str | None = None
    PhoneNumbers: PhoneSlots | None = None
    Address: SaveAddress | None = None
    AlternateAddress: SaveAddress | None = None
    MailingPreference: enums.MailingPreference | None = None


class RentChargePost(Message):
    Amount: float
    GlAccountId: Int32
    NextDueDate: IsoDate
    Memo: str | None = None


class RentPost(Message):
    Cycle: enums.RentCycle
    Charges: list[RentChargePost]


class SecurityDepositPost(Message):
    DueDate: IsoDate
    Amount: float


class LeaseTerms(Message):
    """What creating and updating a lease have in common."""

    LeaseType: enums.LeaseType
    UnitId: Int32
    LeaseFromDate: IsoDate
    LeaseToDate: IsoDate | None = None


class LeasePut(LeaseTerms):
    IsEvictionPending: bool
    AutomaticallyMoveOutTenants: bool | None = None


class LeasePost(LeaseTerms):
    SendWelcomeEmail: bool
    Tenants: Annotated[list[TenantPut], _UpToFive] | None = None
    TenantIds: Annotated[list[Int32], _UpToFive] | None = None
    ApplicantIds: Annotated[list[Int32], _UpToFive] | None = None
    Cosigners: list[CosignerPost] | None = None
    Rent: RentPost | None = None
    SecurityDeposit: SecurityDepositPost | None = None
    ProratedFirstMonthRent: float | None = None
    ProratedLastMonthRent: float | None = None


class MoveOutPost(Message):
    TenantId: Int32
    MoveOutDate: IsoDate
    NoticeGivenDate: IsoDate | None = None


class NoteSave(Message):
    """POST and PUT alike."""

    Note: Annotated[str, StringConstraints(min_length=1, max_length=65_535)]
