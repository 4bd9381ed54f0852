"""The forms of signing in and of one's own account."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from portal.accounts.passwords import LONGEST, SHORTEST

TOO_LONG = f"A password has at most {LONGEST} characters."


class SignInForm(FlaskForm):
    email = EmailField(
        "E-mail address",
        validators=[InputRequired("Enter your e-mail address."), Length(max=255, message="That is too long.")],
        render_kw={"autocomplete": "username", "autofocus": True, "maxlength": 255, "spellcheck": "false"},
    )
    password = PasswordField(
        "Password",
        validators=[InputRequired("Enter your password."), Length(max=LONGEST, message=TOO_LONG)],
        render_kw={"autocomplete": "current-password", "maxlength": LONGEST},
    )


class PasswordForm(FlaskForm):
    current_password = PasswordField(
        "Password you have now",
        validators=[InputRequired("Enter the password you have now."), Length(max=LONGEST, message=TOO_LONG)],
        render_kw={"autocomplete": "current-password", "maxlength": LONGEST},
    )
    new_password = PasswordField(
        "New password",
        description=f"At least {SHORTEST} characters. A few unrelated words are easy to remember and hard to guess.",
        validators=[InputRequired("Enter a new password."), Length(max=LONGEST, message=TOO_LONG)],
        render_kw={"autocomplete": "new-password", "maxlength": LONGEST},
    )
    repeated = PasswordField(
        "New password, again",
        validators=[
            InputRequired("Enter the new password again."),
            EqualTo("new_password", "The two entries of the new password differ."),
        ],
        render_kw={"autocomplete": "new-password", "maxlength": LONGEST},
    )
