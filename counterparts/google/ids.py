"""Ids and entity tags as Google makes them."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


def user_id() -> str:
    """21 digits."""
    return "1" + "".join(secrets.choice("0123456789") for _ in range(20))


def number() -> str:
    """Of a role or an assignment: 17 digits."""
    return "9" + "".join(secrets.choice("0123456789") for _ in range(16))


def group_id() -> str:
    return "0" + _letters(14)


def unit_id() -> str:
    return "id:03ph8a2z" + _letters(7)


def name() -> str:
    """Of what Cloud Identity keeps."""
    return "0" + _letters(14)


def opaque() -> str:
    return secrets.token_urlsafe(18)


def etag(value: Mapping[str, Any]) -> str:
    """Changes whenever the value does."""
    text = json.dumps({key: each for key, each in value.items() if key != "etag"}, sort_keys=True)
    return f'"{base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()}"'


def _letters(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))
