"""Sealed values: what stands in an encrypting column.

    version (1 byte, 0x01) | organization (16) | key (16) | nonce (12) | AES-256-GCM (NIST SP 800-38D)

The key's id says whose key it is; what the cipher also vouches for is the header and the column's name, so a
value that is moved into another column, or under another key's name, is not read (ADR 37).
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from officeflow.errors import InvalidInput

VERSION = b"\x01"
HEADER, NONCE = 33, 12
KEY_BYTES = 32

ROWS, WRAPS = b"officeflow rows", b"officeflow keys of people"
"""What an organization's key is for: two keys come of it."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key by which rows are written: a person's, or an organization's own."""

    org_id: uuid.UUID
    key_id: uuid.UUID
    cipher: AESGCM

    def seal(self, place: str, content: bytes) -> bytes:
        """`place` is `table.column`."""
        header = VERSION + self.org_id.bytes + self.key_id.bytes
        nonce = os.urandom(NONCE)
        return header + nonce + self.cipher.encrypt(nonce, content, _vouched(place, header))

    def open(self, place: str, sealed: bytes) -> bytes:
        """`InvalidInput` where it was not sealed by this key, for this place."""
        header, nonce = sealed[:HEADER], sealed[HEADER : HEADER + NONCE]
        try:
            return self.cipher.decrypt(nonce, sealed[HEADER + NONCE :], _vouched(place, header))
        except InvalidTag as error:
            raise InvalidInput(
                "a sensitive column cannot be read: its content was changed, or is another column's"
            ) from error


def is_sealed(stored: bytes) -> bool:
    return stored[:1] == VERSION


def key_of(stored: bytes) -> tuple[uuid.UUID, uuid.UUID]:
    """The organization and the key that a sealed value names."""
    return uuid.UUID(bytes=stored[1:17]), uuid.UUID(bytes=stored[17:HEADER])


def prefix(org_id: uuid.UUID, key_id: uuid.UUID) -> bytes:
    """What every value begins with that was sealed by this key."""
    return VERSION + org_id.bytes + key_id.bytes


def new_key() -> bytes:
    return AESGCM.generate_key(bit_length=KEY_BYTES * 8)


def derived(key: bytes, purpose: bytes) -> bytes:
    """A key of its own for each purpose of an organization's key (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(key)


def wrap(org_key: bytes, key_id: uuid.UUID, key: bytes) -> bytes:
    """A person's key under the organization's."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(derived(org_key, WRAPS)).encrypt(nonce, key, key_id.bytes)


def unwrap(org_key: bytes, key_id: uuid.UUID, wrapped: bytes) -> bytes:
    """`InvalidInput` where it was not wrapped by this organization's key."""
    try:
        return AESGCM(derived(org_key, WRAPS)).decrypt(wrapped[:NONCE], wrapped[NONCE:], key_id.bytes)
    except InvalidTag as error:
        raise InvalidInput(
            "a person's key cannot be read: it was not wrapped by its organization's"
        ) from error


def _vouched(place: str, header: bytes) -> bytes:
    return b"officeflow " + place.encode() + b" " + header
