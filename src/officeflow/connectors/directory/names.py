"""Filters and names (RFC 4515, RFC 4514). What comes from elsewhere goes through `ldap3`'s own functions."""

from __future__ import annotations

import re
from collections.abc import Iterable

from officeflow.addresses import is_one_line

LONGEST_CN = 64
"""Signs (X.520's ub-common-name)."""
BLANKS = re.compile(r"(?<!\\), +")
"""People write them behind the commas of a DN."""


def equal(attribute: str, value: str | bytes) -> str:
    """A filter for one value, each byte of it escaped: also the blanks at its ends, which `ldap3` drops."""
    from ldap3.utils.conv import escape_bytes

    data = value.encode(errors="surrogatepass") if isinstance(value, str) else value
    return f"({attribute}={escape_bytes(data)})"


def either(filters: Iterable[str]) -> str:
    found = list(filters)
    return found[0] if len(found) == 1 else f"(|{''.join(found)})"


def every(*filters: str) -> str:
    return f"(&{''.join(filters)})"


def can_be_name(value: str) -> bool:
    """Whether it can stand in a DN and be read back as it was: blanks at the ends do not count there."""
    return bool(value) and value == value.strip() and is_one_line(value) and value.isprintable()


def rdn(attribute: str, value: str) -> str:
    """The first part of a DN. `value` is as `can_be_name` says."""
    from ldap3.utils.dn import escape_rdn

    return f"{attribute}={escape_rdn(value)}"


def common_name(name: str) -> str:
    """The name as it may stand in a DN: printable signs, single blanks, and not too long."""
    plain = "".join(sign if sign.isprintable() else " " for sign in name)
    return " ".join(plain.split())[:LONGEST_CN].rstrip()


def parts(dn: str) -> list[tuple[str, str]] | None:
    """Its RDNs as texts with what they mean, apart from case; None where it is no DN."""
    from ldap3.core.exceptions import LDAPInvalidDnError
    from ldap3.utils.dn import parse_dn

    found: list[tuple[str, str]] = []
    text = ""
    try:
        for kind, value, separator in parse_dn(BLANKS.sub(",", dn)):
            text += f"{kind}={value}"
            if separator == "+":
                text += "+"
                continue
            found.append((text, _meant(text)))
            text = ""
    except (LDAPInvalidDnError, IndexError):
        return None
    return found


def split(dn: str) -> tuple[str, str]:
    """Its first RDN and the DN of its parent, as they are written."""
    if "\\" not in dn:
        first, _, parent = dn.partition(",")
        return first, parent
    escaped = False
    for place, sign in enumerate(dn):
        if sign == "," and not escaped:
            return dn[:place], dn[place + 1 :]
        escaped = sign == "\\" and not escaped
    return dn, ""


def is_below(dn: str, base: str) -> bool:
    """Whether the entry is the base or below it."""
    inner, outer = parts(dn), parts(base)
    if inner is None or outer is None or len(inner) < len(outer):
        return False
    return [meant for _, meant in inner[len(inner) - len(outer) :]] == [meant for _, meant in outer]


def same(one: str, other: str) -> bool:
    """Whether two DNs name one entry."""
    first, second = parts(one), parts(other)
    return (
        first is not None
        and second is not None
        and [meant for _, meant in first] == [meant for _, meant in second]
    )


def _meant(text: str) -> str:
    """A text in which escapes by sign and by code are alike."""
    kind, _, value = text.partition("=")
    data, place, raw = bytearray(), 0, value.strip().encode(errors="surrogatepass")
    while place < len(raw):
        if raw[place : place + 1] == b"\\" and place + 1 < len(raw):
            pair = raw[place + 1 : place + 3]
            try:
                data += bytes.fromhex(pair.decode("ascii"))
                place += 3
                continue
            except ValueError:
                place += 1
        data += raw[place : place + 1]
        place += 1
    return f"{kind.strip().casefold()}={data.decode(errors='replace').casefold()}"
