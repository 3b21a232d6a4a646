"""JSON, read strictly: what PostgreSQL, CEL and Airflow can hold as well, and what means the same to every
reader.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

from officeflow.errors import InvalidEvent
from officeflow.statuses import RefusalReason

FRAME_BYTES = 5
"""Of Confluent's wire format before the data: a magic byte, and the schema's id in four."""

NUL = "\0"
PATH_CHARACTERS = 200

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_EXPONENT = re.compile(rb"[eE][+-]?[0-9]|[0-9]{300}")
"""What any number beyond a double has in it."""

Place = tuple[()] | tuple["Place", str | int]
"""Where a value is: what it is in, and its name or index there."""

MOST = sys.float_info.max
"""The largest number that every reader has."""

MAX_DEPTH = 32
"""Levels of objects and lists; deeper is refused."""


def parse(body: bytes) -> Any:
    """The value of a JSON text in UTF-8 (RFC 8259; a byte order mark before it is passed over).

    `InvalidEvent` `not_json`, `too_deep` or `unstorable`.
    """
    _check_start(body)
    try:
        value = _DECODER.decode(body.removeprefix(BYTE_ORDER_MARK).decode())
    except RecursionError as error:
        raise InvalidEvent(
            f"it is nested more than {MAX_DEPTH} levels deep", reason_code=RefusalReason.TOO_DEEP
        ) from error
    except ValueError as error:
        raise InvalidEvent(
            f"it is not JSON in UTF-8: {_where(error)}", reason_code=RefusalReason.NOT_JSON
        ) from error
    if not _is_harmless(body):
        check(value)
    return value


def _is_harmless(body: bytes) -> bool:
    """Whether JSON of this text, once it is read, cannot hold what `check` refuses: too few brackets to be
    deep, no escape to write NUL or half a pair with, and no exponent to write a large number with.
    """
    return (
        body.count(b"{") + body.count(b"[") <= MAX_DEPTH and b"\\u" not in body and not _EXPONENT.search(body)
    )


def check(value: Any) -> None:
    """Refuse what a JSON text can say and a database cannot hold: NUL, half a surrogate pair, numbers beyond
    a double.
    """
    level: list[tuple[Place, Any]] = [((), value)]
    for _ in range(MAX_DEPTH + 1):
        if not level:
            return
        level = [inner for place, outer in level for inner in _inside(place, outer)]
    raise InvalidEvent(f"it is nested more than {MAX_DEPTH} levels deep", reason_code=RefusalReason.TOO_DEEP)


def _check_start(body: bytes) -> None:
    """Names what producers put there that is not JSON in UTF-8."""
    head = body[:3]
    little_endian = head[:1] != b"\0" and head[1:2] == b"\0"
    big_endian = head[:1] == b"\0" and head[1:2] in {b"{", b"["} and head[2:] == b"\0"
    if little_endian or big_endian or body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidEvent("it is text in UTF-16 or UTF-32: send UTF-8", reason_code=RefusalReason.NOT_JSON)
    if body[:1] == b"\0" and len(body) >= FRAME_BYTES:
        schema = int.from_bytes(body[1:FRAME_BYTES], "big")
        reason = (
            f"it is framed for a schema registry (magic byte 0, schema id {schema}): produce plain JSON, "
            "with the producer's serializer for text or bytes instead of the registry's"
        )
        raise InvalidEvent(reason, reason_code=RefusalReason.NOT_JSON)


def _inside(place: Place, value: Any) -> list[tuple[Place, Any]]:
    match value:
        case str():
            _check_text(place, value)
        case int() | float() if not -MOST <= value <= MOST:
            raise InvalidEvent(
                f"{_path(place)} is a number that is too large", reason_code=RefusalReason.UNSTORABLE
            )
        case Mapping():
            for name in value:
                _check_text(place, name)
            return [((place, name), inner) for name, inner in value.items()]
        case list():
            return [((place, index), inner) for index, inner in enumerate(value)]
    return []


def _check_text(place: Place, text: str) -> None:
    if NUL in text:
        reason = f"{_path(place)} has the character NUL at place {text.index(NUL) + 1}: send it without"
        raise InvalidEvent(reason, reason_code=RefusalReason.UNSTORABLE)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidEvent(
            f"{_path(place)} has half a surrogate pair at place {error.start + 1}",
            reason_code=RefusalReason.UNSTORABLE,
        ) from error


def _path(place: Place) -> str:
    """As `data.groups[1]`, by names alone."""
    parts: list[str] = []
    while place:
        place, name = place
        parts.append(f"[{name}]" if isinstance(name, int) else f".{_printable(name)}")
    return "".join(reversed(parts)).removeprefix(".")[:PATH_CHARACTERS] or "a text in it"


def _printable(name: str) -> str:
    return name if name.isprintable() else ascii(name)


class _Refused(ValueError):
    """What it says is for the sender."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """RFC 8259, section 4: with a name twice, readers differ in what they see."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused("an object has a name twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise _Refused(f"{name} is not a JSON number")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)


def _where(error: ValueError) -> str:
    """Without the text itself, which may be private."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is not UTF-8"
    return str(error) if isinstance(error, _Refused) else "a number in it is too large"
