"""Which accounts may have been a person's before: live and deleted ones, and how sure that is."""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from officeflow.connectors.families import Capability, capabilities_of
from officeflow.connectors.families.identity import Account, FindsAccounts, ListsAccounts
from officeflow.nodes.identity._accounts import deleted_accounts


class Sureness(enum.Enum):
    CERTAIN = "the number is the same"
    UNCERTAIN = "it may be theirs"
    NOT = "it is another person's"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the person. `names` are whole ones, the present and the former."""

    external_id: str | None
    logins: tuple[str, ...]
    emails: tuple[str, ...]
    names: tuple[str, ...]

    def sureness(self, account: Account) -> Sureness:
        """By the number where both have one; a name that is another makes even that uncertain."""
        numbers = {account.external_id, account.employee_number} - {None}
        same_name = self._has_name_of(account)
        if self.external_id in numbers and not account.foreign:
            return Sureness.UNCERTAIN if same_name is False else Sureness.CERTAIN
        if account.foreign:
            return Sureness.NOT
        if self.external_id and numbers and not same_name:
            return Sureness.NOT
        return Sureness.UNCERTAIN

    def _has_name_of(self, account: Account) -> bool | None:
        """None where one of them has no name."""
        whole = " ".join(part for part in (account.given_name, account.family_name) if part)
        theirs = {_plain(name) for name in (whole, account.display_name or "")} - {""}
        ours = {_plain(name) for name in self.names} - {""}
        return bool(theirs & ours) if theirs and ours else None

    def is_called_like(self, account: Account) -> bool:
        return self._has_name_of(account) is True


def candidates(known: Known, provider: FindsAccounts, *, by_name: bool) -> Sequence[Account]:
    """Every account that something of the person leads to, each once, live ones first.

    `by_name` reads all accounts there are, where the system lists them.
    """
    found = {each.id: each for each in _deleted(known, provider)}
    live = {each.id: each for each in _live(known, provider)}
    if by_name and Capability.LIST_ACCOUNTS in capabilities_of(type(provider)):
        listed = cast("ListsAccounts", provider).list_accounts()
        live = {each.id: each for each in listed if known.is_called_like(each)} | live
    return [*live.values(), *(each for each in found.values() if each.id not in live)]


def _live(known: Known, provider: FindsAccounts) -> Iterator[Account]:
    if known.external_id:
        if (own := provider.find_account(external_id=known.external_id)) is not None:
            yield own
        yield from provider.find_accounts(employee_number=known.external_id)
    for login in known.logins:
        if (holder := provider.find_account(login=login)) is not None:
            yield holder
    for email in known.emails:
        yield from provider.find_accounts(email=email)


def _deleted(known: Known, provider: FindsAccounts) -> Iterator[Account]:
    if known.external_id:
        yield from deleted_accounts(provider, external_id=known.external_id)
    for login in dict.fromkeys((*known.logins, *known.emails)):
        yield from deleted_accounts(provider, login=login)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
