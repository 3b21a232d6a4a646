"""Words in the names of payload fields, and what they say: whether a field is a person's private matter.

Names are read by their words, however they are joined (`homeEmail`, `home_email`, `HOME-EMAIL`), and, where
they are not joined visibly (`homeemail`), by the longer parts in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")

_WORDS = """
home private personal address addr street zip zipcode postcode postal
birth birthday birthdate dob born age
pay salary wage bonus compensation earning income remuneration
bank iban bic swift account routing
sin nin nino ssn nhs tax tin passport visa license licence national nationality citizenship identity
phone mobile cell telephone tel fax
emergency kin spouse child children dependent family
religion faith belief health medical sick sickness illness disability disabled pregnancy pregnant maternity
leave
gender sex sexual pronoun marital married ethnicity ethnic race union political
criminal conviction reason password passphrase secret token pin"""
PRIVATE_WORDS = frozenset(_WORDS.split())
"""In the singular, lower case."""

_PARTS = """
salary salaries passport address birth personal private gender religion nationality emergency disab ethnic
marital medical
health compensation password payrate bankaccount homeemail homephone mobilephone socialsecurity nationalid
taxid iban"""
PRIVATE_PARTS = tuple(_PARTS.split())
"""In a name without case and separators."""


def plain(name: str) -> str:
    """`name` without case and separators: `personalEmail`, `personal-email` and `personal_email` are one name
    to the classification.
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


def words(name: str) -> list[str]:
    """In lower case, without numbers: `bankAccountNumber2` has bank, account and number."""
    return [word.lower() for word in _WORD.findall(name)]


def sounds_private(name: str) -> bool:
    """Whether a word or a part of the name is one of a private matter. Says no of what it does not know."""
    found = words(name)
    whole = plain(name)
    return any(word in PRIVATE_WORDS or word.removesuffix("s") in PRIVATE_WORDS for word in found) or any(
        part in whole for part in PRIVATE_PARTS
    )


def names_in(value: Any) -> Iterator[str]:
    """Names of fields at any depth of objects and lists."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from names_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names_in(inner)
