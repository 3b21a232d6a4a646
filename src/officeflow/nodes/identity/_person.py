"""Whose account is it? Told by the employee number where there is one, and by everything else where the
provider has not kept it.
"""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from officeflow.connectors.families.identity import Account
from officeflow.sdk import CLOCK_SKEW, Act

LAST_NUMBER = 99
ENTERPRISE_NUMBER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"


class Whose(enum.Enum):
    """`UNCLEAR`: it may be the person's, and nothing proves it."""

    THEIRS = "theirs"
    ANOTHERS = "another's"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """By what an account can be known as this person's."""

    login: str
    external_id: str | None
    employee_number: str | None
    """What the directory itself is told as the employee number, beside our `external_id`."""
    given_name: str | None
    family_name: str | None
    display_name: str | None
    email: str | None

    def logins(self) -> Iterator[str]:
        """The login, and then what numbering makes of it, from ana2@ on."""
        local, at, domain = self.login.partition("@")
        yield self.login
        yield from (f"{local}{number}{at}{domain}" for number in range(2, LAST_NUMBER + 1))

    def whose(self, account: Account, act: Act, *, acted: bool) -> Whose:
        """Whose it is. `acted` is whether this act may have created it, now or in an earlier attempt."""
        if account.foreign:
            return Whose.UNCLEAR if account.external_id == self.external_id else Whose.ANOTHERS
        new, same, different = made_since(account, act), self._same(account), self._different(account)
        by_number = self._by_number(account)
        if by_number is Whose.ANOTHERS and acted and new and same and not different:
            return Whose.UNCLEAR
        if by_number is not None:
            return by_number
        if acted and new and not different:
            return Whose.THEIRS
        return Whose.ANOTHERS if different and not same and not new else Whose.UNCLEAR

    def _by_number(self, account: Account) -> Whose | None:
        """None where the numbers say nothing."""
        known = [(self.external_id, account.external_id), (self.employee_number, account.employee_number)]
        equal = {ours == theirs for ours, theirs in known if ours and theirs}
        if len(equal) == 2:  # one number says yes, the other no
            return Whose.THEIRS if self.external_id == account.external_id else Whose.UNCLEAR
        if equal:
            return Whose.THEIRS if True in equal else Whose.ANOTHERS
        return Whose.THEIRS if self.external_id and self.external_id == account.employee_number else None

    def is_stranger(self, account: Account) -> bool:
        """Whether an account of the same number is of another domain, and nothing else of it is this
        person's.
        """
        domains = {_domain(account.login), *map(_domain, account.emails)} - {""}
        ours = {_domain(self.login), _domain(self.email or "")} - {""}
        return bool(domains and ours) and not domains & ours and not self._same(account)

    def _same(self, account: Account) -> bool:
        """Whether the name or the address is the same."""
        names = self._compared(account)
        return (bool(names) and all(names)) or self._same_address(account) is True

    def _different(self, account: Account) -> bool:
        return False in self._compared(account) or self._same_address(account) is False

    def _compared(self, account: Account) -> list[bool]:
        """Of the parts of the name that both have, whether they are the same; of the shown name only where
        there is no other.
        """
        parts = [_alike(self.given_name, account.given_name), _alike(self.family_name, account.family_name)]
        known = [alike for alike in parts if alike is not None]
        shown = _alike(self.display_name, account.display_name)
        return known or ([shown] if shown is not None else [])

    def _same_address(self, account: Account) -> bool | None:
        addresses = account.emails or ((account.email,) if account.email else ())
        return any(_alike(self.email, each) for each in addresses) if self.email and addresses else None


def made_since(account: Account, act: Act) -> bool:
    """Whether the provider says that the account is no older than the act."""
    return account.created_at is not None and account.created_at >= act.began_at - CLOCK_SKEW


def _alike(one: str | None, other: str | None) -> bool | None:
    """None where one of them is not known."""
    return _plain(one) == _plain(other) if one and other else None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _domain(address: str) -> str:
    return address.rpartition("@")[2].casefold() if "@" in address else ""
