"""Alerts on their way: through a real mail server and to a real address, and through neither."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from portal.config import Alerting
from portal.database import now
from portal.extensions import db
from portal.operations.alerts.messages import say
from portal.operations.alerts.models import Alert, AlertKind
from portal.operations.alerts.sending import send_due
from tests.operations.receivers import Post, mail_server, web_server
from tests.operations.rows import MACHINE
from tests.people import speaking_as

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session, scoped_session

pytestmark = pytest.mark.usefixtures("session")
SECRET = "what signs the messages"


@contextmanager
def alerting(app: Flask, **values: Any) -> Iterator[None]:
    """The app is set so, and its machine acts."""
    settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, portal_url="https://portal.example.com", alerting=Alerting(**values))
    try:
        with speaking_as(MACHINE):
            yield
    finally:
        app.extensions["settings"] = settings


def by_mail(post: Post, user: str = "") -> dict[str, Any]:
    return {
        "smtp_url": f"smtp://{user}127.0.0.1:{post.port}",
        "emails": ("pat@example.com", "ada@example.com"),
        "sender": "portal@example.com",
    }


def by_web(post: Post) -> dict[str, Any]:
    return {"webhook_url": f"http://127.0.0.1:{post.port}/hooks/token-in-the-path", "webhook_secret": SECRET}


def write(subject: str = "Records refused by Buildium: 12") -> None:
    say(AlertKind.PROBLEM, subject, "Correct them.", "/sync/records?state=failed", cause="records-refused")
    db.session.commit()


def alerts() -> list[Alert]:
    return list(db.session.scalars(select(Alert).order_by(Alert.created_at).execution_options(populate_existing=True)))


def later(**values: Any) -> None:
    db.session.execute(update(Alert).values(**({"next_attempt_at": now()} | values)))
    db.session.commit()


def closed_port() -> int:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        return int(reserved.getsockname()[1])


def test_an_alert_arrives_by_mail_with_its_words_and_its_link(app: Flask) -> None:
    with mail_server() as post, alerting(app, **by_mail(post)):
        write()
        send_due()
        (letter,) = post.letters
        assert letter["Subject"] == "[Portal] Records refused by Buildium: 12"
        assert (letter["From"], letter["To"]) == ("portal@example.com", "pat@example.com, ada@example.com")
        said = letter.get_content().replace("\r\n", "\n")
        assert "Correct them.\n\nhttps://portal.example.com/sync/records?state=failed" in said
        assert sorted(post.recipients) == ["ada@example.com", "pat@example.com"]
        (alert,) = alerts()
        assert (alert.state, alert.attempts, alert.next_attempt_at) == ("sent", 1, None)
        send_due()
        assert len(post.letters) == 1


def test_an_alert_arrives_at_an_address_signed(app: Flask) -> None:
    with web_server() as post, alerting(app, **by_web(post)):
        write()
        send_due()
        ((headers, body),) = post.requests
        message = json.loads(body)
        assert message["subject"] == "Records refused by Buildium: 12"
        assert message["url"] == "https://portal.example.com/sync/records?state=failed"
        assert "Correct them." in message["text"]
        signed = headers["Portal-Timestamp"].encode() + b"." + body
        assert headers["Portal-Signature"] == hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        assert [alert.recipients for alert in alerts()] == ["127.0.0.1"]


def test_a_mail_server_that_is_away_loses_nothing_and_holds_up_no_other_channel(app: Flask) -> None:
    with web_server() as web, mail_server() as mail:
        dead = by_mail(mail) | {"smtp_url": f"smtp://127.0.0.1:{closed_port()}"}
        with alerting(app, **dead, **by_web(web)):
            write("First")
            write("Second")
            send_due()
            assert len(web.requests) == 2
            waiting = [alert for alert in alerts() if alert.channel == "email"]
            assert [alert.state for alert in waiting] == ["waiting", "waiting"]
            # The second one isn't even tried: one time-out per turn is enough.
            assert [alert.attempts for alert in waiting] == [1, 0]
            assert "127.0.0.1 can't be reached" in (waiting[0].error_message or "")
            assert (waiting[0].next_attempt_at or now()) > now()
        with alerting(app, **by_mail(mail)):
            later()
            send_due()
            assert [letter["Subject"] for letter in mail.letters] == ["[Portal] First", "[Portal] Second"]
            assert {alert.state for alert in alerts()} == {"sent"}


def test_the_waits_grow_and_end_after_three_days_with_the_alert_still_there(app: Flask) -> None:
    with web_server() as post, alerting(app, **by_web(post)):
        post.status = 503
        write()
        waits = []
        for _ in range(6):
            later()
            send_due()
            (alert,) = alerts()
            assert alert.next_attempt_at is not None
            waits.append(round((alert.next_attempt_at - now()).total_seconds(), -1))
        assert waits == [30, 120, 600, 3600, 21600, 21600]
        later(created_at=now() - timedelta(days=3, minutes=1))
        send_due()
        (alert,) = alerts()
        assert (alert.state, alert.error_message, alert.next_attempt_at) == ("failed", "127.0.0.1 answered 503.", None)


def test_a_redirect_is_not_followed(app: Flask) -> None:
    with web_server() as other, web_server() as post, alerting(app, **by_web(post)):
        post.status, post.location = 307, f"http://127.0.0.1:{other.port}/"
        write()
        send_due()
        assert not other.requests
        assert alerts()[0].error_message == "127.0.0.1 answered 307."


def test_a_refusal_of_the_mail_server_is_told_in_its_words(app: Flask) -> None:
    with mail_server() as post, alerting(app, **by_mail(post)):
        post.refuses = "451 come back later"
        write()
        send_due()
        assert alerts()[0].error_message == "The mail server 127.0.0.1 refused it (451): come back later"


def test_the_password_is_used_and_never_told(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with mail_server() as post, alerting(app, **by_mail(post, "pat%40example.com:s3cret%2F@")):
        post.password = "another"
        write()
        send_due()
        assert post.logins[0] == ("pat@example.com", "s3cret/")
        assert alerts()[0].error_message == "The mail server 127.0.0.1 refused the user name or the password."
        post.password = "s3cret/"
        later()
        send_due()
        assert len(post.letters) == 1
    with alerting(app, webhook_url=f"http://127.0.0.1:{closed_port()}/token-in-the-path", webhook_secret=SECRET):
        write()
        send_due()
        told = caplog.text + " ".join(f"{alert.error_message} {alert.recipients}" for alert in alerts())
    assert [secret for secret in ("s3cret", "token-in-the-path", SECRET) if secret in told] == []
    assert "was not sent" in told


def test_no_password_goes_out_in_the_clear(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.operations.alerts import channels

    with mail_server() as post:
        # This machine counts as safe; let it be any other.
        monkeypatch.setattr(channels, "HERE", frozenset())
        with alerting(app, **by_mail(post, "pat:s3cret@")):
            write()
            send_due()
            assert "offers no encryption, so the password was not sent" in (alerts()[0].error_message or "")
        assert not post.logins


def test_a_channel_that_was_taken_away_keeps_its_alerts(app: Flask) -> None:
    with web_server() as post:
        with alerting(app, **by_web(post)):
            write()
        with alerting(app):
            send_due()
            assert (alerts()[0].state, alerts()[0].error_message) == (
                "waiting", "This channel is no longer set, so it was not sent.",
            )  # fmt: skip


def test_no_transaction_is_open_while_a_server_is_spoken_to(app: Flask, session: scoped_session[Session]) -> None:
    """A mail server that takes its time must not hold a row, nor keep an old snapshot alive."""
    from portal.operations.alerts import sending

    open_then: list[bool] = []

    def send(alert: Alert, _: Alerting) -> str:
        open_then.append(session().in_transaction())
        return ""

    with web_server() as post, alerting(app, **by_web(post)), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending, "SEND", {"webhook": send})
        write()
        send_due()
    assert open_then == [False]
