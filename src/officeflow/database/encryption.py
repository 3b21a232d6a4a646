"""Columns whose content is unreadable without the key.

A value that was given an owner (`owners.owned`) is written under the key of that person or organization
(`officeflow.database.keys`), any other under the installation's. The installation's keys come from the
settings (`OFFICEFLOW_ENCRYPTION_KEYS`): Fernet keys, the first encrypts, all decrypt, so that keys can be
rotated.
"""

from __future__ import annotations

import functools
import hmac
import json
import os
import weakref
from collections.abc import Iterable
from typing import Any, Protocol

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from officeflow.database import sealing
from officeflow.errors import InvalidInput
from officeflow.owners import Owner, owner_of
from officeflow.setting_forms import listed

FERNET = b"g"
"""What every Fernet token begins with: its version, 0x80, in base64."""


class KeyStore(Protocol):
    """Where the keys of people and organizations are."""

    def of_owner(self, owner: Owner) -> sealing.DataKey:
        """By which what is this owner's is written now; made where there is none."""

    def of_value(self, stored: bytes) -> sealing.DataKey | None:
        """By which it was written; None where that key was destroyed.

        `InvalidInput` where there is none such.
        """

    def look_up(self, stored: Iterable[bytes]) -> None:
        """Have the keys of all these values at hand."""


_stores: weakref.WeakKeyDictionary[Dialect, KeyStore] = weakref.WeakKeyDictionary()


def use_keys(dialect: Dialect, store: KeyStore) -> None:
    """From now on the engine with this dialect writes and reads by these keys."""
    _stores[dialect] = store


def _keys() -> str:
    """Read from the environment at every call: that is cheap, and a changed setting holds at once."""
    return os.environ.get("OFFICEFLOW_ENCRYPTION_KEYS", "")


@functools.lru_cache(maxsize=8)
def _parts(keys: str) -> tuple[str, ...]:
    parts = tuple(listed(keys))
    if not parts:
        raise InvalidInput(
            "OFFICEFLOW_ENCRYPTION_KEYS is empty", hint="set it to one or more Fernet keys, the newest first"
        )
    return parts


@functools.lru_cache(maxsize=8)
def _fernet(keys: str) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in _parts(keys)])
    except ValueError as error:
        raise InvalidInput(
            "OFFICEFLOW_ENCRYPTION_KEYS holds a key that is not 32 url-safe base64 bytes"
        ) from error


def keyring() -> MultiFernet:
    """The installation's keys, as this process has them."""
    return _fernet(_keys())


def newest_key() -> Fernet:
    """The one that encrypts."""
    return Fernet(_parts(_keys())[0])


def decrypted(token: bytes) -> bytes:
    """What the installation's keys have encrypted; `InvalidInput` where the one is missing that did."""
    try:
        return keyring().decrypt(token)
    except InvalidToken as error:
        raise InvalidInput(
            "a sensitive column cannot be read",
            hint="OFFICEFLOW_ENCRYPTION_KEYS lacks the key it was written with",
        ) from error


def fingerprint(value: bytes) -> str:
    """HMAC-SHA256 under the newest key, 64 hex digits: tells equal values without telling what they are."""
    return hmac.digest(_parts(_keys())[0].encode(), value, "sha256").hex()


def sealed(place: str, content: bytes, owner: Owner | None, dialect: Dialect) -> bytes:
    """`content` as it is stored in the column `place` (`table.column`)."""
    store = _stores.get(dialect)
    if owner is None or store is None:
        return keyring().encrypt(content)
    return store.of_owner(owner).seal(place, content)


def opened(place: str, stored: bytes, dialect: Dialect) -> bytes | None:
    """What `sealed` was given; None where the key was destroyed."""
    if not sealing.is_sealed(stored):
        return decrypted(stored)
    store = _stores.get(dialect)
    if store is None:
        raise InvalidInput("a sensitive column cannot be read here: the keys of people are in the database")
    key = store.of_value(stored)
    return None if key is None else key.open(place, stored)


def look_up(stored: Iterable[bytes | None], dialect: Dialect) -> None:
    """Have the keys at hand by which these values, as they are stored, are opened next."""
    sealed_ones = [each for each in stored if each is not None and sealing.is_sealed(each)]
    store = _stores.get(dialect)
    if store is not None and sealed_ones:
        store.look_up(sealed_ones)


class _Sealed(TypeDecorator[Any]):
    """`place` is the column's own name, `table.column`: the cipher vouches for it.

    With `was_plain` the column held JSON text before it was encrypted, which is still read.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str = "", *, was_plain: bool = False) -> None:
        super().__init__()
        self.place = place
        self.was_plain = was_plain

    def encode(self, value: Any) -> bytes:
        raise NotImplementedError

    def decode(self, content: bytes) -> Any:
        raise NotImplementedError

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else sealed(self.place, self.encode(value), owner_of(value), dialect)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if self.was_plain and not sealing.is_sealed(value) and value[:1] != FERNET:
            return self.decode(value)
        content = opened(self.place, value, dialect)
        return None if content is None else self.decode(content)


class EncryptedBytes(_Sealed):
    """Bytes. What was written under a key that is destroyed reads as None."""

    cache_ok = True

    def encode(self, value: bytes) -> bytes:
        return bytes(value)

    def decode(self, content: bytes) -> bytes:
        return content


class EncryptedJSON(_Sealed):
    """A JSON value; None is stored as SQL NULL. What was written under a key that is destroyed reads as
    None.
    """

    cache_ok = True

    def encode(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    def decode(self, content: bytes) -> Any:
        return json.loads(content)


class EncryptedText(EncryptedJSON):
    """A text; what was written under a key that is destroyed reads as ""."""

    cache_ok = True

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return super().process_result_value(value, dialect) or ""
