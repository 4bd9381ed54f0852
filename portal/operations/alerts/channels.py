"""Bringing one alert to people: by e-mail, or as JSON to an address. No secret is in any error."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import smtplib
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from portal.config import Alerting
from portal.operations.alerts.models import Alert

SECONDS = 10.0
HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class DeliveryError(Exception):
    """It did not arrive, or may not have. The message is a sentence for the page of alerts."""


def send_email(alert: Alert, alerting: Alerting) -> str:
    """Hand it to the mail server; returns what is to be noted about it ("" where all went well). Raises DeliveryError.

    A message that is sent twice because an answer was lost has the same Message-ID both times.
    """
    with speaking_to(alerting.smtp_url) as server:
        refused = server.send_message(letter(alert, alerting), alerting.sender, alert.recipients.split(", "))
    return f"The mail server refused: {', '.join(refused)}." if refused else ""


def mail_fault(alerting: Alerting) -> str:
    """What keeps the mail server from being used, in words; "" where it lets us in."""
    try:
        with speaking_to(alerting.smtp_url) as server:
            server.noop()
    except DeliveryError as error:
        return str(error)
    return ""


@contextmanager
def speaking_to(smtp_url: str) -> Iterator[smtplib.SMTP]:
    """What goes wrong inside becomes a DeliveryError in words."""
    host = urlsplit(smtp_url).hostname or ""
    try:
        with connected(smtp_url) as server:
            yield server
    except smtplib.SMTPAuthenticationError as error:
        raise DeliveryError(f"The mail server {host} refused the user name or the password.") from error
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(
            f"The mail server {host} refused it ({error.smtp_code}): {said(error.smtp_error)}"
        ) from error
    except smtplib.SMTPRecipientsRefused as error:
        raise DeliveryError(f"The mail server {host} refused every recipient.") from error
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryError(f"The mail server {host} can't be reached, or broke off: {reason(error)}.") from error


def connected(smtp_url: str) -> smtplib.SMTP:
    """A connection to the server of `smtp_url`, encrypted wherever it isn't on this machine, signed in where the
    address holds a user. Raises what smtplib raises, and DeliveryError before a password would go out in the clear."""
    parts = urlsplit(smtp_url)
    host, user = parts.hostname or "", unquote(parts.username or "")
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(host, parts.port or (587 if user else 25), timeout=SECONDS)
    try:
        server.ehlo()
        is_safe = parts.scheme == "smtps" or host in HERE
        if not is_safe and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
            is_safe = True
        if user:
            if not is_safe:
                raise DeliveryError(f"The mail server {host} offers no encryption, so the password was not sent.")
            server.login(user, unquote(parts.password or ""))
    except (smtplib.SMTPException, OSError, DeliveryError):
        server.close()
        raise
    return server


def letter(alert: Alert, alerting: Alerting) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = f"[Portal] {alert.subject}"
    message["From"], message["To"] = alerting.sender, alert.recipients
    message["Date"] = format_datetime(alert.created_at)
    message["Message-ID"] = f"<{alert.id}@{alerting.sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{alert.body}\n\n{alert.url}\n")
    return message


def send_webhook(alert: Alert, alerting: Alerting) -> str:
    """POST it, signed; as send_email."""
    host = urlsplit(alerting.webhook_url).hostname or ""
    body = json.dumps(message_of(alert), ensure_ascii=False).encode()
    moment = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "portal",
        "Portal-Timestamp": moment,
        "Portal-Signature": signature(alerting.webhook_secret, moment, body),
    }
    request = urllib.request.Request(alerting.webhook_url, body, headers, method="POST")
    try:
        with OPENER.open(request, timeout=SECONDS):
            return ""
    except urllib.error.HTTPError as error:
        error.close()
        raise DeliveryError(f"{host} answered {error.code}.") from None
    except (OSError, http.client.HTTPException) as error:
        raise DeliveryError(f"{host} can't be reached, or broke off: {reason(error)}.") from None


def message_of(alert: Alert) -> dict[str, Any]:
    """`text` is what chat programs show; a receiver tells repetitions by `id`."""
    return {
        "id": str(alert.id),
        "kind": alert.kind,
        "cause": alert.cause,
        "subject": alert.subject,
        "text": f"{alert.subject}\n{alert.body}\n{alert.url}",
        "url": alert.url,
        "at": alert.created_at.isoformat(),
    }


def signature(secret: str, moment: str, body: bytes) -> str:
    return hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


class Unmoved(urllib.request.HTTPRedirectHandler):
    """A redirect is an error: the message is meant for the address that was set, and for no other."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


OPENER = urllib.request.build_opener(Unmoved)


def said(answer: bytes | str) -> str:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:200]


def reason(error: Exception) -> str:
    """What went wrong without the address it went wrong with."""
    inner = getattr(error, "reason", error)
    if isinstance(inner, TimeoutError):
        return f"no answer within {SECONDS:.0f} seconds"
    if isinstance(inner, OSError) and inner.strerror:
        return inner.strerror.lower()
    return type(inner).__name__
