"""What a realm wants of passwords, and one that fits."""

from __future__ import annotations

import re
import secrets

from officeflow.connectors.families.identity import PasswordRules

LENGTH = 20
"""Of a password that we make, unless the realm wants more or allows less."""
CLASSES = {
    "lowerCase": "abcdefghijkmnpqrstuvwxyz",
    "upperCase": "ABCDEFGHJKLMNPQRSTUVWXYZ",
    "digits": "23456789",
    "specialChars": "!#%*+-=?@_",
}
"""By Keycloak's names for what there have to be some of; none that is taken for another when it is typed."""
RULE = re.compile(r"(\w+)\((\d+)\)")


def limits(policy: str) -> dict[str, int]:
    """`length(12) and digits(2) and notUsername(undefined)`: those that are numbers."""
    return {name: int(number) for name, number in RULE.findall(policy)}


def rules(policy: str | None) -> PasswordRules:
    return PasswordRules(shortest=_length(limits(policy or ""), usual=PasswordRules().shortest))


def made(policy: str | None) -> str:
    """A password that nobody knows, with enough of every class."""
    told = limits(policy or "")
    signs = [secrets.choice(kind) for name, kind in CLASSES.items() for _ in range(max(1, told.get(name, 0)))]
    every = "".join(CLASSES.values())
    signs += [secrets.choice(every) for _ in range(_length(told, usual=LENGTH) - len(signs))]
    secrets.SystemRandom().shuffle(signs)
    return "".join(signs)


def _length(told: dict[str, int], *, usual: int) -> int:
    wanted = sum(told.get(name, 0) for name in CLASSES)
    return min(max(usual, told.get("length", 0), wanted), told.get("maxLength", 10_000))
