"""Values that are encrypted before they reach the database: tax ids, bank account and routing numbers.

A stored value is base64 of: format (1 byte), key id (4), nonce (12), AES-256-GCM ciphertext with its tag. The
associated data is table, column and row, so that a value pasted onto another row can't be read there.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import Any, overload

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = b"\x01"
KEY_ID, NONCE = 4, 12


class SealedError(Exception):
    """A stored value can't be read: its key is not configured, or the value was changed or moved."""


class Vault:
    """The keys of one running portal, newest first: the first seals, all of them open."""

    def __init__(self) -> None:
        self._keys: dict[bytes, bytes] = {}
        self._newest = b""
        self._fingerprint = b""

    def configure(self, keys: tuple[str, ...]) -> None:
        """Take base64 keys of 32 bytes, newest first. Raises ValueError for a key of another size."""
        decoded = [base64.b64decode(key, validate=True) for key in keys]
        if not decoded or any(len(key) != 32 for key in decoded):
            raise ValueError("PORTAL_ENCRYPTION_KEYS must hold base64 keys of 32 bytes each, newest first.")
        self._keys = {key_id(key): key for key in decoded}
        self._newest = key_id(decoded[0])
        # From the oldest key, so that fingerprints stay equal while a newer one is rotated in.
        self._fingerprint = hashlib.sha256(b"fingerprint" + decoded[-1]).digest()

    def seal(self, value: str, place: str) -> str:
        nonce = os.urandom(NONCE)
        secret = AESGCM(self._keys[self._newest]).encrypt(nonce, value.encode(), place.encode())
        return base64.b64encode(FORMAT + self._newest + nonce + secret).decode()

    def open(self, stored: str, place: str) -> str:
        raw = base64.b64decode(stored)
        wanted, nonce, secret = raw[1 : 1 + KEY_ID], raw[1 + KEY_ID : 1 + KEY_ID + NONCE], raw[1 + KEY_ID + NONCE :]
        key = self._keys.get(wanted)
        if raw[:1] != FORMAT or key is None:
            raise SealedError(f"{place} was encrypted with a key that is not in PORTAL_ENCRYPTION_KEYS")
        try:
            return AESGCM(key).decrypt(nonce, secret, place.encode()).decode()
        except InvalidTag as error:
            raise SealedError(f"{place} does not belong where it is stored") from error

    def is_newest(self, stored: str) -> bool:
        return base64.b64decode(stored)[1 : 1 + KEY_ID] == self._newest

    def fingerprint(self, value: str) -> str:
        """A keyed hash: tells whether two secrets are equal without keeping either."""
        return hmac.new(self._fingerprint, value.encode(), hashlib.sha256).hexdigest()[:32]


vault = Vault()


def key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"id" + key).digest()[:KEY_ID]


class Sealed:
    """An attribute whose value lives encrypted in the column attribute named `stored` of the same model.

        tax_payer_id = Sealed("sealed_tax_payer_id")

    Reads give the plain value or None and raise SealedError where no configured key opens it; the record's id must
    be known when a value is set (Record gives it one at birth).
    """

    def __init__(self, stored: str) -> None:
        self.stored = stored
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, record: None, owner: type) -> Sealed: ...
    @overload
    def __get__(self, record: Any, owner: type) -> str | None: ...
    def __get__(self, record: Any, owner: type) -> Sealed | str | None:
        if record is None:
            return self
        stored = getattr(record, self.stored)
        return None if stored is None else vault.open(stored, self.place(record))

    def __set__(self, record: Any, value: str | None) -> None:
        # Sealing the same value again would give other bytes, and so a change that is none.
        if getattr(record, self.stored) is not None and self.__get__(record, type(record)) == (value or None):
            return
        setattr(record, self.stored, vault.seal(value, self.place(record)) if value else None)

    def place(self, record: Any) -> str:
        return f"{record.__tablename__}.{self.name}:{record.id}"

    def reseal(self, record: Any) -> bool:
        """Encrypt with the newest key; True where that changed the stored bytes."""
        stored = getattr(record, self.stored)
        if stored is None or vault.is_newest(stored):
            return False
        place = self.place(record)
        setattr(record, self.stored, vault.seal(vault.open(stored, place), place))
        return True


def masked(value: str | None) -> str:
    """All but the last four characters hidden; a short value is hidden whole."""
    if not value:
        return ""
    return "••••" + (value[-4:] if len(value) > 6 else "")
