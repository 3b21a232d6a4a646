"""Passwords of our own making."""

from __future__ import annotations

import secrets
import string

from officeflow.connectors.families.identity import PasswordRules

LONG = 20
LONGEST = 128
CLASSES = (
    "".join(sorted(set(string.ascii_lowercase) - set("lo"))),
    "".join(sorted(set(string.ascii_uppercase) - set("IO"))),
    "23456789",
    "!#%*+-=?@_",
)
"""Of each what nobody takes for something else when it is read out or typed."""


def made_by(rules: PasswordRules) -> str:
    """A password that nobody knows, of every class, longer than the rules want where they want little."""
    length = min(max(LONG, rules.shortest), LONGEST)
    signs = [secrets.choice(each) for each in CLASSES]
    signs += [secrets.choice("".join(CLASSES)) for _ in range(length - len(signs))]
    secrets.SystemRandom().shuffle(signs)
    return "".join(signs)
