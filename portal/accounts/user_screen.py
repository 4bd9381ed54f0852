"""What the users' pages show, and the form of one user."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func
from wtforms import BooleanField, EmailField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from portal.accounts import users
from portal.accounts.models import User
from portal.acting import Role
from portal.web.fields import CodeField
from portal.web.filters import Choice
from portal.web.forms import Group, RecordForm
from portal.web.screen import Column, Screen, Section, Sort, by_name
from portal.words import ACTIVE, ACTIVITY

ROLES = {
    Role.VIEWER: "Viewer: reads records",
    Role.STAFF: "Staff: also edits records and repairs the sync",
    Role.MANAGER: "Manager: also sees tax ids and account numbers",
    Role.ADMINISTRATOR: "Administrator: also manages users",
}
SHORT_ROLES = {role: role.capitalize() for role in Role}

ROLE = Column("role", "Role", words=SHORT_ROLES)
LAST_SIGN_IN = Column("last_sign_in_at", "Last sign-in", "moment", sort=Sort(User.last_sign_in_at, nullable=True))


class UserForm(RecordForm):
    groups = (
        Group("Person", ("name", "email")),
        Group("Access", ("role", "is_active"), "A new role, or none, signs the person out everywhere."),
    )

    name = StringField("Name", [DataRequired("Enter a name."), Length(max=users.LONGEST)])
    email = EmailField("E-mail address", [DataRequired("Enter an e-mail address."), Length(max=users.LONGEST)])
    role = CodeField("Role", {str(role): words for role, words in ROLES.items()}, blank="Choose …")
    is_active = BooleanField("May sign in")

    def adapt(self) -> None:
        """Somebody new may sign in: otherwise nobody would add them."""
        if not self.record:
            del self.is_active

    def validate_email(self, field: Any) -> None:
        try:
            users.checked_email(field.data or "")
        except users.UserError as error:
            raise ValidationError(str(error)) from error

    def validate_role(self, field: Any) -> None:
        if field.data is None:
            raise ValidationError("Choose a role.")


USERS = Screen(
    singular="user",
    plural="users",
    model=User,
    form=UserForm,
    icon="person-gear",
    columns=(
        Column("name", "Name", "name", sort=by_name(User.name)),
        Column("email", "E-mail address", "email", sort=Sort(func.lower(User.email))),
        ROLE,
        Column("is_active", "Status", "active", words=ACTIVE),
        LAST_SIGN_IN,
    ),
    order="name",
    empty="Add the people who may sign in.",
    search=func.lower(User.name + " " + User.email),
    filters=(
        Choice(
            "role", "Role", {str(role): words for role, words in SHORT_ROLES.items()}, lambda role: User.role == role
        ),
        Choice("status", "Status", ACTIVITY, lambda value: User.is_active == (value == "active")),
    ),
    sections=(
        Section(
            "Person",
            (
                Column("email", "E-mail address", "email"),
                Column("role", "Role", words=ROLES),
                LAST_SIGN_IN,
                Column("must_change_password", "Must choose a new password", "flag"),
                Column("created_at", "Added", "moment"),
            ),
        ),
    ),
)
