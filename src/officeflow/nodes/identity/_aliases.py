"""What the nodes about further addresses have in common."""

from __future__ import annotations

from typing import Protocol

from pydantic import Field

from officeflow.connectors.families.identity import Account, FindsAccounts, KeepsAliases
from officeflow.nodes.identity._accounts import AccountParams
from officeflow.sdk import BareAddress, NodeOutput


class AliasParams(AccountParams):
    """Whose account, and which address."""

    alias: BareAddress = Field(
        description="The further address.", examples=["ana.lopez@acme.example"], max_length=320
    )


class Aliases(NodeOutput):
    """The account's further addresses."""

    account_id: str = Field(description="The provider's own id of the account.")
    login: str = Field(description="User name.")
    aliases: list[str] = Field(description="Its further addresses now.")


class Directory(FindsAccounts, KeepsAliases, Protocol):
    """What the nodes need of an identity provider."""


def has(account: Account, address: str) -> bool:
    return address.casefold() in {alias.casefold() for alias in account.aliases}


def told(account: Account) -> str:
    return f"account {account.login} has the addresses {', '.join(account.aliases) or 'none besides'}"


def without(account: Account, address: str) -> list[str]:
    return [alias for alias in account.aliases if alias.casefold() != address.casefold()]


def aliases_of(account: Account, *, changed: bool) -> Aliases:
    return Aliases(changed=changed, account_id=account.id, login=account.login, aliases=list(account.aliases))
