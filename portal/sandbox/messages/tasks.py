"""The messages of tasks, their categories and their history (MAPPING §4.13–4.15).

The four kinds of task differ in who asked for them; what a creation alone takes is the `Post`, what an update
alone takes the `Put`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from portal.sandbox.messages import enums
from portal.sandbox.messages.base import Int32, IsoDate, LongText, Message, NonEmpty
from portal.sandbox.messages.shared import Phone

_Text = Annotated[str, StringConstraints(max_length=65_500)]


class TaskCategory(Message):
    Name: NonEmpty


class HistoryMessage(Message):
    Message: Annotated[str, StringConstraints(min_length=1, max_length=65_500)]


class Task(Message):
    """What every message of a task has."""

    Title: Annotated[str, StringConstraints(min_length=1, max_length=127)]
    CategoryId: Int32 | None = None
    SubCategoryId: Int32 | None = None
    TaskStatus: enums.TaskStatus
    Priority: enums.TaskPriority
    DueDate: IsoDate | None = None


class _AtCreation(Message):
    Description: _Text | None = None


class _AtUpdate(Message):
    Message: _Text | None = None


class Located(Message):
    """The kinds whose place is said, rather than taken from a lease."""

    PropertyId: Int32 | None = None
    UnitId: Int32 | None = None


class _Assigned(Message):
    AssignedToUserId: Int32


class _MaybeAssigned(Message):
    AssignedToUserId: Int32 | None = None


class ContactPhones(Message):
    Home: Phone | None = None
    Work: Phone | None = None
    Mobile: Phone | None = None


class Contact(Message):
    FirstName: NonEmpty
    LastName: str | None = None
    Email: str | None = None
    PhoneNumbers: ContactPhones | None = None


class _FromContact(Message):
    ContactDetail: Contact


class ToDoPost(Task, Located, _Assigned, _AtCreation):
    pass


class ToDoPut(Task, Located, _Assigned, _AtUpdate):
    pass


class ResidentRequestPost(Task, _MaybeAssigned, _AtCreation):
    UnitAgreementId: Int32
    RequestedByEntityId: Int32
    IsEntryPermittedByResident: bool | None = None
    DoesResidentHavePets: bool | None = None
    ResidentEntryNotes: LongText | None = None
    ShareWithRentalOwners: bool | None = None
    ShareWithBoardMembers: bool | None = None


class ResidentRequestPut(Task, _MaybeAssigned, _AtUpdate):
    pass


class OwnerRequestPost(Task, Located, _MaybeAssigned, _AtCreation):
    RequestedByRentalOwnerId: Int32


class OwnerRequestPut(Task, Located, _MaybeAssigned, _AtUpdate):
    pass


class ContactRequestPost(Task, Located, _Assigned, _FromContact, _AtCreation):
    pass


class ContactRequestPut(Task, Located, _Assigned, _FromContact, _AtUpdate):
    pass


AnyPost = ToDoPost | ResidentRequestPost | OwnerRequestPost | ContactRequestPost
AnyPut = ToDoPut | ResidentRequestPut | OwnerRequestPut | ContactRequestPut
