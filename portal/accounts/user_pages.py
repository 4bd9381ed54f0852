"""The users' pages: the kit's, under the administrator's rule, and what a user has besides."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError

from portal.accounts import sessions, users
from portal.accounts.models import User
from portal.accounts.user_screen import USERS
from portal.extensions import db
from portal.web import conflict
from portal.web.access import Permission, requires
from portal.web.views import Edit, Export, Index, New, Page, Show

administrator_only = [requires(Permission.MANAGE_USERS)]


def blueprint() -> Blueprint:
    """Endpoints: the kit's, `users.password` (a one-time password) and `users.sessions` (ending them)."""
    pages = Blueprint("users", __name__, url_prefix="/users")
    one = "/<uuid:record_id>"
    pages.add_url_rule("", view_func=UserIndex.as_view("index", USERS))
    pages.add_url_rule("/new", view_func=NewUser.as_view("new", USERS))
    pages.add_url_rule(one, view_func=ShowUser.as_view("show", USERS))
    pages.add_url_rule(f"{one}/edit", view_func=EditUser.as_view("edit", USERS))
    pages.add_url_rule(f"{one}/password", view_func=Password.as_view("password", USERS))
    pages.add_url_rule(f"{one}/sessions/end", view_func=Sessions.as_view("sessions", USERS))
    pages.record(register)
    return pages


def register(state: BlueprintSetupState) -> None:
    state.app.add_url_rule("/users.csv", "users.export", UserExport.as_view("export", USERS))


class UserIndex(Index):
    decorators = administrator_only


class UserExport(Export):
    decorators = administrator_only


class ShowUser(Show):
    decorators = administrator_only


class NewUser(New):
    """Shows the one-time password on the page that answers the form, and never again."""

    decorators = administrator_only

    def post(self) -> ResponseReturnValue:
        form = self.screen.form()
        if not form.validate():
            return self.render("form", form=form, record=None), HTTPStatus.UNPROCESSABLE_ENTITY
        password = users.one_time_password(form["email"].data, form["name"].data)
        try:
            user = users.add_user(form["email"].data, form["name"].data, form["role"].data, password)
        except users.UserError as error:
            form[error.field].errors = [str(error)]
            return self.render("form", form=form, record=None), HTTPStatus.UNPROCESSABLE_ENTITY
        return once(user, password), HTTPStatus.CREATED


class EditUser(Edit):
    decorators = administrator_only

    def post(self, record_id: Any) -> ResponseReturnValue:
        user = self.find(record_id)
        form = self.screen.form(user)
        conflict.take_theirs(form, request.form.getlist("theirs"))
        if not form.is_of(user):
            return self.compare(form, self.of_now(user))
        if not form.validate():
            return self.render("form", form=form, record=user), HTTPStatus.UNPROCESSABLE_ENTITY
        try:
            users.change_user(user, **{field.short_name: field.data for field in form.values()})
        except users.UserError as error:
            db.session.rollback()
            form[error.field].errors = [str(error)]
            return self.render("form", form=form, record=self.find(record_id)), HTTPStatus.UNPROCESSABLE_ENTITY
        except StaleDataError:
            db.session.rollback()
            return self.compare(form, self.of_now(self.find(record_id)))
        flash(f"User “{user}” saved.")
        return self.to(user)


class Password(Page):
    """Asks before it gives somebody a new one-time password, which signs them out everywhere."""

    decorators = administrator_only

    def get(self, record_id: Any) -> ResponseReturnValue:
        return self.render("password", record=self.find(record_id))

    def post(self, record_id: Any) -> ResponseReturnValue:
        user = self.find(record_id)
        password = users.one_time_password(user.email, user.name)
        users.give_password(user, password)
        return once(user, password)


class Sessions(Page):
    decorators = administrator_only
    methods = ["POST"]

    def post(self, record_id: Any) -> ResponseReturnValue:
        user = self.find(record_id)
        ended = sessions.end_all(user.id)
        db.session.commit()
        flash(f"{user} is signed out of {ended} browser{'' if ended == 1 else 's'}.")
        return self.to(user)


def once(user: User, password: str) -> str:
    return render_template("users/password_once.html", screen=USERS, record=user, password=password)
