"""The tag that an audit record is born with: only who has the writers' key can have written it as it stands.

The tag is an HMAC-SHA256 (RFC 2104) over the record's content, made by the process that writes it. A row that
comes into the table by other ways, or is changed before the steward has chained it, has none that holds. The
key (`OFFICEFLOW_AUDIT_TAG_KEY`) is not the chain's: those who write records cannot chain them.
"""

from __future__ import annotations

import datetime as dt
import functools
import hmac
import json
import os
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

from officeflow import canonical_json
from officeflow.errors import InvalidInput
from officeflow.program import typed
from officeflow.setting_forms import listed

VARIABLE = "OFFICEFLOW_AUDIT_TAG_KEY"
SHORTEST_KEY = 32


class Content(Protocol):
    """What a tag is over; a row of `audit_records`."""

    org_id: Any
    record_id: Any
    actor: Any
    action: Any
    subject: Any
    details: Any
    correlation_id: Any
    occurred_at: Any


def require_key() -> None:
    """`InvalidInput` where this process has no key, and so cannot write records: to be asked before what is
    to be recorded is done.
    """
    _keys()


def make(record: Content) -> bytes:
    """The record's tag, under the newest key of this process."""
    return _tag(_keys()[0], record)


def holds(record: Content, tag: bytes | None) -> bool:
    """Whether `tag` was made for this content by a process that had one of our keys."""
    return tag is not None and any(hmac.compare_digest(tag, _tag(key, record)) for key in _keys())


def keys_for(purpose: str) -> tuple[bytes, ...]:
    """Keys for something else that those who write records sign, the newest first; nothing that is signed
    with them holds as a tag, or for another purpose. `InvalidInput` as `require_key`.
    """
    return tuple(hmac.digest(key, purpose.encode(), "sha256") for key in _keys())


def _keys() -> tuple[bytes, ...]:
    """Read from the environment at every call: that is cheap, and a changed setting holds at once."""
    return _parsed(os.environ.get(VARIABLE, ""))


@functools.lru_cache(maxsize=8)
def _parsed(text: str) -> tuple[bytes, ...]:
    keys = tuple(listed(text))
    if not keys or min(map(len, keys)) < SHORTEST_KEY:
        raise InvalidInput(
            f"{VARIABLE} is missing or shorter than {SHORTEST_KEY} characters",
            hint=(
                f"nothing can be recorded without it; `{typed('up')}` makes one, and it is not"
                " OFFICEFLOW_AUDIT_KEY"
            ),
        )
    return tuple(key.encode() for key in keys)


def _tag(key: bytes, record: Content) -> bytes:
    return hmac.digest(key, canonical_json.encode(_content(record)), "sha256")


def _content(record: Content) -> dict[str, Any]:
    return {
        "what": "tag",
        "org_id": str(record.org_id),
        "record_id": str(record.record_id),
        "actor": record.actor,
        "action": record.action,
        "subject": record.subject,
        "details": as_stored(record.details),
        "correlation_id": record.correlation_id,
        "occurred_at": record.occurred_at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
    }


def as_stored(details: Mapping[str, Any]) -> Any:
    """`details` as equal for what was given and for what PostgreSQL's jsonb gives back: names are text, whole
    numbers integers.
    """
    return json.loads(canonical_json.encode(dict(details)), parse_float=_number)


def _number(text: str) -> int | float:
    exact = Decimal(text)
    return int(exact) if exact == exact.to_integral_value() else float(text)
