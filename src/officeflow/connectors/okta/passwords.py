"""Passwords that nobody knows."""

from __future__ import annotations

import secrets
import string

SIGNS = "-_.!+"
LENGTH = 40


def unknown_password() -> str:
    """One that is kept nowhere, with a letter of each case, a digit and a sign."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, SIGNS)
    chosen = [secrets.choice(kind) for kind in kinds]
    chosen += [secrets.choice("".join(kinds)) for _ in range(LENGTH - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)
