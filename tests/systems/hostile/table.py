"""What of the list is tried where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.systems.hostile import answers, names
from tests.systems.hostile.items import Item
from tests.systems.hostile.walk import Walk
from tests.systems.table import SYSTEMS

WALKS: Mapping[Item, Callable[[Walk], None]] = {
    Item.LONG_NAME: names.long_name,
    Item.EMOJI: names.emoji,
    Item.RIGHT_TO_LEFT: names.right_to_left,
    Item.ONE_NAME: names.one_name,
    Item.APOSTROPHE: names.apostrophe,
    Item.LDAP_INJECTION: names.ldap_injection,
    Item.FILTER_INJECTION: names.filter_injection,
    Item.CASE_OR_ACCENT: names.case_or_accent,
    Item.CROWD: names.crowd,
    Item.LOGIN_TAKEN_AGAIN: names.login_taken_again,
    Item.ACTIVE_AS_TEXT: answers.active_as_text,
    Item.IGNORED_CHANGE: answers.ignored_change,
    Item.REPEATED_PAGE: answers.repeated_page,
    Item.HUGE_ANSWER: answers.huge_answer,
    Item.INVALID_UTF8: answers.invalid_utf8,
    Item.TOKEN_ENDPOINT_DOWN: answers.token_endpoint_down,
    Item.CIRCLE: names.circle,
}
STATUS = "it says by one word of several whether an account can be used, which is text always"
NUMBERS = "it has no truth values: whether an account can be used is read from a number or a moment"
NO_TOKEN = "its credential goes with every request, and is exchanged for no token"
WITHOUT_MEANING: Mapping[tuple[Item, str], str] = {
    (Item.ACTIVE_AS_TEXT, "okta"): STATUS,
    (Item.ACTIVE_AS_TEXT, "active_directory"): NUMBERS,
    (Item.ACTIVE_AS_TEXT, "ldap"): NUMBERS,
    (Item.TOKEN_ENDPOINT_DOWN, "scim"): NO_TOKEN,
    (Item.TOKEN_ENDPOINT_DOWN, "active_directory"): NO_TOKEN,
    (Item.TOKEN_ENDPOINT_DOWN, "ldap"): NO_TOKEN,
}


def walks() -> Iterator[Any]:
    """Every item at every system for which it has a meaning; a system's tests in a row."""
    for system in SYSTEMS:
        for item in Item:
            if (item, system.provider) not in WITHOUT_MEANING:
                yield pytest.param(item, system, id=f"{item.name.lower()}-{system.provider}")
