"""Entries as they come, and how directories write ids and moments."""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FILETIME_BEGINS = dt.datetime(1601, 1, 1, tzinfo=dt.UTC)
NEVER = frozenset({0, 2**63 - 1})
"""FILETIMEs that mean no moment ([MS-ADA1] accountExpires)."""
TO_HOUR_MINUTE_SECOND = (10, 12, 14)
"""Digits of a GeneralizedTime, whose minutes and seconds may be left out."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`values` by the attributes' names in small letters, without options such as `;range=0-1499`."""

    dn: str
    values: Mapping[str, tuple[bytes, ...]]

    @classmethod
    def of(cls, dn: str, raw: Mapping[str, Iterable[bytes]]) -> Entry:
        return cls(dn, {plain(name): tuple(values) for name, values in raw.items() if values})

    def all(self, attribute: str) -> tuple[str, ...]:
        """What is no text is left out: it only describes."""
        found = []
        for value in self.values.get(plain(attribute), ()):
            try:
                found.append(value.decode())
            except UnicodeDecodeError:
                continue
        return tuple(found)

    def text(self, attribute: str) -> str | None:
        for value in self.values.get(plain(attribute), ()):
            try:
                return value.decode()
            except UnicodeDecodeError:
                continue
        return None

    def raw(self, attribute: str) -> bytes | None:
        return next(iter(self.values.get(plain(attribute), ())), None)

    def number(self, attribute: str) -> int | None:
        try:
            return int(self.text(attribute) or "")
        except ValueError:
            return None


@functools.lru_cache(maxsize=1024)
def plain(attribute: str) -> str:
    """An attribute's name as the keys of `Entry.values` are."""
    return attribute.partition(";")[0].casefold()


def guid(raw: bytes) -> str:
    """Of an objectGUID ([MS-DTYP] section 2.3.4.2). ValueError where it is none."""
    return str(uuid.UUID(bytes_le=raw))


def guid_bytes(text: str) -> bytes | None:
    try:
        return uuid.UUID(text).bytes_le
    except ValueError:
        return None


def sid(raw: bytes) -> str:
    """Of an objectSid ([MS-DTYP] section 2.4.2.2)."""
    numbers = [str(int.from_bytes(raw[at : at + 4], "little")) for at in range(8, 8 + 4 * raw[1], 4)]
    return "-".join(["S", str(raw[0]), str(int.from_bytes(raw[2:8], "big")), *numbers])


def from_filetime(value: int | None) -> dt.datetime | None:
    """Hundreds of nanoseconds since 1601; None for never, and for what no calendar has."""
    if value is None or value in NEVER:
        return None
    try:
        return FILETIME_BEGINS + dt.timedelta(microseconds=value // 10)
    except OverflowError:
        return None


def to_filetime(moment: dt.datetime) -> int:
    return (moment - FILETIME_BEGINS) // dt.timedelta(microseconds=1) * 10


def from_generalized(text: str | None) -> dt.datetime | None:
    """A GeneralizedTime with Z (RFC 4517 section 3.3.13), as servers write it, without its fraction; None for
    what is none.
    """
    if not text or not text.endswith("Z"):
        return None
    digits = text[:-1].partition(".")[0]
    if len(digits) not in TO_HOUR_MINUTE_SECOND or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return dt.datetime.fromisoformat(f"{digits[:8]}T{digits[8:]}+00:00")
    except ValueError:
        return None


def to_generalized(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y%m%d%H%M%SZ")
