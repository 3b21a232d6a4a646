"""By what the second delivery of an event is known: the id of its event, which the inbox takes once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from officeflow import canonical_json

LONGEST = 200


def source_name(slug: str) -> str:
    """`source` of the events that a source of webhooks brings."""
    return f"webhook/{slug}"


def event_id(parts: Sequence[Any], digest: str, item: Any | None) -> str:
    """What the vendor calls it, where all of that is there; otherwise a hash: of the item, or of the whole
    delivery (`digest`) where the item is None.
    """
    if parts and all(isinstance(part, str | int) and part != "" for part in parts):
        text = "/".join(map(str, parts))
        return text if len(text) <= LONGEST and text.isprintable() else _hash(text.encode())
    return digest if item is None else _hash(canonical_json.encode(item))


def digest(raw: bytes) -> str:
    """Of a delivery's bytes, 64 hex digits."""
    return _hash(raw)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
