"""What the nodes about the applications of accounts have in common."""

from __future__ import annotations

from typing import Protocol

from pydantic import Field

from officeflow.connectors.families.identity import AssignsApplications, FindsAccounts
from officeflow.nodes.identity._accounts import AccountParams, locate
from officeflow.nodes.identity._entitlements import Held, Matter, known, part_of, take_back
from officeflow.nodes.identity._undo import account_again
from officeflow.sdk import Act


class ApplicationParams(AccountParams):
    """Whose account, which application, and which of its roles."""

    application: str = Field(
        description="Name or id of the application.", examples=["CRM"], min_length=1, max_length=1024
    )
    role: str | None = Field(
        None,
        description="One of the application's own roles, where it has them.",
        examples=["editor"],
        min_length=1,
        max_length=1024,
    )


class Directory(FindsAccounts, AssignsApplications, Protocol):
    """What the nodes need of an identity provider."""


def matter_of(params: ApplicationParams, provider: Directory, act: Act) -> Matter:
    account = locate(params, provider, act)
    there = provider.applications_of(account.id)
    found = provider.find_application(params.application)
    application = known("application", params.application, found, there, provider.address)
    return Matter(
        "application", account, application, there, provider.address, has_parts=True, part=params.role
    )


def undo_application(params: ApplicationParams, output: Held, provider: Directory, act: Act) -> None:
    """Each role of the application by itself: the account may have others, which stay."""
    account = account_again(output.account_id, provider, act)
    if account is not None:
        take_back(
            "application",
            account,
            output,
            provider.applications_of(account.id),
            act,
            take=lambda name: provider.unassign_application(
                account.id, name if part_of(name, output.name) else params.application, key=act.key
            ),
            give=lambda name: provider.assign_application(
                account.id, params.application, role=part_of(name, output.name), key=act.key
            ),
        )
