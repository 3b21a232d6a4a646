"""The list of bad input and hostile counterparts that every identity system is tried with."""

from __future__ import annotations

import enum


class Item(enum.StrEnum):
    """Each ends in a clear error or a question to a person; nothing is doubled, and no secret is told."""

    LONG_NAME = "a name of 300 characters"
    EMOJI = "emoji"
    RIGHT_TO_LEFT = "right-to-left text"
    ONE_NAME = "one name only"
    APOSTROPHE = "an apostrophe"
    LDAP_INJECTION = "LDAP filter and DN injection"
    FILTER_INJECTION = "OData and SCIM filter injection"
    CASE_OR_ACCENT = "a login that differs only in case or accent"
    CROWD = "a group with 5,000 members"
    LOGIN_TAKEN_AGAIN = "a deleted user whose login is taken again"
    ACTIVE_AS_TEXT = "active as text"
    IGNORED_CHANGE = "PATCH that is ignored"
    REPEATED_PAGE = "a page token that repeats"
    HUGE_ANSWER = "an answer of 1 GB"
    INVALID_UTF8 = "invalid UTF-8"
    TOKEN_ENDPOINT_DOWN = "a token endpoint that is down in the middle of a run"
    CIRCLE = "a manager chain in a circle"
