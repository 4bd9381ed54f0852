"""Who may do what. Every endpoint names its rule; one that names none is refused to everybody."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cache, wraps
from typing import Any, TypeVar

from flask import abort, current_app
from flask_login import current_user

from portal.acting import Role

View = TypeVar("View", bound=Callable[..., Any])


class Permission(StrEnum):
    VIEW_RECORDS = "view records"
    EDIT_RECORDS = "edit records"
    REVEAL_SENSITIVE = "reveal sensitive values"
    VIEW_SYNC = "see the sync dashboard"
    OPERATE_SYNC = "retry, replay and resolve"
    RETRY_STUBBORN = "retry what failed three times"
    MANAGE_USERS = "manage users"


# Each role may also do all that the roles before it may.
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.VIEW_RECORDS}),
    Role.STAFF: frozenset({Permission.EDIT_RECORDS, Permission.VIEW_SYNC, Permission.OPERATE_SYNC}),
    Role.MANAGER: frozenset({Permission.REVEAL_SENSITIVE, Permission.RETRY_STUBBORN}),
    Role.ADMINISTRATOR: frozenset({Permission.MANAGE_USERS}),
}


@cache
def allowed(role: Role, permission: Permission) -> bool:
    order = list(Role)
    return any(permission in GRANTS[each] for each in order[: order.index(role) + 1])


def may(permission: Permission | str) -> bool:
    """Whether the person of this request has the permission; templates hide what would be refused."""
    return bool(current_user.is_authenticated) and allowed(current_user.role, Permission(permission))


def requires(permission: Permission) -> Callable[[View], View]:
    """Refuse the view with 403 to people without `permission`; people who aren't signed in go to the sign-in page."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
            if not may(permission):
                abort(403)
            return view(*args, **kwargs)

        guarded.access = permission.value  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def public(view: View) -> View:
    """Mark a view that needs no sign-in (the sign-in page, health checks, the webhook inbox)."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Mark a view that any signed-in person may use (their own password, sign-out)."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
        return view(*args, **kwargs)

    guarded.access = "signed in"  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]
