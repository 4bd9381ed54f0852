"""What the environment says of alerts, and what `portal check` makes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from portal.config import Alerting, ConfigurationError, own_address
from portal.database import now
from portal.operations import check
from tests.operations.alerts.test_alert_sending import alerting, by_mail, closed_port
from tests.operations.alerts.test_alerts import alert
from tests.operations.receivers import mail_server

if TYPE_CHECKING:
    from flask import Flask

COMPLETE = {
    "PORTAL_SMTP_URL": "smtp://pat:s3cret@mail.example.com:587",
    "PORTAL_ALERT_EMAILS": "pat@example.com, ada@example.com",
    "PORTAL_ALERT_WEBHOOK_URL": "https://hooks.example.com/token",
    "PORTAL_ALERT_WEBHOOK_SECRET": "what signs",
}


def test_complete_settings_are_read_and_hide_their_secrets() -> None:
    found = Alerting.from_environment(COMPLETE)
    assert found.emails == ("pat@example.com", "ada@example.com")
    assert (found.sender, found.quiet_minutes, found.digest_hour) == ("pat@example.com", 240, 7)
    assert [secret for secret in ("s3cret", "token", "what signs") if secret in repr(found)] == []


def test_nothing_set_is_nobody_told() -> None:
    assert Alerting.from_environment({}) == Alerting()
    assert own_address({"PORT": "8100"}) == "http://127.0.0.1:8100"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"PORTAL_SMTP_URL": ""}, "PORTAL_SMTP_URL"),
        ({"PORTAL_SMTP_URL": "mail.example.com"}, "PORTAL_SMTP_URL"),
        ({"PORTAL_SMTP_URL": "smtp://s3cret:x@host:port"}, "PORTAL_SMTP_URL"),
        ({"PORTAL_ALERT_EMAILS": "pat@example.com, nobody"}, "PORTAL_ALERT_EMAILS"),
        ({"PORTAL_ALERT_FROM": "The Portal <portal@example.com>"}, "PORTAL_ALERT_FROM"),
        ({"PORTAL_ALERT_WEBHOOK_URL": "ftp://hooks.example.com"}, "PORTAL_ALERT_WEBHOOK_URL"),
        ({"PORTAL_ALERT_WEBHOOK_SECRET": ""}, "PORTAL_ALERT_WEBHOOK_SECRET"),
        ({"PORTAL_DIGEST_HOUR": "24"}, "PORTAL_DIGEST_HOUR"),
        ({"PORTAL_ALERT_QUIET_MINUTES": "0"}, "PORTAL_ALERT_QUIET_MINUTES"),
    ],
)
def test_what_is_wrong_is_named_without_its_secret(given: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named) as caught:
        Alerting.from_environment(COMPLETE | given)
    assert "s3cret" not in str(caught.value)


def test_the_digest_can_be_left_out() -> None:
    assert Alerting.from_environment(COMPLETE | {"PORTAL_DIGEST_HOUR": "off"}).digest_hour is None


@pytest.mark.usefixtures("session")
def test_check_says_whom_it_reaches_and_whether_the_mail_server_lets_it_in(app: Flask) -> None:
    with alerting(app):
        assert check.alerts()[0]
    with mail_server() as post:
        with alerting(app, **by_mail(post)):
            assert check.alerts() == (True, "They go to pat@example.com, ada@example.com.")
        with alerting(app, **by_mail(post) | {"smtp_url": f"smtp://127.0.0.1:{closed_port()}"}):
            fine, words = check.alerts()
    assert not fine
    assert "can't be reached" in words
    assert post.letters == []


@pytest.mark.usefixtures("session")
def test_check_notices_alerts_that_do_not_get_out(app: Flask) -> None:
    alert("waiting", created_at=now() - timedelta(hours=1))
    with mail_server() as post, alerting(app, **by_mail(post)):
        assert check.alerts() == (False, "1 alert could not be sent. See Sync › Alerts.")
