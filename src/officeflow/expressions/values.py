"""Values on their way into CEL and out of it."""

from __future__ import annotations

import base64
import datetime as dt
import enum
import json
import math
import uuid
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from officeflow.errors import InvalidExpression

INT64 = range(-(2**63), 2**63)
MAX_DEPTH = 64
MAX_INTEGER = 10**1000


def to_cel(value: Any, depth: int = 0) -> Any:
    """`value` in CEL's terms: what JSON can say, and nothing else.

    Dates and times become ISO 8601 text (`timestamp(x)` reads it), keys text. Whole numbers beyond 64 bits,
    which CEL does not have, become text, digit by digit. Text that holds the character NUL, where CEL's
    runtime would cut it, is refused with `InvalidExpression`.
    """
    if depth > MAX_DEPTH:
        raise InvalidExpression(f"a value is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, Mapping):
        return {_cel_key(key): to_cel(item, depth + 1) for key, item in value.items()}
    if isinstance(value, Sequence | AbstractSet) and not isinstance(value, str | bytes | bytearray):
        return [to_cel(item, depth + 1) for item in value]
    plain = to_plain(value)
    if isinstance(plain, str) and "\0" in plain:
        raise InvalidExpression("a text holds the character NUL")
    return (
        str(plain) if isinstance(plain, int) and not isinstance(plain, bool) and plain not in INT64 else plain
    )


def to_template(value: Any, depth: int = 0) -> Any:
    """`value` as templates read it: as `to_cel`, but whole numbers stay as they are, however large, and NUL
    stays in texts.
    """
    if depth > MAX_DEPTH:
        raise InvalidExpression(f"a value is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, Mapping):
        return {_cel_key(key): to_template(item, depth + 1) for key, item in value.items()}
    if isinstance(value, Sequence | AbstractSet) and not isinstance(value, str | bytes | bytearray):
        return [to_template(item, depth + 1) for item in value]
    return to_plain(value)


def _cel_key(key: Any) -> str:
    name = str(to_plain(str(key)))
    if "\0" in name:  # the runtime would cut it there
        raise InvalidExpression("the name of a field holds the character NUL")
    return name


def to_plain(value: Any) -> Any:
    """A value that is no list and no object, as JSON says it."""
    match value:
        case enum.Enum():
            return to_plain(value.value)
        case None | bool() | float():
            return value
        case int():
            if abs(value) >= MAX_INTEGER:
                raise InvalidExpression("a number has too many digits")
            return value
        case str():
            return value.encode("utf-8", "replace").decode()
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case uuid.UUID():
            return str(value)
    raise InvalidExpression(f"a value of type {type(value).__name__} cannot be used in an expression")


def dump(value: Any) -> bytes:
    """`value` as JSON for an evaluator, which reads it with `to_cel` or `to_template`.

    `InvalidExpression` for what is none of ours.
    """
    try:
        return json.dumps(value, default=_told).encode()
    except InvalidExpression:
        raise
    except (TypeError, ValueError, RecursionError):  # a key that is no text, or a number or depth without end
        return json.dumps(to_template(value)).encode()


def _told(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence | AbstractSet) and not isinstance(value, bytes | bytearray):
        return list(value)
    return to_plain(value)


def to_json(value: Any) -> Any:
    """What an expression gave, as JSON says it.

    A timestamp becomes RFC 3339 text in UTC (`2026-01-31T09:00:00Z`), a duration ISO 8601 text (`PT5400S`),
    bytes base64. `InvalidExpression` for what JSON cannot say: infinity, NaN, a map whose keys are not text,
    a type.
    """
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {_key(key): to_json(item) for key, item in value.items()}
    return _json_scalar(value)


def _json_scalar(value: Any) -> Any:
    match value:
        case float() if not math.isfinite(value):
            raise InvalidExpression(
                f"the expression gives {value}, which is not a number that can be passed on"
            )
        case None | bool() | int() | float() | str():
            return value
        case dt.datetime():
            return timestamp_text(value)
        case dt.timedelta():
            return duration_text(value)
        case bytes() | bytearray():
            return base64.b64encode(value).decode()
    raise InvalidExpression("the expression gives a type, not a value")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise InvalidExpression(f"the expression gives a map with the key {key!r}; keys must be text")
    return key


def timestamp_text(value: dt.datetime) -> str:
    return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def duration_text(value: dt.timedelta) -> str:
    micro = value // dt.timedelta(microseconds=1)
    sign, seconds, rest = "-" if micro < 0 else "", *divmod(abs(micro), 1_000_000)
    fraction = f".{rest:06d}".rstrip("0") if rest else ""
    return f"{sign}PT{seconds}{fraction}S"


def to_text(value: Any) -> str:
    """A value inside a longer text: text as it is, true and false, numbers shortest, lists and maps as JSON.

    `InvalidExpression` for null, which nobody wants to read in a mail.
    """
    plain = to_json(value)
    match plain:
        case str():
            return plain
        case None:
            hint = 'say what to write instead: `x == null ? "" : x`'
            raise InvalidExpression("the expression gives null, which cannot stand inside text", hint=hint)
        case float() if plain.is_integer() and abs(plain) < 1e15:
            return str(int(plain))
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
