"""What the nodes about roles have in common."""

from __future__ import annotations

from typing import Protocol

from pydantic import Field

from officeflow.connectors.families.identity import FindsAccounts, KeepsRoles
from officeflow.nodes.identity._accounts import AccountParams, locate
from officeflow.nodes.identity._entitlements import Held, Matter, known, take_back
from officeflow.nodes.identity._undo import account_again
from officeflow.sdk import Act


class RoleParams(AccountParams):
    """Whose account, and which role."""

    role: str = Field(
        description="Name or id of the role; one within something says that first.",
        examples=["crm/editor"],
        min_length=1,
        max_length=1024,
    )


class Directory(FindsAccounts, KeepsRoles, Protocol):
    """What the nodes need of an identity provider."""


def matter_of(params: RoleParams, provider: Directory, act: Act) -> Matter:
    account = locate(params, provider, act)
    there = provider.roles_of(account.id)
    role = known("role", params.role, provider.find_role(params.role), there, provider.address)
    return Matter("role", account, role, there, provider.address)


def undo_role(params: RoleParams, output: Held, provider: Directory, act: Act) -> None:
    account = account_again(output.account_id, provider, act)
    if account is not None:
        take_back(
            "role",
            account,
            output,
            provider.roles_of(account.id),
            act,
            take=lambda _: provider.unassign_role(account.id, params.role, key=act.key),
            give=lambda _: provider.assign_role(account.id, params.role, key=act.key),
        )
