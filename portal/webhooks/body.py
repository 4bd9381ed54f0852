"""What an event said, for people to read."""

from __future__ import annotations

import json

from portal.buildium.redaction import redacted
from portal.webhooks.models import WebhookEvent


def body_of(event: WebhookEvent) -> str:
    """The body, pretty-printed, without what may not be shown; bytes that are no JSON object as well as they can be
    read."""
    if event.event_data is not None:
        return json.dumps(redacted(event.event_data), indent=2, ensure_ascii=False)
    text = (event.raw_body or b"").decode(errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return str(redacted(text))
