"""Columns whose content is unreadable without the key.

The keys come from the settings (`OFFICEFLOW_ENCRYPTION_KEYS`): Fernet keys, the first encrypts, all decrypt,
so that keys can be rotated.
"""

from __future__ import annotations

import functools
import hmac
import json
import os
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from officeflow.errors import InvalidInput
from officeflow.setting_forms import listed


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
    """The keys of this process."""
    return _fernet(_keys())


def fingerprint(value: bytes) -> str:
    """HMAC-SHA256 under the newest key, 64 hex digits: tells equal values without telling what they are."""
    return hmac.digest(_parts(_keys())[0].encode(), value, "sha256").hex()


class EncryptedBytes(TypeDecorator[bytes]):
    """Bytes, stored as a Fernet token."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else keyring().encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - SQLAlchemy's signature
        if value is None:
            return None
        try:
            return keyring().decrypt(value)
        except InvalidToken as error:
            raise InvalidInput(
                "a sensitive column cannot be read",
                hint="OFFICEFLOW_ENCRYPTION_KEYS lacks the key it was written with",
            ) from error


class EncryptedJSON(TypeDecorator[Any]):
    """A JSON value, stored as a Fernet token. None is stored as SQL NULL."""

    impl = EncryptedBytes
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - SQLAlchemy's signature
        return (
            None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        )

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else json.loads(value)
