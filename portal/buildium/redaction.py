"""What may not be written down of a message to or from Buildium."""

from __future__ import annotations

import re
from typing import Any

HIDDEN = "•••"
# Whoever has the address of a file has the file, as long as the address lives.
ADDRESSES = frozenset({"UploadUrl", "DownloadUrl"})
SECRET_KEYS = frozenset({"TaxPayerId", "AccountNumberUnmasked", "RoutingNumber", "DateOfBirth"}) | ADDRESSES
TAX_ID = re.compile(r"\b(\d{3}-\d{2}-\d{4}|\d{2}-\d{7})\b")


def redacted(value: Any) -> Any:
    """A copy without tax ids, account and routing numbers, birth dates and addresses of files; texts lose what looks
    like a tax id, and what no database can keep."""
    if isinstance(value, dict):
        return {key: HIDDEN if is_secret(key, value) and item else redacted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [redacted(item) for item in value]
    if isinstance(value, str):
        # A lone half of a surrogate pair is legal JSON, and no text.
        return TAX_ID.sub(HIDDEN, value).replace("\x00", "").encode(errors="replace").decode()
    return value


def is_secret(key: str, message: dict[str, Any]) -> bool:
    # A general ledger account's AccountNumber is its number in the chart; only a bank account's is a secret.
    return key in SECRET_KEYS or (key == "AccountNumber" and "SubType" not in message)
