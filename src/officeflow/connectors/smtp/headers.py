"""Header fields as they go over the wire: what is put into one is text, and a reader sees exactly that text.

Python's header classes read a value before they write it, and decode encoded words (RFC 2047) that they find
in it: what a person typed into an HR system would become headers. So each field is written here, once, and
`VERBATIM` puts it into the message as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email.base64mime import header_encode
from email.policy import EmailPolicy
from typing import Any
from urllib.parse import quote

from officeflow.addresses import ATEXT, Mailbox, is_one_line

FOLD = "\r\n "
LONGEST_LINE = 76
"""Of a line that has an encoded word (RFC 2047 section 2)."""
LONGEST_WORD = 75

FIELD_NAME = re.compile(r"[A-Za-z0-9-]{1,40}")
ATOMS = re.compile(rf"[{ATEXT}]+(?: [{ATEXT}]+)*")
PRINTABLE = re.compile(r"[ -~]*")
TOKEN = re.compile(r"[A-Za-z0-9._-]{1,60}")


class _Verbatim(EmailPolicy):
    """Fields are kept and written as they were given."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        return name, value

    def fold(self, name: str, value: str) -> str:
        return f"{name}: {value}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii")


# Seven-bit bodies, so that every server can take them, 8BITMIME or not.
VERBATIM = _Verbatim(linesep="\r\n", cte_type="7bit")


def text_field(name: str, text: str) -> str:
    """The value of an unstructured field. ValueError where `text` is more than one line."""
    _check(name, text)
    room = LONGEST_LINE - len(name) - 2
    plain = (
        PRINTABLE.fullmatch(text)
        and "=?" not in text
        and " ".join(text.split()) == text
        and len(text) <= room
    )
    return text if plain else FOLD.join(_encoded_words(text, room))


def address_field(name: str, mailboxes: Sequence[Mailbox]) -> str:
    """The value of a field that lists mailboxes, each of them on a line of its own."""
    for each in mailboxes:
        _check(name, each.name)
    return f",{FOLD}".join(_written(each, LONGEST_LINE - len(name) - 2) for each in mailboxes)


def attachment_disposition(filename: str) -> str:
    """`Content-Disposition` of a file; its name by RFC 2231, in parts where it is long."""
    _check("filename", filename)
    if TOKEN.fullmatch(filename):
        return f'attachment; filename="{filename}"'
    quoted = quote(filename, safe="")
    parts = re.findall(r"(?:%[0-9A-F]{2}|[^%]){1,18}", quoted)
    if len(parts) == 1:
        return f"attachment;{FOLD}filename*=utf-8''{quoted}"
    parts[0] = f"utf-8''{parts[0]}"
    return "attachment" + "".join(f";{FOLD}filename*{number}*={part}" for number, part in enumerate(parts))


def _written(mailbox: Mailbox, room: int) -> str:
    """`Ana <ana@acme.example>`.

    A name is bare where it is words, and else encoded: in quotes too some readers decode what looks so.
    """
    name, bare = mailbox.name, f"<{mailbox.address}>"
    if not name:
        return mailbox.address
    if ATOMS.fullmatch(name) and "=?" not in name and len(name) + len(bare) < room:
        return f"{name} {bare}"
    return f"{FOLD.join(_encoded_words(name, room))}{FOLD}{bare}"


def _encoded_words(text: str, room: int) -> Iterator[str]:
    """The text as encoded words; the first has `room` characters, the others a line each.

    No character is cut in two.
    """
    frame = len("=?utf-8?b?") + len("?=")
    taken, most = b"", (min(room, LONGEST_WORD) - frame) // 4 * 3
    for character in text:
        octets = character.encode("utf-8")
        if len(taken) + len(octets) > most:
            yield header_encode(taken, "utf-8")
            taken, most = b"", (LONGEST_WORD - frame) // 4 * 3
        taken += octets
    yield header_encode(taken, "utf-8")


def _check(name: str, text: str) -> None:
    if not is_one_line(text):
        raise ValueError(f"{name}: {text!r} has a control character in it or is more than one line")
