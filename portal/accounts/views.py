"""Signing in and out, and one's own password and browsers."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.accounts import credentials, sessions, users
from portal.accounts.forms import PasswordForm, SignInForm
from portal.accounts.identity import act, at_the_gate, cookie_name, is_known, local_path, person, settings, token_of
from portal.accounts.models import User, UserSession
from portal.accounts.throttle import TooManyTriesError
from portal.acting import GATE
from portal.extensions import db
from portal.web.access import public, signed_in

accounts = Blueprint("accounts", __name__)

WRONG = "This e-mail address and password don’t belong together. Check both and try again."
WRONG_NOW = "This isn’t the password you have now."


@accounts.get("/login")
@public
def sign_in() -> ResponseReturnValue:
    if is_known():
        return redirect(destination(), HTTPStatus.SEE_OTHER)
    return sign_in_page(SignInForm())


@accounts.post("/login")
@public
def enter() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return sign_in_page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    act(GATE)
    try:
        user = credentials.owner(form.email.data or "", form.password.data or "", browser().address)
    except TooManyTriesError as error:
        form.form_errors.append(str(error))
        return too_early(sign_in_page(form, HTTPStatus.TOO_MANY_REQUESTS), error)
    if user is None:
        form.form_errors.append(WRONG)
        return sign_in_page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    return let_in(user)


@accounts.post("/logout")
@signed_in
def sign_out() -> ResponseReturnValue:
    with at_the_gate():
        sessions.end_token(token_of(request) or "")
        db.session.commit()
    session.clear()
    flash("You are signed out.")
    response = redirect(url_for("accounts.sign_in"), HTTPStatus.SEE_OTHER)
    response.delete_cookie(cookie_name("session", settings()), secure=settings().secure_cookies, httponly=True)
    return response


@accounts.get("/account/password")
@signed_in
def password() -> ResponseReturnValue:
    return password_page(PasswordForm())


@accounts.post("/account/password")
@signed_in
def change_password() -> ResponseReturnValue:
    form = PasswordForm()
    if not form.validate():
        return password_page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        with at_the_gate():
            known = credentials.owner(person().email, form.current_password.data or "", browser().address)
        if known is None:
            form.current_password.errors = [WRONG_NOW]
            return password_page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
        users.choose_password(known, form.new_password.data or "", token_of(request))
    except TooManyTriesError as error:
        form.form_errors.append(str(error))
        return too_early(password_page(form, HTTPStatus.TOO_MANY_REQUESTS), error)
    except users.UserError as error:
        form.new_password.errors = [str(error)]
        return password_page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash("Your password is changed. Your other browsers are signed out.")
    return redirect(url_for("accounts.sessions"), HTTPStatus.SEE_OTHER)


@accounts.get("/account/sessions", endpoint="sessions")
@signed_in
def browsers() -> ResponseReturnValue:
    here = sessions.hash_of(token_of(request) or "")
    return render_template(
        "accounts/sessions.html",
        browsers=sessions.of(person().id),
        here=here,
        name_of_browser=sessions.name_of_browser,
    )


@accounts.post("/account/sessions/<uuid:session_id>/end")
@signed_in
def end_session(session_id: UUID) -> ResponseReturnValue:
    """End one of one's own; somebody else's is as unknown as none."""
    if not sessions.end(UserSession.id == session_id, UserSession.user_id == person().id):
        abort(HTTPStatus.NOT_FOUND, "This browser is signed out already.")
    db.session.commit()
    flash("That browser is signed out.")
    return redirect(url_for("accounts.sessions"), HTTPStatus.SEE_OTHER)


@accounts.post("/account/sessions/end-others")
@signed_in
def end_other_sessions() -> ResponseReturnValue:
    ended = sessions.end_all(person().id, but=token_of(request))
    db.session.commit()
    flash(f"{ended} other browser{' is' if ended == 1 else 's are'} signed out.")
    return redirect(url_for("accounts.sessions"), HTTPStatus.SEE_OTHER)


def sign_in_page(form: SignInForm, status: int = HTTPStatus.OK) -> Response:
    onward = local_path(request.args.get("next"))
    return make_response(render_template("accounts/sign_in.html", form=form, onward=onward), status)


def password_page(form: PasswordForm, status: int = HTTPStatus.OK) -> Response:
    return make_response(
        render_template("accounts/password.html", form=form, must_change=person().must_change_password), status
    )


def too_early(page: Response, error: TooManyTriesError) -> Response:
    page.headers["Retry-After"] = str(max(1, round(error.wait.total_seconds())))
    return page


def let_in(user: User) -> ResponseReturnValue:
    """Start a session under a new token; whatever this browser was signed in with before is ended."""
    sessions.end_token(token_of(request) or "")
    token = sessions.start(user, browser(), settings().session_hours)
    db.session.commit()
    session.clear()  # and with it the CSRF token of the time before
    response = redirect(destination(), HTTPStatus.SEE_OTHER)
    response.set_cookie(
        cookie_name("session", settings()), token, httponly=True, samesite="Lax", secure=settings().secure_cookies
    )
    return response


def destination() -> str:
    return local_path(request.args.get("next")) or "/"


def browser() -> sessions.Browser:
    return sessions.Browser(request.remote_addr or "", request.user_agent.string)
