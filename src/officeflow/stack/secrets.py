"""Passwords and keys of the stack: generated when first asked for, kept in one file of mode 0600."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from officeflow.layout import read_json, write_private


def password() -> str:
    """32 letters, digits, `-` and `_`: safe in URLs and on command lines."""
    return secrets.token_urlsafe(24)


def fernet_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


class Secrets:
    """`secrets["name"]` is the same text at every start, until `officeflow reset`.

    Safe for several processes at once.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __getitem__(self, name: str) -> str:
        return self.get(name)

    def all(self) -> dict[str, str]:
        """Those that were asked for so far."""
        return {name: str(value) for name, value in read_json(self.path).items()}

    def get(self, name: str, generate: Callable[[], str] = password) -> str:
        known = read_json(self.path).get(name)
        return str(known) if known else self._make(name, generate)

    def _make(self, name: str, generate: Callable[[], str]) -> str:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = read_json(self.path)
            value = str(known.get(name) or generate())
            write_private(self.path, json.dumps({**known, name: value}, indent=1))
        return value
