"""The one way to write a JSON value.

Hashes and MACs are made over these bytes and kept: of acts' parameters, of definitions, of audit records and
of events without an id. So they may never change.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from officeflow.errors import InvalidInput


def encode(value: Any, *, what: str = "it") -> bytes:
    """`value` as UTF-8 JSON without spaces, the names of objects in order: equal values give equal bytes.

    `InvalidInput` where it is no JSON (NaN, an infinite number, a date, half of a surrogate pair); `what`
    names the value there.
    """
    try:
        return json.dumps(
            value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
        ).encode()
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{what} holds what is not JSON: {error}") from error


def digest(value: Any) -> str:
    """SHA-256 of these bytes, 64 hex digits."""
    return hashlib.sha256(encode(value)).hexdigest()
