"""E-mail addresses, read in one way wherever one is taken: strictly, so that nobody else gets the mail.

An address is `ana@acme.example`, or with a name `Ana Pérez <ana@acme.example>`. What could be read in two
ways is refused: several addresses in one text, a comma in a name without quotes, comments, groups, routes. A
domain outside ASCII is taken by IDNA 2008 (RFC 5891) and is not mapped to something near it: `straße.example`
is another domain than `strasse.example`.
"""

from __future__ import annotations

import re
import string
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, unquote

import idna

from officeflow.errors import InvalidInput

ATEXT = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~-"
"""RFC 5322 section 3.2.3."""

LOCAL_PART = re.compile(rf"[{ATEXT}]+(?:\.[{ATEXT}]+)*")
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
WITH_NAME = re.compile(
    r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^"\\()<>\[\]:;@,]*)) ?<(?P<address>[^<>]*)>', re.DOTALL
)

LONGEST_LOCAL_PART, LONGEST_LABEL, LONGEST_DOMAIN, LONGEST_ADDRESS = 64, 63, 253, 254
"""Octets: RFC 5321 section 4.5.3.1, RFC 1035 section 2.3.4; a path of 256 has two angle brackets around the
address.
"""

LONGEST_TEXT = 1000
"""Characters of an address with its name."""

NOT_TEXT = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of characters that cannot stand in one line of text: controls, halves of pairs, ends of lines
and paragraphs.
"""

MAILTO_SAFE = "!$'*+-_@~."

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """`address` is what goes over the wire: ASCII, its domain in lower case.

    `name` is the text that a reader sees, or "".
    """

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def mailbox(text: str) -> Mailbox:
    """The one mailbox that `text` names, with or without a name.

    `InvalidInput` says what is wrong with it.
    """
    given = text.strip(" ")
    if len(given) > LONGEST_TEXT:
        raise _refused(text, f"it is longer than {LONGEST_TEXT} characters")
    if not is_one_line(given):
        raise _refused(text, "there is a control character in it", "an address is one line")
    if not given.endswith(">"):
        return Mailbox(_addr_spec(given, text))
    found = WITH_NAME.fullmatch(given)
    if found is None:
        raise _refused(
            text,
            "it can be read in more than one way",
            'put a name with other signs in it in quotes: "Pérez, Ana" <ana@acme.example>',
        )
    quoted = found["quoted"]
    name = found["plain"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    return Mailbox(_addr_spec(found["address"], text), name.strip(" "))


def address(text: str) -> str:
    """The bare address in ASCII. `InvalidInput` for anything else, also for one with a name."""
    found = mailbox(text)
    if text.strip(" ").endswith(">"):
        raise _refused(text, "there is a name with it", "only the address itself is wanted: ana@acme.example")
    return found.address


def mailto(written: str) -> str:
    """The address as a URI (RFC 6068): a `?` or `%` in it is no part of the URI's own."""
    return f"mailto:{quote(written, safe=MAILTO_SAFE)}"


def of_mailto(uri: str) -> str:
    """The address in a `mailto:` URI; another text is given back as it is."""
    return unquote(uri[len("mailto:") :]) if uri[:7].lower() == "mailto:" else uri


def is_one_line(text: str) -> bool:
    return not any(unicodedata.category(character) in NOT_TEXT for character in text)


def one_line(text: str) -> str:
    """The text with every run of white space and control characters as one space."""
    return " ".join(
        "".join(
            " " if unicodedata.category(character) in NOT_TEXT else character for character in text
        ).split()
    )


def _addr_spec(given: str, text: str) -> str:
    local, at, domain = given.rpartition("@")
    if not (at and local and domain):
        raise _refused(text, "it is not name@domain", "such as ana@acme.example")
    if not local.isascii():
        raise _refused(
            text,
            f"there are letters outside ASCII before the @ ({local})",
            "mail servers that do not speak SMTPUTF8 take none: use an ASCII address",
        )
    if not LOCAL_PART.fullmatch(local):
        why = "it is more than one address" if "@" in local else f"{local!r} cannot stand before the @"
        raise _refused(
            text,
            why,
            "give several addresses as a list, one in each text"
            if "@" in local
            else "such as ana@acme.example",
        )
    written = f"{local}@{_ascii_domain(domain, text)}"
    if len(local) > LONGEST_LOCAL_PART or len(written) > LONGEST_ADDRESS:
        raise _refused(
            text,
            f"it is longer than {LONGEST_LOCAL_PART} characters before the @ or {LONGEST_ADDRESS} in all",
        )
    return written


def _ascii_domain(domain: str, text: str) -> str:
    """RFC 5890: labels of letters, digits and hyphens.

    ASCII letters are put into lower case; nothing else is mapped.
    """
    lower = domain.translate(_LOWER)
    labels = [_ascii_label(label, text) for label in lower.split(".")]
    written = ".".join(labels)
    if len(written) > LONGEST_DOMAIN:
        raise _refused(text, f"its domain is longer than {LONGEST_DOMAIN} characters")
    return written


def _ascii_label(label: str, text: str) -> str:
    try:
        written = (
            label if label.isascii() and not label.startswith("xn--") else idna.alabel(label).decode("ascii")
        )
    except (idna.IDNAError, UnicodeError) as error:
        raise _refused(
            text,
            f"its domain is none by IDNA 2008: {error}",
            "write it in lower case, as the domain is registered",
        ) from error
    if len(written) > LONGEST_LABEL or not LABEL.fullmatch(written):
        raise _refused(text, f"{label!r} cannot be part of a domain", "such as ana@acme.example")
    return written


def _refused(text: str, why: str, hint: str = "") -> InvalidInput:
    shown = text if len(text) <= 400 else f"{text[:400]}…"
    return InvalidInput(f"{shown!r} is not an e-mail address: {why}", hint=hint)
