"""One byte string per JSON value, so that a MAC over it can be computed again."""

from __future__ import annotations

import json
from typing import Any

from officeflow.errors import InvalidInput


def encode(value: Any) -> bytes:
    """`value` as UTF-8 JSON without spaces, the names of objects in order.

    `InvalidInput` where it is no JSON: NaN, a date, half of a surrogate pair.
    """
    try:
        return json.dumps(
            value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
        ).encode()
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"an audit record holds what is not JSON: {error}") from error
