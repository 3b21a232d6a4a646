"""Logins made of names: a pattern, letters that every system takes, and numbers where one is taken."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

GERMAN: Mapping[str, str] = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
SEPARATORS = ".-_"
NUMBER = "number"
INITIALS: Mapping[str, str] = {"g": "given", "m": "middle", "f": "family"}
NAMES = ("given", "middle", "family", "employee", *INITIALS)
"""What a pattern may put in, beside the number."""
_UNSPOKEN = frozenset({"So", "Sk", "Cf", "Cc", "Cn", "Co", "Cs", "Me"})
"""Unicode's categories of what no name is made of: emoji, marks of direction, control characters."""
_PIECE = re.compile(r"\{([a-z]+)(?::(\d{1,2}))?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How a name becomes letters: `replace` first, then German umlauts where `german`, then whatever Latin
    letters come nearest. `signs` are those that may stand in a login beside letters a to z and digits.
    """

    german: bool = False
    replace: Mapping[str, str] = field(default_factory=dict)
    signs: str = SEPARATORS

    def letters(self, name: str) -> str:
        """The name in lower case, of what may stand in a login; its parts stand together. "" where nothing of
        it can.
        """
        from anyascii import anyascii

        plain = unicodedata.normalize("NFC", name).lower()
        for old, new in {**self.replace, **(GERMAN if self.german else {})}.items():
            plain = plain.replace(unicodedata.normalize("NFC", old).lower(), new)
        spoken = "".join(sign for sign in plain if unicodedata.category(sign) not in _UNSPOKEN)
        return self.allowed(anyascii(spoken).lower())

    def allowed(self, text: str) -> str:
        letters = string.ascii_lowercase + string.digits + self.signs
        return "".join(sign for sign in text if sign in letters)


@dataclass(frozen=True, slots=True)
class Pattern:
    """`{given}.{family}@acme.example`: names in braces, `:3` behind one takes its first three letters. What
    stands behind an @ is written as it is.
    """

    text: str

    @property
    def local(self) -> str:
        return self.text.partition("@")[0]

    @property
    def domain(self) -> str:
        """With its @; "" where there is none."""
        return "".join(self.text.partition("@")[1:])

    def check(self, signs: str) -> None:
        """ValueError says what cannot be."""
        for name, _ in _PIECE.findall(self.local):
            if name not in {*NAMES, NUMBER}:
                raise ValueError(f"{{{name}}} is none of {', '.join([*NAMES, NUMBER])}")
        written = _PIECE.sub("", self.local)
        if "{" in written or "}" in written or re.search(r"[{}@]", self.domain[1:]):
            raise ValueError(f"{self.text!r}: names in braces stand before the @, each like {{given}}")
        if len(_PIECE.findall(self.local)) == self.local.count("{number"):
            raise ValueError(f"{self.text!r}: there is no name in it")
        wrong = sorted(set(written) - set(string.ascii_lowercase + string.digits + signs))
        if wrong:
            raise ValueError(f"{wrong[0]!r} is written in the pattern and may not stand in a login")

    def login(self, names: Mapping[str, str], number: int | None, longest: int) -> str:
        """`names` are letters already. "" where none of those that the pattern wants is known.

        The part before the @ has at most `longest` characters; its number is always whole.
        """
        wanted = [name for name, _ in _PIECE.findall(self.local) if name != NUMBER]
        if not any(names.get(INITIALS.get(name, name)) for name in wanted):
            return ""
        has_place = self._number_piece() is not None
        ending = "" if number is None or has_place else str(number)
        text = _PIECE.sub(lambda match: _filled(match, names, number), self.local)
        if has_place and len(text) > longest:  # a number inside: the names give way to it
            spare = len(text) - longest
            shorter = {name: value[: max(1, len(value) - spare)] for name, value in names.items()}
            text = _PIECE.sub(lambda match: _filled(match, shorter, number), self.local)
        text = _tidy(text)[: longest - len(ending)]
        return f"{text.rstrip(SEPARATORS)}{ending}{self.domain.lower()}"

    def first_number(self) -> int | None:
        """Of the first candidate: a pattern that gives the number a width has one always."""
        piece = self._number_piece()
        return 1 if piece is not None and piece[1] else None

    def _number_piece(self) -> tuple[str, str] | None:
        return next((piece for piece in _PIECE.findall(self.local) if piece[0] == NUMBER), None)


def candidates(
    patterns: list[Pattern], names: Mapping[str, str], *, longest: int, last: int
) -> Iterator[tuple[str, int | None]]:
    """Each login with its number: every pattern by itself, then the first one with numbers, to `last`."""
    seen = {""}
    first = patterns[0]
    plain = [(pattern, pattern.first_number()) for pattern in patterns]
    for pattern, number in [*plain, *((first, number) for number in range(2, last + 1))]:
        login = pattern.login(names, number, longest)
        if login not in seen:
            seen.add(login)
            yield login, number


def _filled(match: re.Match[str], names: Mapping[str, str], number: int | None) -> str:
    name, width = match[1], int(match[2] or 0)
    if name == NUMBER:
        return "" if number is None else str(number).zfill(width)
    value = names.get(INITIALS.get(name, name), "")
    if name in INITIALS:
        return value[: width or 1]
    return value[:width] if width else value


def _tidy(text: str) -> str:
    """Without separators where a name is missing: none at an end, and no two beside each other."""
    return re.sub(r"([.\-_])[.\-_]+", r"\1", text).strip(SEPARATORS)
