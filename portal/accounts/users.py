"""Users: adding, changing, disabling. What the pages do and what the command line does are the same functions."""

from __future__ import annotations

from collections.abc import Sequence

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal.accounts import passwords, sessions
from portal.accounts.models import User
from portal.acting import Role
from portal.extensions import db

LONGEST = 255


class UserError(Exception):
    """What was asked can't be done; the message is one sentence for the person who asked. `field` is the form's."""

    def __init__(self, message: str, field: str = "email") -> None:
        super().__init__(message)
        self.field = field


def create_first_administrator(email: str, password: str) -> bool:
    """Create an administrator where there is no user at all; True when one was created.

    Whoever starts the portal may choose any password for its first day: a weak one must be changed when signing in.
    """
    if db.session.scalar(select(func.count()).select_from(User)):
        return False
    administrator = new_user(email, "Administrator", Role.ADMINISTRATOR, password)
    administrator.must_change_password = passwords.objection(password) is not None
    db.session.add(administrator)
    save()
    return True


def add_user(email: str, name: str, role: Role | str, password: str) -> User:
    """A new active user, committed, who must change the password at the first sign-in.

    Raises UserError for an address that is taken, and for anything that can't be used.
    """
    user = new_user(email, name, role, password)
    if wrong := passwords.objection(password, user.email, user.name):
        raise UserError(wrong, "password")
    db.session.add(user)
    save()
    return user


def change_user(user: User, *, email: str, name: str, role: Role | str, is_active: bool) -> None:
    """Save the person's data; a new role or being disabled ends their sessions. Raises UserError, StaleDataError."""
    address, wanted_role = checked_email(email), checked_role(role)
    keep_an_administrator(user, wanted_role, is_active=is_active)
    ends_sessions = (user.role, user.is_active) != (wanted_role, is_active)
    user.email, user.name, user.role, user.is_active = address, checked_name(name), wanted_role, is_active
    save(user if ends_sessions else None)


def list_users() -> Sequence[User]:
    return db.session.scalars(select(User).order_by(func.lower(User.name), User.email)).all()


def set_password(email: str, password: str) -> None:
    """Give somebody a password that they must change at the next sign-in; ends their sessions. Raises UserError."""
    give_password(find_user(email), password)


def disable_user(email: str) -> None:
    """The person can't sign in any more, and is signed out now. Raises UserError for the last administrator."""
    user = find_user(email)
    change_user(user, email=user.email, name=user.name, role=user.role, is_active=False)


def give_password(user: User, password: str) -> None:
    if wrong := passwords.objection(password, user.email, user.name):
        raise UserError(wrong, "password")
    user.password_hash = passwords.hashed(password)
    user.must_change_password = True
    save(user)


def choose_password(user: User, password: str, token: str | None) -> None:
    """The person's own new password; every other browser of theirs is signed out. Raises UserError."""
    if wrong := passwords.objection(password, user.email, user.name):
        raise UserError(wrong, "new_password")
    if passwords.matches(user.password_hash, password):
        raise UserError("Choose a password that isn’t the one you have.", "new_password")
    user.password_hash = passwords.hashed(password)
    user.must_change_password = False
    save(user, token)


def one_time_password(email: str, name: str) -> str:
    """A made-up password that the person's own name forbids by no accident."""
    password = passwords.made_up()
    while passwords.objection(password, email, name):
        password = passwords.made_up()
    return password


def find_user(email: str) -> User:
    user = with_email(email)
    if user is None:
        raise UserError(f"Nobody has the e-mail address {email}.")
    return user


def with_email(email: str) -> User | None:
    return db.session.scalar(select(User).where(func.lower(User.email) == email.strip().lower()))


def keep_an_administrator(user: User, role: Role, *, is_active: bool) -> None:
    """Refuse to take the rights of the last active administrator: nobody could give them back.

    The rows of all administrators are locked, so that two of them can't disable each other at once.
    """
    if is_active and role == Role.ADMINISTRATOR:
        return
    administrators = select(User.id).where(User.role == Role.ADMINISTRATOR, User.is_active).with_for_update()
    if set(db.session.scalars(administrators)) == {user.id}:
        raise UserError(
            f"{user.name} is the only active administrator. Make somebody else an administrator first.",
            "is_active" if not is_active else "role",
        )


def checked_email(email: str) -> str:
    try:
        address = validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise UserError(f"“{email.strip()}” isn’t an e-mail address: {error}") from error
    if len(address) > LONGEST:
        raise UserError(f"An e-mail address has at most {LONGEST} characters.")
    return address.lower()


def checked_name(name: str) -> str:
    if not name.strip() or len(name.strip()) > LONGEST:
        raise UserError(f"A name has between 1 and {LONGEST} characters.", "name")
    return name.strip()


def checked_role(role: Role | str) -> Role:
    try:
        return Role(role)
    except ValueError as error:
        raise UserError(f"“{role}” is no role. Roles are: {', '.join(Role)}.", "role") from error


def new_user(email: str, name: str, role: Role | str, password: str) -> User:
    return User(
        email=checked_email(email),
        name=checked_name(name),
        role=checked_role(role),
        password_hash=passwords.hashed(password),
        must_change_password=True,
        is_active=True,
    )


def save(signed_out: User | None = None, token: str | None = None) -> None:
    """Commit, and in the same transaction end the sessions of `signed_out`, but for the one with `token`."""
    try:
        db.session.flush()
    except IntegrityError as error:
        db.session.rollback()
        raise UserError("Somebody already has this e-mail address.") from error
    if signed_out:
        sessions.end_all(signed_out.id, but=token)
    db.session.commit()
