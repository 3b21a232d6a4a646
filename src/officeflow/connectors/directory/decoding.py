"""Entries as `ldap3` gives them, with their values as bytes alone: each value is decoded where it is read.

`ldap3` itself makes texts and other types of every value too, which takes longer than all that is done with
an entry afterwards.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

SEARCH_RESULT_ENTRY = 4
"""RFC 4511 section 4.5.2: `[APPLICATION 4]`."""

Decode = Callable[[dict[str, Any]], dict[str, Any]]


def with_bytes_alone(decode: Decode) -> Decode:
    """`decode` is a strategy's `decode_response_fast`, which all else goes to: other messages, entries with
    controls, and with options in the names of attributes, such as the ranges that `ldap3` goes on reading.

    Raises what is no error of `ldap3` where the message is not built as an entry is. In what `ldap3` has read
    of a message, each element is a class, whether it is constructed, a type and the content.
    """

    def decoded(message: dict[str, Any]) -> dict[str, Any]:
        if message["protocolOp"] != SEARCH_RESULT_ENTRY or message["controls"]:
            return decode(message)
        (_, _, _, name), (_, _, _, attributes) = message["payload"]
        found = {}
        for _, _, _, ((_, _, _, kind), (_, _, _, values)) in attributes:
            if b";" in kind:
                return decode(message)
            found[_text(kind)] = [value for _, _, _, value in values]
        b"".join(itertools.chain.from_iterable(found.values()))  # TypeError where one is something else
        return {
            "type": "searchResEntry",
            "raw_dn": name,
            "dn": _text_of(name),
            "raw_attributes": found,
            "attributes": {},
        }

    return decoded


def _text_of(name: bytes) -> str:
    from ldap3.utils.conv import to_unicode

    text: str = to_unicode(name, from_server=True)
    return text


_text = functools.lru_cache(maxsize=1024)(_text_of)
"""Of an attribute's name: a page has the same ones in each entry."""
